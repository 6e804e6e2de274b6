import { cosine } from './portable-math.ts';

/** The limiter looks this far ahead and behind; its gain is smooth over twice that. */
const REACH_SECONDS = 0.012;

/**
 * Lowers the gain of a loop around every sample above `ceiling`, in time before it comes, along a Hann window. What
 * keeps below is left as it is.
 */
export function limitLoop(loop: Float64Array, ceiling: number, sampleRateHz: number): Float64Array {
  const reach = Math.round(REACH_SECONDS * sampleRateHz);
  const window = Float64Array.from({ length: reach + 1 }, (_, i) => 0.5 + 0.5 * cosine((Math.PI * i) / reach));
  const gains = new Float64Array(loop.length).fill(1);
  loop.forEach((sample, at) => {
    const wanted = ceiling / Math.abs(sample);
    if (wanted >= 1) return;
    for (let offset = -reach; offset <= reach; offset++) {
      const index = (at + offset + loop.length) % loop.length;
      gains[index] = Math.min(gains[index] ?? 1, 1 - (1 - wanted) * (window[Math.abs(offset)] ?? 0));
    }
  });
  return loop.map((sample, i) => sample * (gains[i] ?? 1));
}
