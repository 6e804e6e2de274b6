import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { italy } from './jurisdictions/italy.ts';
import { lockedUntil } from './recall-lock.ts';

const HOUR_MS = 3_600_000;
const until = (silentAt: string) =>
  new Date(lockedUntil(Date.parse(silentAt) as WallMs, italy.recallLock, italy.timeZone)).toISOString();

describe('decision 83/2014 point 4: how long a number rests after a silent call', () => {
  it('is to the end of the fifth local day after it', () => {
    expect(until('2026-11-20T09:15:07.214Z')).toBe('2026-11-25T23:00:00.000Z');
    // Just before and after midnight in Rome.
    expect(until('2026-11-20T22:59:59.999Z')).toBe('2026-11-25T23:00:00.000Z');
    expect(until('2026-11-20T23:00:00.000Z')).toBe('2026-11-26T23:00:00.000Z');
  });

  it('is 120 hours where the clock goes forward meanwhile and the call came in the last hour of its day', () => {
    // 28 March 23:30 in Rome; the 29th has 23 hours, so five days later it is already past midnight.
    expect(until('2026-03-28T22:30:00Z')).toBe('2026-04-02T22:30:00.000Z');
    expect(until('2026-03-28T21:30:00Z')).toBe('2026-04-02T22:00:00.000Z');
  });

  it('takes the 25-hour day as one day', () => {
    expect(until('2026-10-24T21:30:00Z')).toBe('2026-10-29T23:00:00.000Z');
  });

  it('goes over leap days and years', () => {
    expect(until('2028-02-25T12:00:00Z')).toBe('2028-03-01T23:00:00.000Z');
    expect(until('2026-12-29T12:00:00Z')).toBe('2027-01-03T23:00:00.000Z');
  });

  it('is never less than 120 hours nor more than six days and an hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2034, 0) }), (ms) => {
        const lasts = lockedUntil(ms as WallMs, italy.recallLock, italy.timeZone) - ms;
        expect(lasts).toBeGreaterThanOrEqual(120 * HOUR_MS);
        expect(lasts).toBeLessThanOrEqual(145 * HOUR_MS);
      }),
    );
  });
});
