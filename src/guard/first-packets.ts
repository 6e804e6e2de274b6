/** How long callees waited for their first packet of ambience: the latest exactly, all of them by how long they were. */
import { createDelayHistogram, type DelayHistogram } from '../base/delay-histogram.ts';

/** Upper bounds of the buckets, ms: DESIGN's budget is 5. */
export const FIRST_PACKET_BOUNDS_MS: readonly number[] = [0.5, 1, 1.5, 2, 3, 5, 7.5, 10, 20, 50, 100, 500];

/** Calls whose delays are kept one by one. */
export const FIRST_PACKETS_KEPT = 1_000;

/** The latest calls' delays, 2xx received → first packet sent, ms. */
export type RecentFirstPackets = {
  readonly calls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

/** Delays so far. */
export type FirstPackets = {
  record(delayMs: number): void;
  /** Of the latest {@link FIRST_PACKETS_KEPT}; null before the first. */
  recent(): RecentFirstPackets | null;
  readonly all: Pick<DelayHistogram, 'counts' | 'sumMs'>;
};

/** None yet. */
export function createFirstPackets(): FirstPackets {
  const latest = new Float64Array(FIRST_PACKETS_KEPT);
  const all = createDelayHistogram(FIRST_PACKET_BOUNDS_MS);
  let recorded = 0;
  return {
    record(delayMs) {
      latest[recorded++ % latest.length] = delayMs;
      all.record(delayMs);
    },
    recent() {
      const calls = Math.min(recorded, latest.length);
      if (calls === 0) return null;
      const sorted = latest.slice(0, calls).sort();
      // Nearest rank: each is a delay that occurred.
      const at = (share: number) => Math.round((sorted[Math.ceil(share * calls) - 1] ?? 0) * 100) / 100;
      return { calls, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
    },
    all,
  };
}
