/** How long things take, as a scenario says it and as numbers drawn by chance. Pure. */
import { z } from 'zod';
import type { Random } from '../base/random.ts';

/** Nothing in a call takes longer, s: what a wide distribution would draw beyond it is cut. */
const SECONDS_MAX = 14_400;

const seconds = z.number().min(0).max(SECONDS_MAX);

const SHAPES = {
  exponential: z.strictObject({ mean: seconds }),
  uniform: z.strictObject({ from: seconds, to: seconds }).refine(({ from, to }) => from <= to, {
    error: 'expected from to be at most to',
  }),
  logNormal: z
    .strictObject({ median: z.number().min(0.001).max(SECONDS_MAX), p90: seconds })
    .refine(({ median, p90 }) => median <= p90, { error: 'expected the median to be at most p90' }),
};

const FORMS = 'expected seconds, or {exponential: {mean}}, {uniform: {from, to}} or {logNormal: {median, p90}}';

/** A duration: always the same, or drawn from a distribution; in seconds. */
export const durationSchema = z.union(
  [
    seconds,
    z.strictObject({ exponential: SHAPES.exponential }),
    z.strictObject({ uniform: SHAPES.uniform }),
    z.strictObject({ logNormal: SHAPES.logNormal }),
  ],
  { error: FORMS },
);

/** A duration of a scenario. */
export type Duration = z.infer<typeof durationSchema>;

/** Draws one, in whole milliseconds. */
export type DurationSource = () => number;

/** Steps of the table of quantiles: a draw is one number and one look, whatever the distribution; beyond p99.98 it is cut. */
const QUANTILES = 4_096;

/** Durations drawn from a distribution. */
export function durationSource(duration: Duration, random: Random): DurationSource {
  const table = new Float64Array(QUANTILES + 1);
  for (let step = 0; step <= QUANTILES; step++) {
    const share = Math.min(Math.max(step / QUANTILES, 0.25 / QUANTILES), 1 - 0.25 / QUANTILES);
    table[step] = Math.min(quantileOf(duration, share), SECONDS_MAX) * 1_000;
  }
  return () => {
    const place = random() * QUANTILES;
    const step = Math.floor(place);
    const low = table[step] as number;
    return Math.round(low + ((table[step + 1] as number) - low) * (place - step));
  };
}

/** Seconds that a share of all draws is under. */
export function quantileOf(duration: Duration, share: number): number {
  if (typeof duration === 'number') return duration;
  if ('exponential' in duration) return -Math.log(1 - share) * duration.exponential.mean;
  if ('uniform' in duration) return duration.uniform.from + share * (duration.uniform.to - duration.uniform.from);
  const { median, p90 } = duration.logNormal;
  return median * Math.exp((Math.log(p90 / median) / normalQuantile(0.9)) * normalQuantile(share));
}

/** Of the standard normal distribution, by Acklam's rational approximation: relative error under 1.2e-9. */
function normalQuantile(share: number): number {
  if (share > 0.5) return -normalQuantile(1 - share);
  if (share < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(share));
    return polynomial(TAIL, q) / (polynomial(TAIL_BELOW, q) * q + 1);
  }
  const q = share - 0.5;
  return (polynomial(MIDDLE, q * q) * q) / (polynomial(MIDDLE_BELOW, q * q) * q * q + 1);
}

const MIDDLE = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const MIDDLE_BELOW = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572];
const TAIL = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const TAIL_BELOW = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];

/** Highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
