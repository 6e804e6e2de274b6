/** Packets of one call that the kernel refused: one is nothing, a run of them is a call that nobody can hear. */
import { elapsedMs, type MonotonicMs } from '../base/clock.ts';

/** Failed sends in a run after which a call is given up: 200 ms of packets nobody can hear. */
export const SEND_ERRORS_MAX = 10;

/** A send error this long after the last one begins a new run: what came between was sent. */
const SEND_ERROR_RUN_MS = 500;

/** The count of one call. */
export class SendFailures {
  total = 0;
  #inRun = 0;
  #lastAt: MonotonicMs | null = null;

  /** A send failed; true when this is the one after which the call is given up. */
  add(at: MonotonicMs): boolean {
    const isNewRun = this.#lastAt === null || elapsedMs(this.#lastAt, at) > SEND_ERROR_RUN_MS;
    this.#inRun = isNewRun ? 1 : this.#inRun + 1;
    this.#lastAt = at;
    this.total += 1;
    return this.#inRun === SEND_ERRORS_MAX;
  }
}
