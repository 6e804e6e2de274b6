import { describe, expect, it } from 'vitest';
import { addMs, type MonotonicMs } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { fakeClock } from '../../testing/fake-clock.ts';
import { timerQueue } from './timer-queue.ts';

describe('the timer queue', () => {
  it('fires thousands of timers in the order of their time, and none that was cancelled', () => {
    const clock = fakeClock();
    const queue = timerQueue(clock);
    const random = seededRandom(7);
    const fired: number[] = [];
    let cancelled = 0;
    for (let index = 0; index < 5_000; index++) {
      const atMs = Math.floor(random() * 1_000) as MonotonicMs;
      const timer = queue.setTimer(atMs, () => {
        fired.push(atMs);
        expect(queue.monotonicMs()).toBe(atMs);
      });
      if (random() < 0.5) {
        timer.cancel();
        timer.cancel();
        cancelled++;
      }
    }
    expect(clock.pendingTimers()).toBe(1);
    clock.advance(1_000);
    expect(fired).toHaveLength(5_000 - cancelled);
    expect(fired).toEqual([...fired].sort((a, b) => a - b));
    expect(queue.pendingTimers()).toBe(0);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('keeps its order when it drops the cancelled ones', () => {
    const clock = fakeClock();
    const queue = timerQueue(clock);
    const random = seededRandom(11);
    const fired: number[] = [];
    for (let index = 0; index < 20_000; index++) {
      const atMs = Math.floor(random() * 100_000) as MonotonicMs;
      const timer = queue.setTimer(atMs, () => fired.push(atMs));
      if (index % 10 !== 0) timer.cancel();
    }
    expect(queue.pendingTimers()).toBe(2_000);
    clock.advance(100_000);
    expect(fired).toHaveLength(2_000);
    expect(fired).toEqual([...fired].sort((a, b) => a - b));
  });

  it('fires timers set by timers, and goes on after one that throws', () => {
    const clock = fakeClock();
    const thrown: unknown[] = [];
    const queue = timerQueue(clock, (problem) => thrown.push(problem));
    const fired: string[] = [];
    queue.setTimer(10 as MonotonicMs, () => {
      queue.setTimer(addMs(queue.monotonicMs(), 5), () => fired.push('b'));
      throw new Error('a');
    });
    queue.setTimer(12 as MonotonicMs, () => fired.push('c'));
    clock.advance(20);
    expect(fired).toEqual(['c', 'b']);
    expect(thrown).toHaveLength(1);
  });
});
