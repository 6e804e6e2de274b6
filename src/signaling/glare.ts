/**
 * Glare: both sides of a dialog send an INVITE at once, both get 491, and each waits a time by which they will not meet
 * again (RFC 3261 §14.1).
 */
import type { Random } from '../base/random.ts';

/** All times are multiples of 10 ms (§14.1). */
const UNIT_MS = 10;

/** 2.1–4 s for the side that made the Call-ID, 0–2 s for the other. */
export function retryAfterGlareMs(madeTheCallId: boolean, random: Random): number {
  const [fromMs, toMs] = madeTheCallId ? [2_100, 4_000] : [0, 2_000];
  return fromMs + UNIT_MS * Math.floor(random() * ((toMs - fromMs) / UNIT_MS + 1));
}

/** `Retry-After` of a 500 to a request that overlaps another: 0–10 s (RFC 3261 §14.2, RFC 3311 §5.2). */
export function retryAfterOverlapS(random: Random): number {
  return Math.floor(random() * 11);
}
