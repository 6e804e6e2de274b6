/**
 * What callees say first, under a law whose wait counts from it. The moments are told as late as the guard's detector tells them
 * (`src/media/greeting`), and the wait is moved as the call machine moves it (`src/call/wait.ts`).
 */
import type { Random } from '../base/random.ts';
import type { AnsweredCall } from '../policy/counted-as.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { type CallPool, FATE } from './call-pool.ts';
import { durationSource } from './distribution.ts';
import type { CampaignScenario } from './scenario.ts';

/** From the beginning of a greeting to its being told, and from its end, ms: the detector's onset and pause. */
export const TOLD_AFTER_MS = { begun: 60, ended: 600 } as const;

/** How much of a greeting has been told. */
const TOLD = { nothing: 0, begun: 1, ended: 2 } as const;

/** The greetings of one campaign's calls, by slot. */
export type Greetings = {
  /** The call is answered: draws its greeting, or none. */
  answered(slot: number, now: number): void;
  /** Nothing is listened for, as in a call that its agent takes from the answer on. */
  unheard(slot: number): void;
  /** When the next moment is told; Infinity: never. */
  nextAt(slot: number): number;
  /** That moment has come: notes it, moves the end of the wait, and says what it was. */
  tell(slot: number): 'callee-speaks' | 'callee-quiet';
  /** As far as it is known, as a call is judged by it. */
  known(slot: number): AnsweredCall['greeting'];
};

/** @param limitMs a greeting that goes on for longer counts as over then */
export function createGreetings(
  { answering }: CampaignScenario,
  { wait }: Jurisdiction,
  limitMs: number,
  random: Random,
  pool: Pick<CallPool, 'fate' | 'answeredAt' | 'deadlineAt' | 'greetsAt' | 'greetedAt' | 'greetingTold'>,
): Greetings {
  const from = wait.from.value;
  const draw = {
    personAfter: durationSource(answering.personGreetsAfter, random),
    person: durationSource(answering.personGreeting, random),
    machineAfter: durationSource(answering.machineGreetsAfter, random),
    machine: durationSource(answering.machineGreeting, random),
  };
  const beginsAt = (slot: number) => pool.greetsAt[slot] as number;
  const endsAt = (slot: number) => pool.greetedAt[slot] as number;

  function unheard(slot: number): void {
    pool.greetingTold[slot] = TOLD.nothing;
    pool.greetsAt[slot] = Number.POSITIVE_INFINITY;
    pool.greetedAt[slot] = Number.POSITIVE_INFINITY;
  }

  function waitFrom(slot: number, at: number): void {
    pool.deadlineAt[slot] = at + wait.limitMs.value;
  }

  /** One that went on beyond its limit has no end. */
  const isUnending = (slot: number) => endsAt(slot) - beginsAt(slot) > limitMs;

  return {
    unheard,
    answered(slot, now) {
      unheard(slot);
      // Chance is left alone where nobody listens: a seed's calls are the same with greetings or without.
      if (from === 'answer' || random() >= answering.heard) return;
      const isPerson = pool.fate[slot] === FATE.person;
      const begins = now + (isPerson ? draw.personAfter() : draw.machineAfter());
      pool.greetsAt[slot] = begins;
      pool.greetedAt[slot] = begins + (isPerson ? draw.person() : draw.machine());
    },
    nextAt(slot) {
      const told = pool.greetingTold[slot];
      if (told === TOLD.nothing) return beginsAt(slot) + TOLD_AFTER_MS.begun;
      return told === TOLD.begun ? endsAt(slot) + TOLD_AFTER_MS.ended : Number.POSITIVE_INFINITY;
    },
    tell(slot) {
      if (pool.greetingTold[slot] === TOLD.nothing) {
        pool.greetingTold[slot] = TOLD.begun;
        waitFrom(slot, from === 'speech-start' ? beginsAt(slot) : beginsAt(slot) + limitMs);
        return 'callee-speaks';
      }
      pool.greetingTold[slot] = TOLD.ended;
      if (from === 'speech-end' && !isUnending(slot)) waitFrom(slot, endsAt(slot));
      return 'callee-quiet';
    },
    known(slot) {
      const told = pool.greetingTold[slot];
      if (told === TOLD.nothing) return null;
      const answeredAt = pool.answeredAt[slot] as number;
      return {
        startedMs: beginsAt(slot) - answeredAt,
        endedMs: told === TOLD.ended && !isUnending(slot) ? endsAt(slot) - answeredAt : null,
      };
    },
  };
}
