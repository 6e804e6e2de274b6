import type { Clock, Instant, MonotonicMs, Timer, WallMs } from '../base/clock.ts';

/** A clock that stands still until a test moves it; timers fire in order of their time, then of their setting. */
export type FakeClock = Clock & {
  /** Moves time forward by `durationMs`, firing every timer that falls due on the way at its own moment. */
  advance(durationMs: number): void;
  /** How many timers are set: zero proves that nothing leaks. */
  pendingTimers(): number;
};

/** Starts at monotonic 0 and at 2026-11-20T09:00:00Z. */
export function fakeClock(startWallMs = Date.UTC(2026, 10, 20, 9)): FakeClock {
  let nowMs = 0;
  let sequence = 0;
  const timers = new Map<number, { atMs: number; fire: () => void }>();

  const instant = (): Instant => ({ monotonicMs: nowMs as MonotonicMs, wallMs: (startWallMs + nowMs) as WallMs });
  /** The earliest, of several the one set first: the map keeps the order in which they were set. */
  const nextDue = (limitMs: number) => {
    let due: [number, { atMs: number; fire: () => void }] | undefined;
    for (const entry of timers)
      if (entry[1].atMs <= limitMs && (due === undefined || entry[1].atMs < due[1].atMs)) due = entry;
    return due;
  };

  return {
    monotonicMs: () => nowMs as MonotonicMs,
    now: instant,
    setTimer(atMs, fire): Timer {
      const id = sequence++;
      timers.set(id, { atMs, fire });
      return { cancel: () => void timers.delete(id) };
    },
    advance(durationMs) {
      const limitMs = nowMs + durationMs;
      for (let due = nextDue(limitMs); due !== undefined; due = nextDue(limitMs)) {
        const [id, timer] = due;
        timers.delete(id);
        nowMs = Math.max(nowMs, timer.atMs);
        timer.fire();
      }
      nowMs = limitMs;
    },
    pendingTimers: () => timers.size,
  };
}
