import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import type { Clock, MonotonicMs } from './clock.ts';
import { LOOP_DELAY_BOUNDS_MS, TICK_MS, watchThread } from './thread-load.ts';

/** A clock whose timers fire when the loop is let come by, however late that is. */
function stallingClock() {
  let nowMs = 0;
  let set: { readonly atMs: number; readonly fire: () => void } | null = null;
  const clock: Clock = {
    ...fakeClock(),
    monotonicMs: () => nowMs as MonotonicMs,
    setTimer(atMs, fire) {
      const mine = { atMs, fire };
      set = mine;
      return {
        cancel: () => {
          if (set === mine) set = null;
        },
      };
    },
  };
  return {
    clock,
    /** The loop comes by at this moment. */
    comesBy(atMs: number) {
      nowMs = atMs;
      if (set !== null && set.atMs <= atMs) set.fire();
    },
    isArmed: () => set !== null,
  };
}

const bucketOf = (boundMs: number) => LOOP_DELAY_BOUNDS_MS.indexOf(boundMs);

describe('the watch over a thread', () => {
  it('counts ticks by how late they are', () => {
    const loop = stallingClock();
    const watch = watchThread(loop.clock);
    loop.comesBy(TICK_MS);
    loop.comesBy(2 * TICK_MS + 4.5);
    const { delayCounts, delaySumMs } = watch.read();
    expect(delayCounts[bucketOf(1)]).toBe(1);
    expect(delayCounts[bucketOf(5)]).toBe(1);
    expect(delaySumMs).toBe(4.5);
  });

  it('counts the ticks that a stall swallowed as late as they would have been', () => {
    const loop = stallingClock();
    const watch = watchThread(loop.clock);
    loop.comesBy(TICK_MS + 4 * TICK_MS + 5);
    const { delayCounts } = watch.read();
    // 165, 125, 85, 45 and 5 ms late.
    expect(delayCounts[bucketOf(200)]).toBe(2);
    expect(delayCounts[bucketOf(100)]).toBe(1);
    expect(delayCounts[bucketOf(50)]).toBe(1);
    expect(delayCounts[bucketOf(5)]).toBe(1);
  });

  it('counts what is later than every bound in the last bucket', () => {
    const loop = stallingClock();
    const watch = watchThread(loop.clock);
    loop.comesBy(TICK_MS + 1_001);
    expect(watch.read().delayCounts.at(-1)).toBe(1);
  });

  it('tells the heap, and leaves no timer behind', () => {
    const loop = stallingClock();
    const watch = watchThread(loop.clock);
    expect(watch.read().heapOctets).toBeGreaterThan(1_000_000);
    watch.stop();
    expect(loop.isArmed()).toBe(false);
  });
});
