import { describe, expect, it } from 'vitest';
import type { MonotonicMs } from '../base/clock.ts';
import { createTokenBucket } from './token-bucket.ts';

const at = (ms: number) => ms as MonotonicMs;

describe('a token bucket', () => {
  it('gives one second’s worth at once, and then one at a time', () => {
    const bucket = createTokenBucket(5, at(0));
    expect(Array.from({ length: 7 }, () => bucket.take(at(0)))).toEqual([true, true, true, true, true, false, false]);
    expect(bucket.waitMs(at(0))).toBeCloseTo(200);
    expect(bucket.take(at(199))).toBe(false);
    expect(bucket.take(at(200))).toBe(true);
    expect(bucket.take(at(200))).toBe(false);
  });

  it('never saves up more than a second, however long the pause', () => {
    const bucket = createTokenBucket(2, at(0));
    expect([1, 2, 3].map(() => bucket.take(at(3_600_000)))).toEqual([true, true, false]);
  });

  it('knows rates below one a second', () => {
    const bucket = createTokenBucket(0.5, at(0));
    expect(bucket.take(at(0))).toBe(true);
    expect(bucket.take(at(1_999))).toBe(false);
    expect(bucket.take(at(2_000))).toBe(true);
  });

  it('over ten minutes of more than it allows gives exactly what it allows', () => {
    const bucket = createTokenBucket(7, at(0));
    let taken = 0;
    for (let ms = 0; ms < 600_000; ms += 10) if (bucket.take(at(ms))) taken++;
    // The depth, and seven for each second.
    expect(Math.abs(taken - (7 + 7 * 600))).toBeLessThanOrEqual(1);
  });

  it('without a limit is never empty', () => {
    const bucket = createTokenBucket(null, at(0));
    expect(Array.from({ length: 100 }, () => bucket.take(at(0))).every(Boolean)).toBe(true);
  });
});
