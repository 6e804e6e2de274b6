/** Delays as how often each came: records keep tenths of a millisecond, so that few differ. Exact percentiles. Pure. */

/** By nearest rank: the least delay that so many of a hundred calls do not exceed. In ms. */
export type DelayFigures = { readonly calls: number; readonly p50: number; readonly p99: number; readonly max: number };

/** Counts delays. */
export type DelayCounts = {
  add(delayMs: number): void;
  /** Null: there was none. */
  figures(): DelayFigures | null;
};

/**
 * Different delays that are kept apart, tenths of a millisecond up to more than a minute: a delay beyond them is told rounded up to
 * the second, so that memory has an end whatever the rows say.
 */
const DELAYS_APART_MAX = 1_000_000;

/** None counted yet. */
export function createDelayCounts(): DelayCounts {
  const counts = new Map<number, number>();
  return {
    add(delayMs) {
      const key = counts.size < DELAYS_APART_MAX || counts.has(delayMs) ? delayMs : Math.ceil(delayMs / 1_000) * 1_000;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    figures() {
      if (counts.size === 0) return null;
      const delays = [...counts].sort(([one], [other]) => one - other);
      const calls = delays.reduce((sum, [, times]) => sum + times, 0);
      const rank = (percent: number): number => {
        let left = Math.ceil((calls * percent) / 100);
        for (const [delay, times] of delays) {
          left -= times;
          if (left <= 0) return delay;
        }
        return 0;
      };
      return { calls, p50: rank(50), p99: rank(99), max: rank(100) };
    },
  };
}
