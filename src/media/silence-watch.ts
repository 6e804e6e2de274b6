/** Whether a peer that should be sending has fallen silent: told once for every silence, and only while it is to be expected. */
import { addMs, elapsedMs, type MonotonicMs } from '../base/clock.ts';

/** The watch over one leg. */
export class SilenceWatch {
  readonly #limitMs: number | null;
  /** Packets are expected since then; null: the peer is on hold, or nobody should be heard. */
  #since: MonotonicMs | null = null;
  /** Where the silence began that was told. */
  #toldFrom: MonotonicMs | null = null;

  /** `limitMs` null: nothing is watched. */
  constructor(limitMs: number | null) {
    this.#limitMs = limitMs;
  }

  /** Packets of the peer are expected from `now` on, or no longer. */
  expect(isExpected: boolean, now: MonotonicMs): void {
    if (!isExpected) this.#since = null;
    else this.#since ??= now;
  }

  /** How long the peer has been silent, ms, when that is too long and was not told yet; else null. */
  look(lastHeardAt: MonotonicMs | null, now: MonotonicMs): number | null {
    const from = this.#from(lastHeardAt);
    if (from === null || this.#limitMs === null || from === this.#toldFrom) return null;
    const silentMs = elapsedMs(from, now);
    if (silentMs < this.#limitMs) return null;
    this.#toldFrom = from;
    return silentMs;
  }

  /** When to look next, or null. */
  nextLookAt(lastHeardAt: MonotonicMs | null, now: MonotonicMs): MonotonicMs | null {
    const from = this.#from(lastHeardAt);
    if (from === null || this.#limitMs === null) return null;
    // A silence that was told lasts until a packet comes, which is seen by looking now and then.
    return addMs(from === this.#toldFrom ? now : from, this.#limitMs);
  }

  #from(lastHeardAt: MonotonicMs | null): MonotonicMs | null {
    if (this.#since === null || lastHeardAt === null) return this.#since;
    return lastHeardAt > this.#since ? lastHeardAt : this.#since;
  }
}
