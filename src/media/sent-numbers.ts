/** Which of the newest packets of a stream were sent, by their numbers since its start. */

/** Numbers that are remembered: a power of two above SEQUENCE_MISORDER_MAX of rtp-stream.ts. */
const WINDOW = 128;

/** The memory of one stream. */
export class SentNumbers {
  /** By number modulo its length. */
  readonly #sent = new Int32Array(WINDOW).fill(-1);

  /** Whether a number that is less than WINDOW behind the newest was sent. */
  has(number: number): boolean {
    return this.#sent[number % WINDOW] === number;
  }

  add(number: number): void {
    this.#sent[number % WINDOW] = number;
  }

  /** Every number after `before`, up to `last`. */
  addAll(before: number, last: number): void {
    for (let number = Math.max(before, last - WINDOW) + 1; number <= last; number += 1) this.add(number);
  }
}
