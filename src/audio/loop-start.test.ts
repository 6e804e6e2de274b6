import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loopStartMs, STARTS_APART_MS } from './loop-start.ts';

const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** 40 ms to two minutes, in frames. */
const duration = fc.integer({ min: 2, max: 6000 }).map((frames) => frames * 20);
const around = (a: number, b: number, durationMs: number) => {
  const distance = Math.abs(a - b);
  return Math.min(distance, durationMs - distance);
};

describe('where a call begins in the loop', () => {
  it('is at a whole frame of the loop', () => {
    fc.assert(
      fc.property(uniform, duration, fc.option(fc.nat(200_000)), (chance, durationMs, last) => {
        const start = loopStartMs(chance, durationMs, last);
        expect(start % 20).toBe(0);
        expect(start).toBeGreaterThanOrEqual(0);
        expect(start).toBeLessThan(durationMs);
      }),
    );
  });

  it('is three seconds or more from the last one, round the loop, where the loop is long enough', () => {
    fc.assert(
      fc.property(uniform, fc.integer({ min: 300, max: 6000 }), fc.nat(5999), (chance, frames, last) => {
        const lastMs = (last % frames) * 20;
        const start = loopStartMs(chance, frames * 20, lastMs);
        expect(around(start, lastMs, frames * 20)).toBeGreaterThanOrEqual(STARTS_APART_MS);
      }),
    );
  });

  it('is opposite to the last one in a loop that is too short', () => {
    expect([0, 0.99].map((chance) => loopStartMs(chance, 5000, 1000))).toEqual([3500, 3500]);
  });

  it('is everywhere else: both ends of what is allowed come up', () => {
    const starts = Array.from({ length: 1000 }, (_, n) => loopStartMs(n / 1000, 8000, 1000));
    expect(Math.min(...starts)).toBe(4000);
    expect(Math.max(...starts)).toBe(6000);
    expect([0, 0.5, 0.999_999].map((chance) => loopStartMs(chance, 500, null))).toEqual([0, 240, 480]);
  });
});
