/**
 * Time as an argument. Two kinds of milliseconds that must never be mixed, and the one door to the system's clock.
 */

declare const monotonic: unique symbol;
declare const wall: unique symbol;

/** Milliseconds since an arbitrary origin, the same in every thread of the process; never steps. For durations. */
export type MonotonicMs = number & { readonly [monotonic]: true };

/** Milliseconds since 1970-01-01T00:00:00Z; may step when the system's clock is set. For records. */
export type WallMs = number & { readonly [wall]: true };

/** One moment, told by both clocks: `monotonicMs` to subtract, `wallMs` to write down. */
export type Instant = { readonly monotonicMs: MonotonicMs; readonly wallMs: WallMs };

/** A timer that was set; `cancel` may be called at any time, any number of times. */
export type Timer = { cancel(): void };

/** What the program knows of time. The system's clock in production, a fake one in tests. */
export type Clock = {
  monotonicMs(): MonotonicMs;
  now(): Instant;
  /** Calls `fire` once, at or just after `atMs`; in the past: on the next turn of the event loop. */
  setTimer(atMs: MonotonicMs, fire: () => void): Timer;
};

/** The later (or, with a negative duration, earlier) monotonic moment. */
export function addMs(atMs: MonotonicMs, durationMs: number): MonotonicMs {
  return (atMs + durationMs) as MonotonicMs;
}

/** Milliseconds from `from` to `to`; fractions kept, negative when `to` is earlier. */
export function elapsedMs(from: MonotonicMs, to: MonotonicMs): number {
  return to - from;
}

/** ISO 8601 in UTC with milliseconds, as every public record shows time. */
export function toIso(wallMs: WallMs): string {
  return new Date(wallMs).toISOString();
}

function readMonotonicMs(): MonotonicMs {
  // process.hrtime has the same origin in every worker thread; performance.now() has not.
  return (Number(process.hrtime.bigint()) / 1e6) as MonotonicMs;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  monotonicMs: readMonotonicMs,
  now: () => ({ monotonicMs: readMonotonicMs(), wallMs: Date.now() as WallMs }),
  setTimer(atMs, fire) {
    // Node's timers count whole milliseconds from the time its event loop last looked: by themselves they come up to one early.
    const look = () => {
      const restMs = atMs - readMonotonicMs();
      if (restMs <= 0) fire();
      else timeout = setTimeout(look, Math.ceil(restMs));
    };
    let timeout = setTimeout(look, Math.max(0, Math.ceil(atMs - readMonotonicMs())));
    return { cancel: () => clearTimeout(timeout) };
  },
};
