import { addMs, type Timer } from '../../base/clock.ts';
import { serializeMessage, toOctets } from '../message/serialize-message.ts';
import { type HeaderField, header, listValues, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { requires } from '../transaction/ingress.ts';
import { timeoutMs } from '../transaction/sip-timers.ts';
import type { Dialog, ServerCall } from './dialog.ts';
import { rackOf } from './reliable-receipt.ts';
import type { UserAgentContext } from './user-agent-context.ts';

/** Our reliable provisional responses to one INVITE (RFC 3262 §3). */
export type ReliableSending = {
  readonly cseqNumber: number;
  /** The number of the next one; the first is chosen at random. */
  nextRSeq: number;
  /** What was sent and has no PRACK yet: one at a time, as §3 recommends. */
  unacknowledged: SentReliable | null;
  /** What waits for its turn. */
  readonly waiting: WaitingReliable[];
};

/** A reliable response that waits to be sent. */
type WaitingReliable = { readonly rseq: number; readonly response: SipResponse; readonly hasDescription: boolean };

/** A reliable response on the wire. */
type SentReliable = { readonly rseq: number; readonly hasDescription: boolean; timer: Timer | null };

/** Sends provisional responses reliably, and matches their PRACKs. */
export type ReliableResponses = {
  /** Sends it, or keeps it until its turn; returns it as octet text, null at `RELIABLE_WAITING_MAX`. */
  send(call: ServerCall, dialog: Dialog, response: SipResponse): { text: string; isOnTheWire: boolean } | null;
  /** Whether a 2xx must wait: a session description has not been acknowledged yet (§3). */
  mustWait(dialog: Dialog | null): boolean;
  /** A PRACK: false when it acknowledges nothing. `proceed` afterwards sends what waited for it. */
  acknowledge(dialog: Dialog, prack: SipRequest): boolean;
  proceed(dialog: Dialog, call: ServerCall | null): void;
};

/** Reliable responses of one INVITE that wait for the PRACK of the one before; over it the application's get NOK. */
export const RELIABLE_WAITING_MAX = 8;

/** The first RSeq is between 1 and 2^31 - 1 (RFC 3262 §3). */
const RSEQ_FIRST_MAX = 0x7fffffff;

/** Whether the peer understands 100rel, or insists on it. */
export function reliabilityOf(invite: SipRequest): 'unknown' | 'supported' | 'required' {
  if (requires(invite, '100rel')) return 'required';
  return listValues(invite, 'supported').some((tag) => tag.toLowerCase() === '100rel') ? 'supported' : 'unknown';
}

/** Makes the sender of reliable responses; `giveUp` ends an INVITE whose reliable response got no PRACK in 64*T1. */
export function createReliableResponses(
  context: UserAgentContext,
  giveUp: (call: ServerCall) => void,
): ReliableResponses {
  const { clock, timers, layer, newToken, counters } = context;

  /** At T1, 2*T1, 4*T1 … without an upper bound to the interval (RFC 3262 §3). */
  const put = (call: ServerCall, sending: ReliableSending, next: WaitingReliable): string | null => {
    const text = call.transaction.respond(next.response);
    if (text === null) return null;
    const sent: SentReliable = { rseq: next.rseq, hasDescription: next.hasDescription, timer: null };
    sending.unacknowledged = sent;
    const octets = toOctets(text);
    const { source } = call.transaction;
    const startMs = clock.monotonicMs();
    const deadlineMs = addMs(startMs, timeoutMs(timers));
    let intervalMs = timers.t1Ms;
    let dueMs = addMs(startMs, intervalMs);
    const arm = () => {
      sent.timer = clock.setTimer(dueMs < deadlineMs ? dueMs : deadlineMs, () => {
        sent.timer = null;
        if (dueMs >= deadlineMs) {
          giveUp(call);
          return;
        }
        counters.retransmitted++;
        layer.sendOctets(octets, source);
        intervalMs *= 2;
        dueMs = addMs(dueMs, intervalMs);
        arm();
      });
    };
    arm();
    return text;
  };

  return {
    send(call, dialog, response) {
      const cseqNumber = call.transaction.essentials.cseq.number;
      let sending = dialog.reliableSending;
      if (sending === null || sending.cseqNumber !== cseqNumber) {
        const first = Number.parseInt(newToken().slice(-8), 16) & RSEQ_FIRST_MAX || 1;
        sending = { cseqNumber, nextRSeq: first, unacknowledged: null, waiting: [] };
        dialog.reliableSending = sending;
      }
      if (sending.waiting.length >= RELIABLE_WAITING_MAX) {
        counters.reliableLimit++;
        return null;
      }
      const rseq = sending.nextRSeq++;
      const next = { rseq, response: withRSeq(response, rseq), hasDescription: response.body !== '' };
      if (sending.unacknowledged !== null) {
        sending.waiting.push(next);
        return { text: serializeMessage(next.response), isOnTheWire: false };
      }
      const text = put(call, sending, next);
      return text === null ? null : { text, isOnTheWire: true };
    },

    mustWait(dialog) {
      const sending = dialog?.reliableSending ?? null;
      if (sending === null) return false;
      return sending.unacknowledged?.hasDescription === true || sending.waiting.some((next) => next.hasDescription);
    },

    acknowledge(dialog, prack) {
      const rack = rackOf(prack);
      const sending = dialog.reliableSending;
      const sent = sending?.unacknowledged;
      if (rack === null || !sending || !sent) return false;
      if (rack.rseq !== sent.rseq || rack.cseqNumber !== sending.cseqNumber) return false;
      sent.timer?.cancel();
      sending.unacknowledged = null;
      return true;
    },

    proceed(dialog, call) {
      const sending = dialog.reliableSending;
      if (sending === null || call === null || call.transaction.lastStatus >= 200) return;
      const next = sending.waiting.shift();
      if (next !== undefined) put(call, sending, next);
    },
  };
}

/**
 * A final response is out: nothing reliable is sent or repeated any more, but a PRACK on its way is still taken
 * (RFC 3262 §3).
 */
export function stopReliable(sending: ReliableSending): void {
  sending.unacknowledged?.timer?.cancel();
  sending.waiting.length = 0;
}

function withRSeq(response: SipResponse, rseq: number): SipResponse {
  const headers: HeaderField[] = response.headers.slice();
  if (!headers.some((field) => field.key === 'require' && /\b100rel\b/i.test(field.value))) {
    headers.push(header('Require', '100rel'));
  }
  headers.push(header('RSeq', String(rseq)));
  return { ...response, headers };
}
