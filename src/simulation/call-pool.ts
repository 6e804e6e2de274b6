/** The calls that live at one moment of a simulation, as typed arrays: a call makes no object. Pure. */

/** What a call does at the moment. */
export const CALL = {
  free: 0,
  ringing: 1,
  deciding: 2,
  queued: 3,
  bridging: 4,
  talking: 5,
  wrappingUp: 6,
  over: 7,
} as const;

/** What will become of a call that rings. */
export const FATE = { person: 0, machine: 1, busy: 2, failed: 3, unanswered: 4 } as const;

/** A slot for each call; all times in ms from the beginning, Infinity: never. */
export type CallPool = {
  readonly state: Uint8Array;
  /** Goes up with each change of plan: an event that was put before it is none any more. */
  readonly stamp: Int32Array;
  /** Counts all calls, refused ones included. */
  readonly id: Float64Array;
  readonly campaign: Int16Array;
  readonly number: Int32Array;
  readonly fate: Uint8Array;
  /** 0 none, 1 reserved, 2 connected. */
  readonly agentPromise: Uint8Array;
  /** The dialer will take it for a machine. */
  readonly takenForMachine: Uint8Array;
  readonly risk: Int16Array;
  readonly answeredAt: Float64Array;
  readonly decidesAt: Float64Array;
  readonly hangsUpAt: Float64Array;
  readonly deadlineAt: Float64Array;
  readonly bridgesAt: Float64Array;
  readonly endedAt: Float64Array;
  /** What the callee says first: its beginning, its end, and how much of it was told. */
  readonly greetsAt: Float64Array;
  readonly greetedAt: Float64Array;
  readonly greetingTold: Uint8Array;
  readonly capacity: number;
  /** A slot that is free, or -1. */
  open(): number;
  close(slot: number): void;
  live(): number;
};

/** Room for so many at once. */
export function createCallPool(capacity: number): CallPool {
  const free = Int32Array.from({ length: capacity }, (_, place) => capacity - 1 - place);
  let left = capacity;
  const state = new Uint8Array(capacity);
  const stamp = new Int32Array(capacity);
  const times = () => new Float64Array(capacity);
  return {
    ...{
      state,
      stamp,
      capacity,
      id: times(),
      number: new Int32Array(capacity),
      campaign: new Int16Array(capacity),
      fate: new Uint8Array(capacity),
    },
    ...{ agentPromise: new Uint8Array(capacity), takenForMachine: new Uint8Array(capacity) },
    ...{ risk: new Int16Array(capacity), answeredAt: times(), decidesAt: times(), hangsUpAt: times() },
    ...{ deadlineAt: times(), bridgesAt: times(), endedAt: times() },
    ...{ greetsAt: times(), greetedAt: times(), greetingTold: new Uint8Array(capacity) },
    open: () => (left === 0 ? -1 : (free[--left] as number)),
    close(slot) {
      state[slot] = CALL.free;
      stamp[slot] = (stamp[slot] as number) + 1;
      free[left++] = slot;
    },
    live: () => capacity - left,
  };
}
