import { parseCSeq } from '../message/essentials.ts';
import { headerValue, listValues, type SipRequest, type SipResponse } from '../message/sip-message.ts';

/** How far the peer's reliable provisional responses have come in one early dialog (RFC 3262 §4). */
export type ReliableReceipt = {
  /** The INVITE they answer. */
  readonly cseqNumber: number;
  /** The last one taken in order. */
  readonly rseq: number;
  /** It waits for the application's PRACK. */
  readonly isUnacknowledged: boolean;
  /** Counts what this engine delivered: forks are acknowledged in the order in which the application heard them. */
  readonly order: number;
};

/** RSeq is an unsigned 32-bit number and never zero (RFC 3262 §7.1). */
const RSEQ_MAX = 2 ** 32 - 1;

/** The RSeq of a provisional response that wants a PRACK; null for one that does not. */
export function rseqOf(response: SipResponse): number | null {
  if (response.status <= 100 || response.status >= 200) return null;
  if (!listValues(response, 'require').some((tag) => tag.toLowerCase() === '100rel')) return null;
  const value = headerValue(response, 'rseq') ?? '';
  if (!/^\d{1,10}$/.test(value)) return null;
  const rseq = Number(value);
  return rseq >= 1 && rseq <= RSEQ_MAX ? rseq : null;
}

/**
 * Takes the next reliable response: null for a repeated one and for one that overtook another, which are not processed;
 * its sender repeats it until it is in order (RFC 3262 §4).
 */
export function receiveReliable(
  last: ReliableReceipt | null,
  cseqNumber: number,
  rseq: number,
  order: number,
): ReliableReceipt | null {
  if (last !== null && last.cseqNumber === cseqNumber && rseq !== last.rseq + 1) return null;
  return { cseqNumber, rseq, isUnacknowledged: true, order };
}

/** RAck: the response number, and the INVITE's CSeq (RFC 3262 §7.2). */
export type RAck = { readonly rseq: number; readonly cseqNumber: number };

/** Reads the RAck of a PRACK; null when there is none for an INVITE. */
export function rackOf(prack: SipRequest): RAck | null {
  const match = /^(\d{1,10})\s+(\d.*)$/.exec(headerValue(prack, 'rack') ?? '');
  const cseq = match === null ? null : parseCSeq(match[2] as string);
  return cseq === null || cseq.method !== 'INVITE' ? null : { rseq: Number(match?.[1]), cseqNumber: cseq.number };
}
