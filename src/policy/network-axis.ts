/**
 * The network axis of an unanswered call, from the raw SIP status and, where the carrier gave one, the Q.850 cause. One
 * table for each, and one rule: the cause decides where it says something, the status where it does not.
 *
 * Sources: ITU-T Q.850 table 1 for what a cause means; RFC 3398 §7.2.4.1 (cause → status), §8.2.6.1 (status → cause) and
 * RFC 4497 §8.4.4, which agree but for a few; RFC 3326 and RFC 6432 for the header that carries a cause.
 *
 * The two directions of RFC 3398 are no inverses, so a status is the weaker witness. 480 is what 19, 20 and 31 become;
 * read back it is 18 by the RFCs and in FreeSWITCH, 19 in Asterisk. 503 is what 34, 38, 41, 42 and 47 become, and is read
 * back as 41; what carriers mean by it is that they have no room. 408 is what 18 becomes, and is read back as 102, a timer.
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

/**
 * By Q.850 cause. Not here: 16 (normal clearing), 31 (normal, unspecified) and 127 (interworking, unspecified), which
 * say nothing that the status does not.
 */
const BY_Q850: Readonly<Record<number, NetworkAxis>> = {
  1: 'invalid-number', // unallocated number
  2: 'unreachable', // no route to transit network
  3: 'unreachable', // no route to destination
  4: 'unreachable', // send special information tone: not to be reached for long
  5: 'invalid-number', // misdialled trunk prefix
  8: 'congestion', // pre-emption
  9: 'congestion', // pre-emption, circuit reserved for re-use
  17: 'busy', // user busy
  18: 'no-answer', // no user responding
  19: 'no-answer', // no answer from user (user alerted)
  20: 'unreachable', // subscriber absent
  21: 'rejected', // call rejected
  22: 'invalid-number', // number changed
  23: 'unreachable', // redirected to a new destination
  25: 'network-failure', // exchange routing error
  26: 'unreachable', // non-selected user clearing
  27: 'unreachable', // destination out of order
  28: 'invalid-number', // invalid number format
  29: 'network-failure', // facility rejected
  34: 'congestion', // no circuit available
  38: 'network-failure', // network out of order
  41: 'network-failure', // temporary failure
  42: 'congestion', // switching equipment congestion
  43: 'network-failure', // access information discarded
  44: 'congestion', // requested circuit not available
  46: 'congestion', // precedence call blocked
  47: 'congestion', // resource unavailable
  50: 'rejected', // requested facility not subscribed
  52: 'rejected', // outgoing calls barred
  53: 'rejected', // outgoing calls barred within CUG
  54: 'rejected', // incoming calls barred
  55: 'rejected', // incoming calls barred within CUG
  57: 'rejected', // bearer capability not authorized
  58: 'congestion', // bearer capability not presently available
  63: 'network-failure', // service or option not available
  65: 'network-failure', // bearer capability not implemented
  69: 'network-failure', // requested facility not implemented
  79: 'network-failure', // service or option not implemented
  87: 'rejected', // user not member of CUG
  88: 'unreachable', // incompatible destination
  91: 'network-failure', // invalid transit network selection
  95: 'network-failure', // invalid message
  96: 'network-failure', // mandatory information element missing
  97: 'network-failure', // message type not implemented
  99: 'network-failure', // information element not implemented
  100: 'network-failure', // invalid information element contents
  101: 'network-failure', // message not compatible with call state
  102: 'network-failure', // recovery on timer expiry
  111: 'network-failure', // protocol error
};

/** By status (RFC 3261 §21 and its extensions); a class's default stands in `byClass`. */
const BY_STATUS: Readonly<Record<number, NetworkAxis>> = {
  400: 'network-failure', // → 41: what was said was not understood
  401: 'network-failure', // → 21 by the RFC, but it is us who are not let in
  402: 'rejected', // → 21
  403: 'rejected', // → 21
  404: 'invalid-number', // → 1
  405: 'network-failure', // → 63
  406: 'network-failure', // → 79
  407: 'network-failure', // as 401
  408: 'no-answer', // ← 18
  410: 'invalid-number', // → 22
  415: 'network-failure', // → 79
  420: 'network-failure', // → 127
  428: 'rejected', // RFC 8224: a calling number without proof
  433: 'rejected', // RFC 5079: an anonymous call
  436: 'rejected', // RFC 8224
  437: 'rejected', // RFC 8224
  438: 'rejected', // RFC 8224: a proof that does not hold
  480: 'unreachable', // ← 19, 20, 31
  481: 'network-failure', // → 41
  482: 'network-failure', // → 25
  483: 'network-failure', // → 25
  484: 'invalid-number', // → 28
  485: 'invalid-number', // → 1
  486: 'busy', // → 17
  487: 'cancelled', // no cause
  488: 'network-failure', // by Warning
  503: 'congestion', // ← 34, 38, 41, 42, 47
  600: 'busy', // → 17
  603: 'rejected', // → 21
  604: 'invalid-number', // → 1
  606: 'network-failure', // by Warning
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

/** What a Q.850 cause says of a call that nobody answered; null for those that say nothing (16, 31, 127) and unknown ones. */
export function networkAxisOfCause(cause: number): NetworkAxis | null {
  return BY_Q850[cause] ?? null;
}

/** The network axis of a final response other than a 2xx. */
export function networkAxisOf(final: SipFinal): NetworkAxis {
  const cause = q850CauseOf(final.reason);
  const fromCause = cause === null ? undefined : BY_Q850[cause];
  return fromCause ?? BY_STATUS[final.status] ?? byClass(final.status);
}

/** RFC 3261 §8.1.3.2: a status nobody knows is read as the x00 of its class; an unknown 4xx is left unknown. */
function byClass(status: number): NetworkAxis {
  if (status >= 600) return 'rejected';
  if (status >= 500) return 'network-failure';
  // Elsewhere, which is never followed: the callee was not reached here.
  return status < 400 ? 'unreachable' : 'unknown';
}
