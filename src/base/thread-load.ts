/**
 * How a thread bears its work: how late its event loop is, and what its heap holds. Both are cumulative or momentary, so
 * that anybody may ask at any time and find the figures of a period by difference.
 */
import { addMs, type Clock, elapsedMs, type MonotonicMs, type Timer } from './clock.ts';

/** A thread's load so far. Plain data: it crosses between threads. */
export type ThreadLoad = {
  /** Per bound of `LOOP_DELAY_BOUNDS_MS`, and one more beyond the last: how many ticks were late by up to that, not more. */
  readonly delayCounts: readonly number[];
  /** The sum of all those delays, ms. */
  readonly delaySumMs: number;
  /** Octets in use on this thread's JavaScript heap. */
  readonly heapOctets: number;
  /** Octets of buffers outside of that heap. */
  readonly externalOctets: number;
};

/** A watch over the thread it was started in. */
export type ThreadWatch = { read(): ThreadLoad; stop(): void };

/** Upper bounds of the delay's buckets, ms; the last bucket has none. */
export const LOOP_DELAY_BOUNDS_MS: readonly number[] = [1, 2, 3, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 200, 500, 1000];

/**
 * How often the event loop is asked to come by, ms. Each of our threads wakes up for it: at 10 that took 3.5 % of a core
 * from a Brusio without calls. A stall shorter than this is met by chance, in proportion to its length.
 */
export const TICK_MS = 40;

/** Ticks that one stall can have swallowed: ten minutes of them; a stopped process is not worth counting further. */
const SWALLOWED_TICKS_MAX = 60_000;

/**
 * Starts to watch this thread, until `stop`.
 *
 * A stall of 200 ms swallows five ticks and is seen by one. The others are counted as late as they would have been,
 * so that a share of ticks is a share of time: what an event that comes at any moment must wait.
 */
export function watchThread(clock: Clock): ThreadWatch {
  const delayCounts = new Array<number>(LOOP_DELAY_BOUNDS_MS.length + 1).fill(0);
  let delaySumMs = 0;
  let dueAtMs = addMs(clock.monotonicMs(), TICK_MS);
  let timer: Timer = clock.setTimer(dueAtMs, tick);

  function tick(): void {
    const nowMs = clock.monotonicMs();
    let delayMs = Math.max(0, elapsedMs(dueAtMs, nowMs));
    for (let ticks = 0; ticks === 0 || (delayMs >= 0 && ticks < SWALLOWED_TICKS_MAX); ticks += 1) {
      record(delayMs);
      delayMs -= TICK_MS;
    }
    arm(nowMs);
  }

  function record(delayMs: number): void {
    const bucket = LOOP_DELAY_BOUNDS_MS.findIndex((boundMs) => delayMs <= boundMs);
    const index = bucket === -1 ? LOOP_DELAY_BOUNDS_MS.length : bucket;
    delayCounts[index] = (delayCounts[index] ?? 0) + 1;
    delaySumMs += delayMs;
  }

  function arm(nowMs: MonotonicMs): void {
    dueAtMs = addMs(nowMs, TICK_MS);
    timer = clock.setTimer(dueAtMs, tick);
  }

  return {
    read() {
      const { heapUsed, external } = process.memoryUsage();
      return { delayCounts: [...delayCounts], delaySumMs, heapOctets: heapUsed, externalOctets: external };
    },
    stop: () => timer.cancel(),
  };
}
