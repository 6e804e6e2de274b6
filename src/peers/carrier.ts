/**
 * A carrier with the telephones behind it: every number answers, or does not, as its behaviour says, hears whatever it
 * is sent and records it.
 */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/log.ts';
import { responseTo } from '../sip/message/build-response.ts';
import { parseSipUri } from '../sip/message/uri.ts';
import type { ServerTransaction } from '../sip/transaction/server-transaction.ts';
import type { CalleeBehaviour } from './callee-behaviour.ts';
import { type CalleeCall, type CalleeRecord, takeCall } from './callee-call.ts';
import { type OpenPeerMedia, openPeerMedia } from './peer-media.ts';
import { openSipEndpoint } from './sip-endpoint.ts';

/** What a carrier is made of. */
export type CarrierOptions = {
  /** The address that SIP and RTP bind to. */
  readonly address: string;
  /** SIP port; 0: a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the telephone with this number does. */
  readonly behaviours: (number: string) => CalleeBehaviour;
  /** Called once for every call when it is over. */
  readonly onEnded?: (record: CalleeRecord) => void;
  /** Asked for every SIP datagram, in and out: true loses it. Default: a good network. */
  readonly isLost?: (() => boolean) | undefined;
  /** Makes the audio of each call; default: RTP that is sent, heard and recorded. */
  readonly openMedia?: OpenPeerMedia | undefined;
};

/** A running carrier. */
export type Carrier = {
  readonly local: { readonly address: string; readonly port: number };
  /** The last call to a number; null when there was none. */
  callTo(number: string): CalleeRecord | null;
  /** All calls since the start, in order, at most `CALLS_REMEMBERED_MAX` of them. */
  calls(): readonly CalleeRecord[];
  /** Hangs up whatever lives and closes all sockets. */
  stop(): Promise<void>;
};

/** Calls whose records are kept; the oldest are forgotten first. */
export const CALLS_REMEMBERED_MAX = 500;

/** Starts a carrier. Throws `AppError` when the port cannot be bound. */
export async function createCarrier(options: CarrierOptions): Promise<Carrier> {
  const { log } = options;
  const calls = new Map<string, CalleeCall>();

  const endpoint = await openSipEndpoint({
    ...options,
    user: {
      onRequest(transaction) {
        const { request, essentials } = transaction;
        const known = calls.get(essentials.callId);
        if (essentials.toTag !== null) {
          if (known === undefined) transaction.respond(responseTo(request, 481));
          else known.receiveRequest(transaction);
        } else if (request.method !== 'INVITE') {
          transaction.respond(responseTo(request, request.method === 'OPTIONS' ? 200 : 405));
        } else if (known !== undefined) {
          // The same INVITE on two ways (RFC 3261 §8.2.2.2).
          transaction.respond(responseTo(request, 482));
        } else {
          take(transaction);
        }
      },
      onCancel(cancel, invite) {
        const call = calls.get(cancel.essentials.callId);
        if (invite === null || call === undefined) cancel.respond(responseTo(cancel.request, 481));
        else call.receiveCancel(cancel);
      },
      onAck: (ack, essentials) => calls.get(essentials.callId)?.receiveAck(ack),
      onStrayResponse: () => undefined,
    },
  });

  function take(transaction: ServerTransaction): void {
    const { request, essentials } = transaction;
    const number = parseSipUri(request.uri)?.user ?? null;
    if (number === null) {
      log.warn('peer: an INVITE without a number');
      transaction.respond(responseTo(request, 404));
      return;
    }
    if (calls.size >= CALLS_REMEMBERED_MAX) forgetOldest();
    const behaviour = options.behaviours(number);
    calls.set(
      essentials.callId,
      takeCall(endpoint, transaction, number, {
        behaviour,
        openMedia: options.openMedia ?? openPeerMedia,
        log,
        onEnded: (call) => options.onEnded?.(call.record()),
      }),
    );
  }

  function forgetOldest(): void {
    for (const [callId, call] of calls) {
      if (!call.isEnded()) continue;
      calls.delete(callId);
      return;
    }
  }

  return {
    local: endpoint.local,
    callTo: (number) => [...calls.values()].findLast((call) => call.number === number)?.record() ?? null,
    calls: () => [...calls.values()].map((call) => call.record()),
    async stop() {
      await Promise.all([...calls.values()].map((call) => call.close()));
      await endpoint.close();
    },
  };
}
