/** Which of the newest indexes were seen (RFC 3711 §3.3.2): a packet is taken once, and not at all when it is too old. */

/** RFC 3711 §3.3.2 wants at least 64: two seconds and a half of the usual packets. */
export const REPLAY_WINDOW = 128;

const WORD_BITS = 32;

/** The window of one stream. */
export class ReplayWindow {
  /** The highest index taken; -1 for none. */
  highest = -1;
  /** A ring of bits, index modulo its size. */
  readonly #seen = new Uint32Array(REPLAY_WINDOW / WORD_BITS);

  /** Whether a packet with this index may be taken: only after its authentication it is. */
  isNew(index: number): boolean {
    if (index < 0 || index <= this.highest - REPLAY_WINDOW) return false;
    return index > this.highest || !this.#has(index);
  }

  /** The packet was authentic. */
  take(index: number): void {
    // What the window slides over is seen by nobody yet.
    const from = Math.max(this.highest + 1, index - REPLAY_WINDOW + 1);
    for (let passed = from; passed < index; passed += 1) this.#clear(passed);
    this.#set(index);
    if (index > this.highest) this.highest = index;
  }

  #has(index: number): boolean {
    const bit = index % REPLAY_WINDOW;
    return (((this.#seen[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
  }

  #set(index: number): void {
    const bit = index % REPLAY_WINDOW;
    this.#seen[bit >>> 5] = (this.#seen[bit >>> 5] as number) | (1 << (bit & 31));
  }

  #clear(index: number): void {
    const bit = index % REPLAY_WINDOW;
    this.#seen[bit >>> 5] = (this.#seen[bit >>> 5] as number) & ~(1 << (bit & 31));
  }
}
