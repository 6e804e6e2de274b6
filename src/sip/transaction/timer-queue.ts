import type { Clock, MonotonicMs, Timer } from '../../base/clock.ts';

/**
 * Above this size a heap of which two thirds are cancelled is compacted: Timer C (185 s) is set for every call and almost
 * never fires, so at 250 calls/s the dead would be ten times the living.
 */
const COMPACT_FROM = 4_096;

/** What all entries of a queue share. */
type Tally = { live: number; onEmpty: () => void };

/** A timer in the heap; a class, so that a pending timer is one object and no closure of its own. */
class Entry implements Timer {
  readonly atMs: MonotonicMs;
  readonly sequence: number;
  fire: (() => void) | null;
  readonly #tally: Tally;

  constructor(atMs: MonotonicMs, sequence: number, fire: () => void, tally: Tally) {
    this.atMs = atMs;
    this.sequence = sequence;
    this.fire = fire;
    this.#tally = tally;
    tally.live++;
  }

  /** Forgets the callback; the entry itself leaves the heap when its time comes. */
  cancel(): void {
    if (this.fire === null) return;
    this.fire = null;
    this.#tally.live--;
    if (this.#tally.live === 0) this.#tally.onEmpty();
  }
}

/**
 * A clock that keeps all its timers in one heap and sets a single timer on `clock`, for the earliest of them.
 *
 * At 250 calls/s with some six transactions of 5 to 32 s each, about 40,000 timers are pending, most to be cancelled:
 * setting or firing one costs log2(40,000) = 16 comparisons, cancelling only forgets the callback. `onThrown` gets what
 * a callback throws, so that it ends with itself.
 */
export function timerQueue(
  clock: Clock,
  onThrown: (thrown: unknown) => void = rethrow,
): Clock & { pendingTimers(): number } {
  const heap: Entry[] = [];
  let sequence = 0;
  const tally: Tally = {
    live: 0,
    onEmpty() {
      heap.length = 0;
      arm();
    },
  };
  let wakeUp: { readonly atMs: MonotonicMs; readonly timer: Timer } | null = null;

  const earlier = (a: Entry, b: Entry) => a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);

  const push = (entry: Entry) => {
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!earlier(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  };

  const pop = () => {
    const last = heap.pop() as Entry;
    const size = heap.length;
    if (size === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && earlier(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!earlier(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
  };

  /** Drops what was cancelled; an array in order is a heap. */
  const compact = () => {
    const live = heap.filter((entry) => entry.fire !== null);
    live.sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence);
    heap.length = 0;
    for (const entry of live) heap.push(entry);
  };

  const arm = () => {
    while (heap[0] !== undefined && heap[0].fire === null) pop();
    const first = heap[0];
    if (first === undefined) {
      wakeUp?.timer.cancel();
      wakeUp = null;
    } else if (wakeUp === null || first.atMs < wakeUp.atMs) {
      wakeUp?.timer.cancel();
      wakeUp = { atMs: first.atMs, timer: clock.setTimer(first.atMs, run) };
    }
  };

  const run = () => {
    wakeUp = null;
    const nowMs = clock.monotonicMs();
    try {
      for (let first = heap[0]; first !== undefined && (first.fire === null || first.atMs <= nowMs); first = heap[0]) {
        pop();
        const { fire } = first;
        if (fire === null) continue;
        first.fire = null;
        tally.live--;
        try {
          fire();
        } catch (thrown) {
          onThrown(thrown);
        }
      }
    } finally {
      arm();
    }
  };

  return {
    monotonicMs: clock.monotonicMs,
    now: clock.now,
    setTimer(atMs, fire) {
      if (heap.length > COMPACT_FROM && heap.length > 3 * tally.live) compact();
      const entry = new Entry(atMs, sequence++, fire, tally);
      push(entry);
      if (wakeUp === null || atMs < wakeUp.atMs) arm();
      return entry;
    },
    pendingTimers: () => tally.live,
  };
}

function rethrow(thrown: unknown): never {
  throw thrown;
}
