/**
 * What happens next in a simulation: a binary heap on typed arrays, so that a year of events makes no object. The order
 * of events at one moment is the same in every run: that in which they were put in, but for those put in thousands apart. Pure.
 */

/** Events by their time. `kind`, `subject` and `stamp` are the user's own numbers. */
export type EventQueue = {
  /** @param at whole ms from the beginning of the simulation, under 2^40: some 34 years */
  put(at: number, kind: number, subject: number, stamp: number): void;
  /** Takes the next event out, into the fields below; false: there is none. */
  take(): boolean;
  /** When the next one is; Infinity: there is none. */
  nextAt(): number;
  size(): number;
  at: number;
  kind: number;
  subject: number;
  stamp: number;
};

/** A time and its order among those of the same moment fit into one number of 53 bits. */
const ORDERS = 2 ** 13;

/** Room to begin with; it doubles. */
const FIRST_CAPACITY = 1_024;

/** An empty one. */
export function createEventQueue(): EventQueue {
  let capacity = FIRST_CAPACITY;
  let keys = new Float64Array(capacity);
  let kinds = new Uint8Array(capacity);
  let subjects = new Int32Array(capacity);
  let stamps = new Int32Array(capacity);
  let size = 0;
  /** Starts anew after {@link ORDERS}. */
  let order = 0;

  const queue: EventQueue = {
    at: 0,
    kind: 0,
    subject: 0,
    stamp: 0,
    put(at, kind, subject, stamp) {
      if (size === capacity) grow();
      order = (order + 1) % ORDERS;
      const key = at * ORDERS + order;
      let place = size++;
      while (place > 0) {
        const above = (place - 1) >> 1;
        if ((keys[above] as number) <= key) break;
        move(above, place);
        place = above;
      }
      set(place, key, kind, subject, stamp);
    },
    take() {
      if (size === 0) return false;
      queue.at = Math.floor((keys[0] as number) / ORDERS);
      queue.kind = kinds[0] as number;
      queue.subject = subjects[0] as number;
      queue.stamp = stamps[0] as number;
      size--;
      if (size > 0) sink(keys[size] as number);
      return true;
    },
    nextAt: () => (size === 0 ? Number.POSITIVE_INFINITY : Math.floor((keys[0] as number) / ORDERS)),
    size: () => size,
  };
  return queue;

  /** The last event finds its place from the top. */
  function sink(key: number): void {
    const kind = kinds[size] as number;
    const subject = subjects[size] as number;
    const stamp = stamps[size] as number;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= size) break;
      if (below + 1 < size && (keys[below + 1] as number) < (keys[below] as number)) below++;
      if ((keys[below] as number) >= key) break;
      move(below, place);
      place = below;
    }
    set(place, key, kind, subject, stamp);
  }

  function move(from: number, to: number): void {
    keys[to] = keys[from] as number;
    kinds[to] = kinds[from] as number;
    subjects[to] = subjects[from] as number;
    stamps[to] = stamps[from] as number;
  }

  function set(place: number, key: number, kind: number, subject: number, stamp: number): void {
    keys[place] = key;
    kinds[place] = kind;
    subjects[place] = subject;
    stamps[place] = stamp;
  }

  function grow(): void {
    capacity *= 2;
    keys = grown(new Float64Array(capacity), keys);
    kinds = grown(new Uint8Array(capacity), kinds);
    subjects = grown(new Int32Array(capacity), subjects);
    stamps = grown(new Int32Array(capacity), stamps);
  }
}

/** The larger array, beginning with what is in the smaller one. */
export function grown<T extends Float64Array | Int32Array | Uint8Array>(larger: T, smaller: T): T {
  larger.set(smaller);
  return larger;
}
