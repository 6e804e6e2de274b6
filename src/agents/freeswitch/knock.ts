/**
 * Makes the event socket tell at once. Between commands mod_event_socket sleeps in a poll of 20 ms on what its client
 * sends, and looks for events to send only when that ends (`read_packet`), so a bridge would be told 10 ms late in the
 * mean. An octet from the client ends the poll; a line end before a command is thrown away there, unanswered. So while
 * somebody may be waiting for an agent, a line end is sent every few milliseconds: the delay becomes that long at most.
 */
import { addMs, type Clock, type MonotonicMs, type Timer } from '../../base/clock.ts';

/** Between two knocks: the longest that an event lies there. */
export const KNOCK_EVERY_MS = 5;
/** After an answer: as long as anybody may wait for an agent, and a little. */
export const KNOCK_FOR_MS = 3_500;

/** Knocks on one connection. */
export class Knock {
  readonly #clock: Clock;
  readonly #send: (text: string) => void;
  #timer: Timer | null = null;
  #until: MonotonicMs;

  constructor(clock: Clock, send: (text: string) => void) {
    this.#clock = clock;
    this.#send = send;
    this.#until = clock.monotonicMs();
  }

  /** Somebody may wait for an agent from now on. */
  expect(): void {
    this.#until = addMs(this.#clock.monotonicMs(), KNOCK_FOR_MS);
    this.#timer ??= this.#next();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #next(): Timer {
    return this.#clock.setTimer(addMs(this.#clock.monotonicMs(), KNOCK_EVERY_MS), () => {
      this.#send('\n');
      this.#timer = this.#clock.monotonicMs() < this.#until ? this.#next() : null;
    });
  }
}
