import type { Clock } from '../../base/clock.ts';

/**
 * The time of day in UTC as `HH:MM:SS.uuuuuu`. Microseconds come from the monotonic clock, held against the wall clock
 * so that a step of the latter is followed.
 */
export function timeOfDay(clock: Clock): () => string {
  let offsetMs = Number.NaN;
  let second = -1;
  let prefix = '';
  return () => {
    const { monotonicMs, wallMs } = clock.now();
    // The wall clock counts whole milliseconds, so up to one of difference is no step.
    if (!(Math.abs(offsetMs + monotonicMs - wallMs) <= 2)) offsetMs = wallMs - monotonicMs;
    const nowMs = offsetMs + monotonicMs;
    const currentSecond = Math.floor(nowMs / 1_000);
    if (currentSecond !== second) {
      second = currentSecond;
      prefix = new Date(currentSecond * 1_000).toISOString().slice(11, 19);
    }
    const micros = Math.floor((nowMs - currentSecond * 1_000) * 1_000);
    return `${prefix}.${String(Math.min(999_999, micros)).padStart(6, '0')}`;
  };
}
