import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { type Duration, durationSchema, durationSource, quantileOf } from './distribution.ts';

function drawn(duration: Duration, draws = 40_000): number[] {
  const source = durationSource(duration, seededRandom(7));
  return Array.from({ length: draws }, source).sort((a, b) => a - b);
}

describe('a duration', () => {
  it('is always the same where it is a number', () => {
    expect(new Set(drawn(1.5, 100))).toEqual(new Set([1_500]));
  });

  it('has the mean of its exponential distribution', () => {
    const ms = drawn({ exponential: { mean: 20 } });
    expect(ms.reduce((sum, one) => sum + one, 0) / ms.length).toBeGreaterThan(19_600);
    expect(ms.reduce((sum, one) => sum + one, 0) / ms.length).toBeLessThan(20_400);
  });

  it('has the median and the ninetieth percentile of its log-normal distribution', () => {
    const duration = { logNormal: { median: 45, p90: 180 } };
    const ms = drawn(duration);
    expect((ms[20_000] ?? 0) / 45_000).toBeCloseTo(1, 1);
    expect((ms[36_000] ?? 0) / 180_000).toBeCloseTo(1, 1);
    expect(quantileOf(duration, 0.5)).toBeCloseTo(45, 6);
    expect(quantileOf(duration, 0.9)).toBeCloseTo(180, 6);
    // Φ(2) of a standard normal: two deviations of its logarithm.
    expect(Math.log(quantileOf(duration, 0.977249868) / 45)).toBeCloseTo((2 * Math.log(4)) / 1.281551566, 4);
  });

  it('keeps within its uniform bounds', () => {
    const ms = drawn({ uniform: { from: 0.3, to: 1.6 } });
    expect([ms[0] ?? 0, ms.at(-1) ?? 0].map((each) => Math.round(each / 10))).toEqual([30, 160]);
  });

  it('says what it may be where it is none', () => {
    const problem = durationSchema.safeParse({ normal: 3 }).error?.issues[0]?.message;
    expect(problem).toContain('logNormal: {median, p90}');
  });
});
