/**
 * Which streams are due, on a grid that never drifts.
 *
 * Time is cut into ticks of `tickMs`, counted from a fixed origin; a stream of 20 ms packets is due at every tick of one
 * place on a wheel that turns in 20 ms, so it keeps its distance to every other stream and its own packets are 20 ms apart
 * however coarse the tick is. One of 10 or 30 ms changes its place with every packet, by as many ticks as that takes. Nothing is scheduled from "now": a late wake-up shifts a packet, not the ones after it.
 *
 * A late wake-up sends the missed frames at once, up to CATCH_UP_FRAMES_MAX. After a longer stall the oldest are skipped
 * and the newest sent: a longer burst would overflow the peer's jitter buffer and be heard worse than the gap. The RTP
 * timestamp advances over skipped frames too.
 */
import { assert } from '../base/assert.ts';
import { addMs, elapsedMs, type MonotonicMs } from '../base/clock.ts';

/** Frames sent back to back after a stall: 3 × 20 ms is within any common jitter buffer. */
export const CATCH_UP_FRAMES_MAX = 3;

/** What the pacer calls when a frame is due. */
export type PacedStream = {
  /** Sends the frame due at `due`; `skipped` frames before it are left out. May schedule or remove its own slot. */
  frameDue(due: MonotonicMs, skipped: number): void;
};

/** A stream's place on the wheel, -1 when it is not on it. A due tick beyond the next turn makes it wait. */
export type PacerSlot = {
  readonly stream: PacedStream;
  dueTick: number;
  /** From one packet to the next. */
  periodTicks: number;
  place: number;
  index: number;
  plays: boolean;
};

/** A slot for `stream`, not yet on the wheel. */
export function pacerSlot(stream: PacedStream): PacerSlot {
  return { stream, dueTick: 0, periodTicks: 0, place: -1, index: -1, plays: false };
}

/** The wheel. */
export class Pacer {
  readonly #origin: MonotonicMs;
  readonly #tickMs: number;
  readonly #wheel: PacerSlot[][];
  #slots = 0;
  #playing = 0;
  /** The newest tick that was or is being served. */
  #tick = -1;

  /** `frameMs` must be a whole number of `tickMs`. */
  constructor(origin: MonotonicMs, tickMs: number, frameMs: number) {
    assert(frameMs % tickMs === 0, `a frame of ${frameMs} ms is not a whole number of ${tickMs} ms ticks`);
    this.#origin = origin;
    this.#tickMs = tickMs;
    this.#wheel = Array.from({ length: frameMs / tickMs }, () => []);
  }

  /** How many streams play: only for these does a fraction of a millisecond matter. */
  get playing(): number {
    return this.#playing;
  }

  /**
   * Puts a slot on the wheel, or moves it: due first at the tick nearest to `firstDue`, then every `periodMs`, a whole number
   * of ticks; 0: every turn of the wheel.
   */
  play(slot: PacerSlot, firstDue: MonotonicMs, now: MonotonicMs, periodMs = 0): void {
    this.#put(slot, firstDue, now);
    if (periodMs !== 0) slot.periodTicks = Math.round(periodMs / this.#tickMs);
    slot.plays = true;
    this.#playing += 1;
  }

  /** Puts a slot on the wheel, or moves it, to be asked at about `at` whether it should play. */
  watch(slot: PacerSlot, at: MonotonicMs, now: MonotonicMs): void {
    this.#put(slot, at, now);
  }

  /** Takes a slot off the wheel, if it is on it. */
  remove(slot: PacerSlot): void {
    if (slot.place < 0) return;
    const slots = this.#slotsAt(slot.place);
    const last = slots.pop();
    if (last !== undefined && last !== slot) {
      slots[slot.index] = last;
      last.index = slot.index;
    }
    slot.place = -1;
    this.#slots -= 1;
    if (slot.plays) this.#playing -= 1;
    slot.plays = false;
  }

  /** When a slot may be due next, or null when none is on the wheel. */
  nextDue(): MonotonicMs | null {
    if (this.#slots === 0) return null;
    let tick = this.#tick + 1;
    while (this.#slotsAt(tick % this.#wheel.length).length === 0) tick += 1;
    return addMs(this.#origin, tick * this.#tickMs);
  }

  /** Sends everything that is due by `now`. */
  run(now: MonotonicMs): void {
    const newest = this.#tickAt(now);
    // After a long stall one turn of the wheel reaches every stream; each slot knows how far behind it is.
    const oldest = Math.max(this.#tick + 1, newest - this.#wheel.length + 1);
    for (let tick = oldest; tick <= newest; tick += 1) {
      // First, so that a slot that is put back while it is served is due at a later tick.
      this.#tick = tick;
      this.#serve(tick);
    }
  }

  #put(slot: PacerSlot, due: MonotonicMs, now: MonotonicMs): void {
    this.remove(slot);
    // An empty wheel stood still: nothing on it is late.
    if (this.#slots === 0) this.#tick = Math.max(this.#tick, this.#tickAt(now));
    slot.dueTick = Math.max(this.#tick + 1, Math.round(elapsedMs(this.#origin, due) / this.#tickMs));
    slot.periodTicks = this.#wheel.length;
    slot.place = slot.dueTick % this.#wheel.length;
    slot.index = this.#slotsAt(slot.place).push(slot) - 1;
    this.#slots += 1;
  }

  #serve(tick: number): void {
    const slots = this.#slotsAt(tick % this.#wheel.length);
    // Backwards, so that the slot that fills a removed one's place was served already.
    for (let index = slots.length - 1; index >= 0; index -= 1) {
      const slot = slots[index];
      if (slot !== undefined && slot.dueTick <= tick) this.#serveSlot(slot, tick);
    }
  }

  #serveSlot(slot: PacerSlot, tick: number): void {
    const period = slot.periodTicks;
    const due = Math.floor((tick - slot.dueTick) / period) + 1;
    // As much sound as CATCH_UP_FRAMES_MAX frames of a turn, in packets of this stream.
    const dueMax = Math.max(1, Math.floor((CATCH_UP_FRAMES_MAX * this.#wheel.length) / period));
    let skipped = Math.max(0, due - dueMax);
    slot.dueTick += skipped * period;
    // A slot that its stream moves, or gives another period, is served by where it is then.
    while (slot.dueTick <= tick && slot.place >= 0 && slot.periodTicks === period) {
      const dueAt = addMs(this.#origin, slot.dueTick * this.#tickMs);
      slot.dueTick += period;
      slot.stream.frameDue(dueAt, skipped);
      skipped = 0;
    }
    if (slot.place >= 0 && slot.place !== slot.dueTick % this.#wheel.length) this.#move(slot);
  }

  /** To the place of its next packet. */
  #move(slot: PacerSlot): void {
    const slots = this.#slotsAt(slot.place);
    const last = slots.pop();
    if (last !== undefined && last !== slot) {
      slots[slot.index] = last;
      last.index = slot.index;
    }
    slot.place = slot.dueTick % this.#wheel.length;
    slot.index = this.#slotsAt(slot.place).push(slot) - 1;
  }

  #tickAt(now: MonotonicMs): number {
    return Math.floor(elapsedMs(this.#origin, now) / this.#tickMs);
  }

  #slotsAt(place: number): PacerSlot[] {
    const slots = this.#wheel[place];
    assert(slots !== undefined, `no place ${place} on a wheel of ${this.#wheel.length}`);
    return slots;
  }
}
