import { parameter } from '../message/parameters.ts';
import { headerValue, listValues, type SipMessage, type SipRequest, type SipResponse } from '../message/sip-message.ts';

/** Who keeps a session alive (RFC 4028 §4): us by refreshing it, or the peer, whose silence ends it. */
export type Refresher = 'us' | 'them';

/** A session that ends by itself when nobody refreshes it. */
export type SessionTerms = { readonly intervalS: number; readonly refresher: Refresher };

/** A Session-Expires header; the refresher is told by role in the request that carries it (RFC 4028 §4). */
export type SessionExpires = { readonly intervalS: number; readonly refresher: 'uac' | 'uas' | null };

/** The least interval there is (RFC 4028 §4): a request for less gets 422. */
export const SESSION_INTERVAL_MIN_S = 90;

/** What a peer's answer may set all the same is taken, down to this: one refresh every two seconds. */
export const ANSWERED_INTERVAL_MIN_S = 4;

/** A day and more is no session timer; longer ones count as this. */
const SESSION_INTERVAL_MAX_S = 7 * 24 * 3_600;

/** Reads Session-Expires; null when there is none, or none that can be read. */
export function sessionExpiresOf(message: SipMessage): SessionExpires | null {
  const value = headerValue(message, 'session-expires');
  return value === undefined ? null : readSessionExpires(value);
}

/** Reads the value of a Session-Expires header. */
export function readSessionExpires(value: string): SessionExpires | null {
  const seconds = /^\s*(\d{1,10})\s*(?:;|$)/.exec(value)?.[1];
  if (seconds === undefined) return null;
  const refresher = parameter(value, 'refresher')?.toLowerCase();
  return {
    intervalS: Math.min(Number(seconds), SESSION_INTERVAL_MAX_S),
    refresher: refresher === 'uac' || refresher === 'uas' ? refresher : null,
  };
}

/** Whether the sender of a message does session timers. */
export function supportsTimer(message: SipMessage): boolean {
  return listValues(message, 'supported').some((tag) => tag.toLowerCase() === 'timer');
}

/** Whether a request asks for a shorter session than there is, and can be told so with 422 (RFC 4028 §9). */
export function isTooBrief(request: SipRequest): boolean {
  const asked = sessionExpiresOf(request);
  return asked !== null && asked.intervalS < SESSION_INTERVAL_MIN_S && supportsTimer(request);
}

/**
 * The Session-Expires that our 2xx says where the application's says nothing (RFC 4028 §9, Table 2), null for none. A peer
 * that does session timers refreshes, unless it wants us to; one that does not cannot.
 */
export function sessionAnswer(request: SipRequest, current: SessionTerms | null): SessionExpires | null {
  const asked = sessionExpiresOf(request);
  if (asked === null) {
    // A request without it: we go on refreshing what is ours to refresh; where it was the peer's, the peer has stopped.
    return current?.refresher === 'us' ? { intervalS: current.intervalS, refresher: 'uas' } : null;
  }
  const intervalS = Math.max(SESSION_INTERVAL_MIN_S, asked.intervalS);
  return { intervalS, refresher: supportsTimer(request) ? (asked.refresher ?? 'uac') : 'uas' };
}

/** What our 2xx to the peer's request sets. */
export function termsOfOurAnswer({ intervalS, refresher }: SessionExpires): SessionTerms {
  return { intervalS: Math.max(ANSWERED_INTERVAL_MIN_S, intervalS), refresher: refresher === 'uas' ? 'us' : 'them' };
}

/** What the peer's 2xx to our request sets; null when the session has no end of its own. */
export function termsOfTheirAnswer(response: SipResponse): SessionTerms | null {
  const answered = sessionExpiresOf(response);
  if (answered === null) return null;
  const intervalS = Math.max(ANSWERED_INTERVAL_MIN_S, answered.intervalS);
  return { intervalS, refresher: answered.refresher === 'uas' ? 'them' : 'us' };
}

/**
 * After how many ms we refresh: half the interval (RFC 4028 §10), sooner or later by up to 5 s as drachtio-server does it,
 * so that calls which began together do not refresh together. `chance` is in [0, 1).
 */
export function refreshAfterMs(intervalS: number, chance: number): number {
  const spreadS = Math.min(5, intervalS / 18);
  return (intervalS / 2 + (chance * 2 - 1) * spreadS) * 1_000;
}

/**
 * After how many ms of silence we hang up: a little before the session's end, by the lesser of 32 s and a third of the
 * interval (RFC 4028 §10). drachtio-server waits for the end itself, when the peer may have hung up already.
 */
export function expiresAfterMs(intervalS: number): number {
  return (intervalS - Math.min(32, intervalS / 3)) * 1_000;
}
