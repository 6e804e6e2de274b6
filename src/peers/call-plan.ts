import type { MonotonicMs } from '../base/clock.ts';
import type { Recording } from './recorder.ts';

/** A call that the dialer is to place. */
export type CallPlan = {
  /** Becomes the user part of Request-URI and To. */
  readonly number: string;
  /** Becomes the user part of From. */
  readonly callerId: string;
  /** Further headers of the INVITE, by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** When and how an agent comes to the line; left out: nobody comes. */
  readonly agent?: PlannedAgent;
  /** INVITE to CANCEL in ms, put off until a provisional response is in (RFC 3261 §9.1). */
  readonly cancelAfterMs?: number;
  readonly hangUp?: {
    /** 200 to BYE, in ms. */
    readonly afterMs: number;
    /** Further headers of the BYE, by name, such as a disposition. */
    readonly headers?: Readonly<Record<string, string>>;
  };
  /** When a call that has not ended by itself is given up, in ms from the INVITE; default `CALL_LIMIT_MS`. */
  readonly limitMs?: number;
};

/** How an agent comes to the line. From then on the agent's melody is what the dialer sends. */
export type PlannedAgent =
  /** Already there: the INVITE's headers say so. */
  | { readonly by: 'invite' }
  /** `afterMs` after the 200 the dialer sends an INFO with these headers. */
  | { readonly by: 'info'; readonly afterMs: number; readonly headers: Readonly<Record<string, string>> }
  /** `afterMs` after the 200 the dialer calls this; a rejection is a problem of the call. */
  | { readonly by: 'callback'; readonly afterMs: number; readonly report: (dialerCallId: string) => Promise<void> };

/** The longest a call may last when its plan does not say: half a minute more than a session nobody ends. */
export const CALL_LIMIT_MS = 60_000;

/** How a call ended, seen by the dialer. */
export type DialerEnd = 'peer-hung-up' | 'dialer-hung-up' | 'cancelled' | 'failed' | 'given-up';

/** What the dialer saw of one call; times are null when the thing did not happen. */
export type CallResult = {
  readonly number: string;
  readonly dialerCallId: string;
  /** Every response to the INVITE in order, repeated ones too. */
  readonly statuses: readonly number[];
  /** The final status; 408 when nobody answered. */
  readonly finalStatus: number;
  /** The headers of the last response to the INVITE, by lower-case name. */
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly invitedAtMs: MonotonicMs;
  readonly ringingAtMs: MonotonicMs | null;
  readonly answeredAtMs: MonotonicMs | null;
  /** When the agent was reported; the answer when the INVITE said so. */
  readonly agentAtMs: MonotonicMs | null;
  /** When the INFO that reported it was answered 200. */
  readonly agentAcceptedAtMs: MonotonicMs | null;
  readonly endedAtMs: MonotonicMs;
  readonly end: DialerEnd;
  /** The headers of the BYE that was received, by lower-case name. */
  readonly byeHeaders: Readonly<Record<string, string>>;
  /** What went wrong, in sentences; none in a good call. */
  readonly problems: readonly string[];
  readonly recording: Recording;
};
