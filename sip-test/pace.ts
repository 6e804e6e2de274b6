/**
 * How exactly this suite reads the clock: it says *that* a thing happens and what made it happen; how promptly is a
 * measurement, and made elsewhere (`bench/`).
 *
 * Whoever waits for a CPU sees a packet, or writes down a message, later than it came. So one stamp may be compared with
 * another's only with this much room; where two things may not be confused they are further apart than that.
 */
import { expect } from 'vitest';

/** What a busy machine may add between an event and its stamp. */
export const LATE_MS_MAX = 400;

/** SIPp writes down the time of a message when it has left: what the message causes may have come a little earlier. */
export const STAMP_LATE_MS_MAX = 100;

/** The law's wait. */
export const WAIT_LIMIT_MS = 3_000;

/** That two moments, or two lengths of time, are the same one as seen from two places. */
export function expectSame(seenMs: number, otherMs: number, what: string): void {
  expect(Math.abs(seenMs - otherMs), `${what}: ${seenMs.toFixed(1)} and ${otherMs.toFixed(1)} ms`).toBeLessThan(
    LATE_MS_MAX,
  );
}

/** That a wait ended with its limit: by Brusio's own clock never before it. */
export function expectWaitLimit(waitMs: number): void {
  expect(waitMs, 'the wait').toBeGreaterThanOrEqual(WAIT_LIMIT_MS);
  expect(waitMs, 'the wait').toBeLessThan(WAIT_LIMIT_MS + LATE_MS_MAX);
}
