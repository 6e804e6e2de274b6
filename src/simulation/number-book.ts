/**
 * What is known of every number within one register of locks, kept in memory and moved with every call: the same
 * {@link NumberHistory} as the ruling thread reads from the database.
 */
import type { LockMove } from '../ledger/ledger-entry.ts';
import { type Projection, projectionKey, projectLock } from '../ledger/projection.ts';
import { locksInForce } from '../policy/rules/open-risk.ts';
import type { NumberHistory } from '../policy/rules/standing.ts';

/** The numbers of one register, from 0. */
export type NumberBook = {
  readonly numbers: number;
  /** Laid over what was asked before: one object for all questions. Of screening it knows nothing. */
  historyOf(number: number, caller: Caller, now: CallingDay): KnownHistory;
  placed(number: number, caller: Caller, now: CallingDay): void;
  released(number: number): void;
  /** What a call's entry does to the locks. */
  move(number: number, move: LockMove, callId: string): void;
  /** Numbers that are locked, or were and need their agent. */
  locked(): number;
};

/** What is known of a number; its screening may be written into it. */
export type KnownHistory = { -readonly [K in keyof NumberHistory]: NumberHistory[K] };

const NO_LOCKS = locksInForce([]);

/** Whose calls are counted: places in the arrays. */
export type Caller = { readonly controller: number; readonly campaign: number };
/** The local day and its week, as numbers that never come again. */
export type CallingDay = { readonly day: number; readonly week: number };

/** How often numbers were called, by one controller. */
type Counts = {
  readonly days: Int32Array;
  readonly onDay: Uint16Array;
  readonly weeks: Int32Array;
  readonly inWeek: Uint16Array;
};

/**
 * Nobody was called yet.
 *
 * @param scope name of the register; a number's digest is the number as text
 * @param callers null: no rule asks how often a number was called, and it is not counted
 */
export function createNumberBook(
  scope: string,
  numbers: number,
  callers: { readonly controllers: number; readonly campaigns: number } | null,
): NumberBook {
  const inFlight = new Uint8Array(numbers);
  const hasLock = new Uint8Array(numbers);
  const locks: Projection['locks'] = new Map();
  const ofController = Array.from(
    { length: callers?.controllers ?? 0 },
    (): Counts => ({
      days: new Int32Array(numbers).fill(-1),
      onDay: new Uint16Array(numbers),
      weeks: new Int32Array(numbers).fill(-1),
      inWeek: new Uint16Array(numbers),
    }),
  );
  const ofCampaign = Array.from({ length: callers?.campaigns ?? 0 }, () => new Uint16Array(numbers));
  const history: KnownHistory = {
    ...{ inFlight: 0, ...NO_LOCKS, callsOnDay: 0, callsInWeek: 0, callsOfCampaign: 0, optOut: null, screening: null },
  };

  const keyOf = (number: number) => projectionKey(scope, String(number));

  return {
    numbers,
    historyOf(number, { controller, campaign }, { day, week }) {
      history.inFlight = inFlight[number] as number;
      const { lock, agentLock } = hasLock[number] === 1 ? locksInForce(locks.get(keyOf(number)) ?? []) : NO_LOCKS;
      history.lock = lock;
      history.agentLock = agentLock;
      const counts = ofController[controller];
      if (counts !== undefined) {
        history.callsOnDay = counts.days[number] === day ? (counts.onDay[number] as number) : 0;
        history.callsInWeek = counts.weeks[number] === week ? (counts.inWeek[number] as number) : 0;
        history.callsOfCampaign = ofCampaign[campaign]?.[number] ?? 0;
      }
      return history;
    },
    placed(number, { controller, campaign }, { day, week }) {
      inFlight[number] = (inFlight[number] as number) + 1;
      const counts = ofController[controller];
      if (counts === undefined) return;
      counts.onDay[number] = counts.days[number] === day ? (counts.onDay[number] as number) + 1 : 1;
      counts.days[number] = day;
      counts.inWeek[number] = counts.weeks[number] === week ? (counts.inWeek[number] as number) + 1 : 1;
      counts.weeks[number] = week;
      const calls = ofCampaign[campaign];
      if (calls !== undefined) calls[number] = (calls[number] as number) + 1;
    },
    released(number) {
      inFlight[number] = (inFlight[number] as number) - 1;
    },
    move(number, move, callId) {
      // Most bridges lift nothing.
      if (move.move !== 'set' && hasLock[number] === 0) return;
      projectLock(locks, move, callId);
      hasLock[number] = locks.has(keyOf(number)) ? 1 : 0;
    },
    locked: () => locks.size,
  };
}
