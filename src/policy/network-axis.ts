/**
 * The network axis of an unanswered call, from the raw SIP status and, where the carrier gave one, the Q.850 cause.
 *
 * RFC 3398 §7.2.4.1 maps causes to statuses many to one, so a status alone is a weaker witness than a `Reason`.
 */
import type { SipFinal } from '../call/call-facts.ts';

/** What the network did with the call. */
export type NetworkAxis =
  | 'answered'
  | 'busy'
  | 'no-answer'
  | 'rejected'
  | 'invalid-number'
  | 'unreachable'
  | 'congestion'
  | 'network-failure'
  | 'cancelled'
  | 'blocked'
  | 'unknown';

/** ITU-T Q.850 table 1 causes that say more than their SIP status. */
const BY_Q850: Readonly<Record<number, NetworkAxis>> = {
  1: 'invalid-number', // unallocated number
  2: 'unreachable', // no route to transit network
  3: 'unreachable', // no route to destination
  17: 'busy', // user busy
  18: 'no-answer', // no user responding
  19: 'no-answer', // no answer from user
  20: 'unreachable', // subscriber absent
  21: 'rejected', // call rejected
  22: 'invalid-number', // number changed
  27: 'unreachable', // destination out of order
  28: 'invalid-number', // invalid number format
  34: 'congestion', // no circuit available
  38: 'network-failure', // network out of order
  41: 'network-failure', // temporary failure
  42: 'congestion', // switching equipment congestion
  47: 'congestion', // resource unavailable
};

/** RFC 3261 §21 statuses; a class's default stands in `byClass`. */
const BY_STATUS: Readonly<Record<number, NetworkAxis>> = {
  403: 'rejected',
  404: 'invalid-number',
  408: 'no-answer',
  410: 'invalid-number',
  480: 'unreachable',
  484: 'invalid-number',
  486: 'busy',
  487: 'cancelled',
  503: 'congestion',
  600: 'busy',
  603: 'rejected',
  604: 'invalid-number',
  607: 'rejected', // RFC 8197: unwanted
  608: 'rejected', // RFC 8688: rejected by an analytics engine
};

/** The cause of a `Reason: Q.850;cause=n` header (RFC 3326 §2), 1–127, or null. */
export function q850CauseOf(reason: string | null): number | null {
  const match = /(?:^|,)\s*Q\.850\s*;[^,]*?\bcause\s*=\s*(\d{1,3})\b/i.exec(reason ?? '');
  if (match === null) return null;
  const cause = Number(match[1]);
  return cause >= 1 && cause <= 127 ? cause : null;
}

/** The network axis of a final response other than a 2xx. */
export function networkAxisOf(final: SipFinal): NetworkAxis {
  const cause = q850CauseOf(final.reason);
  const fromCause = cause === null ? undefined : BY_Q850[cause];
  return fromCause ?? BY_STATUS[final.status] ?? byClass(final.status);
}

function byClass(status: number): NetworkAxis {
  if (status >= 500 && status < 600) return 'network-failure';
  return 'unknown';
}
