/**
 * A predictive dialer as a guard sees it: it places calls, and sometimes it has an agent for whoever answers.
 */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { responseTo } from '../sip/message/build-response.ts';
import type { CallPlan, CallResult } from './call-plan.ts';
import { type DialerCall, placeCallOn } from './dialer-call.ts';
import { type OpenPeerMedia, openPeerMedia } from './peer-media.ts';
import { openSipEndpoint } from './sip-endpoint.ts';

/** What a dialer is made of. */
export type DialerOptions = {
  /** The address that SIP and RTP bind to. */
  readonly address: string;
  /** SIP port; 0: a free one. */
  readonly port: number;
  /** Where the INVITEs go. */
  readonly server: { readonly address: string; readonly port: number };
  readonly clock: Clock;
  readonly log: Logger;
  /** Asked for every SIP datagram, in and out: true loses it. Default: a good network. */
  readonly isLost?: (() => boolean) | undefined;
  /** Makes the audio of each call; default: RTP that is sent, heard and recorded. */
  readonly openMedia?: OpenPeerMedia | undefined;
};

/** A running dialer. */
export type Dialer = {
  readonly local: { readonly address: string; readonly port: number };
  /** Places a call and resolves when it is over; rejects only when no RTP port is free. */
  placeCall(plan: CallPlan): Promise<CallResult>;
  /** Ends whatever lives and closes all sockets. */
  stop(): Promise<void>;
};

/** Calls that are remembered; beyond it the oldest that are over are forgotten. */
export const CALLS_REMEMBERED_MAX = 500;

/** Starts a dialer. Throws `AppError` when the port cannot be bound. */
export async function createDialer(options: DialerOptions): Promise<Dialer> {
  const calls = new Map<string, DialerCall>();
  const endpoint = await openSipEndpoint({
    ...options,
    user: {
      onRequest(transaction) {
        const { request, essentials } = transaction;
        const call = calls.get(essentials.callId);
        if (call !== undefined) call.receiveRequest(transaction);
        else transaction.respond(responseTo(request, request.method === 'OPTIONS' ? 200 : 481));
      },
      onCancel: (cancel) => cancel.respond(responseTo(cancel.request, 481)),
      onAck: (_ack, essentials) => calls.get(essentials.callId)?.receiveAck(),
      onStrayResponse: () => undefined,
    },
  });

  function forgetOldest(): void {
    for (const [callId, call] of calls) {
      if (!call.isOver()) continue;
      calls.delete(callId);
      return;
    }
  }

  return {
    local: endpoint.local,
    async placeCall(plan) {
      const media = await (options.openMedia ?? openPeerMedia)(options.address, endpoint.clock);
      const call = placeCallOn(endpoint, { protocol: 'udp', ...options.server }, media, plan);
      // A call is remembered after its end: a BYE that crosses ours wants its 200 all the same.
      if (calls.size >= CALLS_REMEMBERED_MAX) forgetOldest();
      calls.set(call.callId, call);
      return call.result;
    },
    async stop() {
      for (const call of calls.values()) call.giveUp();
      await Promise.all([...calls.values()].map((call) => call.result));
      await endpoint.close();
    },
  };
}
