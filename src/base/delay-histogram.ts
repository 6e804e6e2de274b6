/** Counts delays by how long they were, as Prometheus wants them. */

/** Upper bounds of the buckets, ms; the last bucket has none. */
export const SIGNAL_DELAY_BOUNDS_MS: readonly number[] = [5, 10, 20, 30, 40, 50, 60, 75, 100, 200, 500, 1_000, 3_000];

/** Delays so far. */
export type DelayHistogram = {
  /** Negative is 0: two clocks that do not quite agree. */
  record(delayMs: number): void;
  /** Per bound, and one more beyond the last: how many were up to that, not more. */
  counts(): readonly number[];
  sumMs(): number;
};

/** Nothing counted yet. @param boundsMs upper bounds of the buckets, ascending */
export function createDelayHistogram(boundsMs: readonly number[] = SIGNAL_DELAY_BOUNDS_MS): DelayHistogram {
  const counts = new Array<number>(boundsMs.length + 1).fill(0);
  let sumMs = 0;
  return {
    record(delayMs) {
      const delay = Math.max(0, delayMs);
      const bucket = boundsMs.findIndex((boundMs) => delay <= boundMs);
      const index = bucket === -1 ? boundsMs.length : bucket;
      counts[index] = (counts[index] ?? 0) + 1;
      sumMs += delay;
    },
    counts: () => counts,
    sumMs: () => sumMs,
  };
}
