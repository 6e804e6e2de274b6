import { addMs, type Clock, elapsedMs, type MonotonicMs } from '../../base/clock.ts';
import type { Hop } from './hop.ts';

/**
 * Which targets have failed lately (RFC 3263 §4.3). A failed one is not forbidden: it goes to the end of the line until
 * its time is over, and each further failure in a row doubles that time.
 */
export type TargetHealth = {
  /** It answered 503, said nothing, or could not be reached. `retryAfterMs`: what it asked for itself. */
  failed(hop: Hop, retryAfterMs?: number): void;
  /** It answered. */
  answered(hop: Hop): void;
  isAvoided(hop: Hop): boolean;
  /** The same hops: the healthy ones in their order, then those avoided, the one whose time is over first at first. */
  inOrder(hops: readonly Hop[]): readonly Hop[];
  /** Targets that are avoided now. */
  avoided(): number;
};

/** How long a target is avoided after its first failure. */
export const AVOID_MS_FIRST = 5_000;

/** The longest time: a target that came back is found again within it. */
export const AVOID_MS_MAX = 300_000;

/** Targets remembered; over it the one that failed first is forgotten. */
export const TARGETS_REMEMBERED_MAX = 1_024;

type Failure = { readonly failures: number; readonly untilMs: MonotonicMs };

/** Nothing has failed yet. */
export function createTargetHealth(clock: Clock): TargetHealth {
  const failures = new Map<string, Failure>();

  const leftMs = (hop: Hop): number => {
    const failure = failures.size === 0 ? undefined : failures.get(keyOf(hop));
    return failure === undefined ? 0 : Math.max(0, elapsedMs(clock.monotonicMs(), failure.untilMs));
  };

  return {
    failed(hop, retryAfterMs = 0) {
      const key = keyOf(hop);
      const before = failures.get(key)?.failures ?? 0;
      // Removed first, so that the map stays in the order of the last failure.
      failures.delete(key);
      if (failures.size >= TARGETS_REMEMBERED_MAX) {
        const oldest = failures.keys().next();
        if (!oldest.done) failures.delete(oldest.value);
      }
      const backOffMs = Math.min(AVOID_MS_FIRST * 2 ** Math.min(before, 16), AVOID_MS_MAX);
      const avoidMs = Math.min(Math.max(backOffMs, retryAfterMs), AVOID_MS_MAX);
      failures.set(key, { failures: before + 1, untilMs: addMs(clock.monotonicMs(), avoidMs) });
    },
    answered(hop) {
      if (failures.size > 0) failures.delete(keyOf(hop));
    },
    isAvoided: (hop) => leftMs(hop) > 0,
    inOrder(hops) {
      if (failures.size === 0 || hops.length < 2) return hops;
      return hops
        .map((hop) => ({ hop, waitMs: leftMs(hop) }))
        .sort((a, b) => a.waitMs - b.waitMs)
        .map(({ hop }) => hop);
    },
    avoided() {
      const nowMs = clock.monotonicMs();
      return [...failures.values()].filter(({ untilMs }) => untilMs > nowMs).length;
    },
  };
}

function keyOf(hop: Hop): string {
  return `${hop.protocol} ${hop.address} ${hop.port}`;
}
