/** A limit of so many a second, as a token bucket: after a pause one second's worth may come at once, never more. */
import { addMs, elapsedMs, type MonotonicMs } from '../base/clock.ts';

/** A bucket; time is an argument. */
export type TokenBucket = {
  /** Takes one token; false, and nothing taken, when there is none. */
  take(now: MonotonicMs): boolean;
  /** Until the next token is there, in ms; 0 when it is. */
  waitMs(now: MonotonicMs): number;
};

/**
 * A full bucket.
 *
 * @param perSecond tokens that come in a second, above 0 and not necessarily whole; null is no limit
 */
export function createTokenBucket(perSecond: number | null, now: MonotonicMs): TokenBucket {
  if (perSecond === null) return { take: () => true, waitMs: () => 0 };
  const depth = Math.max(1, perSecond);
  const tokenMs = 1_000 / perSecond;
  /** When the bucket was, or will be, full: one moment says all (the virtual scheduling of ITU-T I.371 §A). */
  let fullAt = now;
  const waitMs = (at: MonotonicMs): number => Math.max(0, elapsedMs(at, fullAt) - (depth - 1) * tokenMs);
  return {
    waitMs,
    take(at) {
      // A rounding error must not cost a token that is due.
      if (waitMs(at) > 1e-6) return false;
      fullAt = addMs(fullAt > at ? fullAt : at, tokenMs);
      return true;
    },
  };
}
