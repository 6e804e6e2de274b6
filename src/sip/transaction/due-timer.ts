import type { Clock, MonotonicMs, Timer } from '../../base/clock.ts';
import { NEVER } from './sip-timers.ts';

/** The one timer of a transaction, kept at the moment at which its state is due. */
export class DueTimer {
  readonly #clock: Clock;
  readonly #onDue: () => void;
  #timer: Timer | null = null;
  #atMs: MonotonicMs = NEVER;

  constructor(clock: Clock, onDue: () => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Moves it to `dueAtMs`; `NEVER` takes it away. */
  keepAt(dueAtMs: MonotonicMs): void {
    if (dueAtMs === this.#atMs) return;
    this.#timer?.cancel();
    this.#atMs = dueAtMs;
    this.#timer = dueAtMs === NEVER ? null : this.#clock.setTimer(dueAtMs, () => this.#fire());
  }

  #fire(): void {
    this.#timer = null;
    this.#atMs = NEVER;
    this.#onDue();
  }
}
