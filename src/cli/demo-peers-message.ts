import type { CallResult } from '../peers/call-plan.ts';
import type { CalleeRecord } from '../peers/callee-call.ts';

/** What the demo's main thread and the thread of its dialer and carrier say to each other. */

/** Given to the thread when it starts. */
export type PeersStart = { readonly verbose: boolean };

/** Place every call of the demo. */
export type PlaceCalls = {
  readonly type: 'place-calls';
  /** Where Brusio takes SIP. */
  readonly server: { readonly address: string; readonly port: number };
  /** Where it takes agent reports, and the key for them. */
  readonly http: string;
  readonly apiKey: string;
};

/** To the thread. */
export type PeersOrder = PlaceCalls | { readonly type: 'stop' };

/** A call is over at both ends. */
export type CallOver = {
  readonly type: 'call-over';
  /** Index of the scenario. */
  readonly index: number;
  readonly result: CallResult;
  /** Null when the call did not end at the carrier. */
  readonly callee: CalleeRecord | null;
};

/** From the thread. */
export type PeersReport =
  | { readonly type: 'carrier-ready'; readonly port: number }
  | CallOver
  | { readonly type: 'failed'; readonly problem: string };
