/** What is known of the machine's clock, as every outcome says it: looked at now and then, never while a call waits for it. */
import { addMs, type Clock, type Timer, type WallMs } from '../base/clock.ts';

/** What a look at the clock found. */
export type ClockState = {
  /** Set by others; null: nothing on the machine tells. */
  readonly synchronised: boolean | null;
  /** The program that told it, or null. */
  readonly source: string | null;
  /** How far the system clock is from its reference, positive: ahead; null where that is not told. ms. */
  readonly offsetMs: number | null;
  readonly checkedAt: WallMs;
};

/** Looks at the clock at the start and then now and then. */
export type ClockWatch = {
  start(): void;
  /** What was found last; null before the first look has ended. */
  state(): ClockState | null;
  stop(): void;
};

/** Between two looks: a clock that nobody sets any more drifts by milliseconds in that time. */
export const CLOCK_LOOK_MS = 300_000;

/** @param look how; never rejects */
export function createClockWatch(clock: Clock, look: () => Promise<Omit<ClockState, 'checkedAt'>>): ClockWatch {
  let known: ClockState | null = null;
  let timer: Timer | null = null;
  let stopped = false;
  return {
    start: () => void next(),
    state: () => known,
    stop() {
      stopped = true;
      timer?.cancel();
    },
  };

  async function next(): Promise<void> {
    const found = await look();
    if (stopped) return;
    known = { ...found, checkedAt: clock.now().wallMs };
    timer = clock.setTimer(addMs(clock.monotonicMs(), CLOCK_LOOK_MS), () => void next());
  }
}
