/** The numbers of one campaign in the order in which its dialer takes them. Pure. */
import { createDueNumbers } from './due-numbers.ts';
import type { CampaignScenario } from './scenario.ts';

/** Why a number is to be called again; those before are taken before. */
export const AGAIN = { silent: 0, locked: 1, busy: 2, noAnswer: 3, machine: 4, refused: 5, nextRound: 6 } as const;
/** One of them. */
export type Again = (typeof AGAIN)[keyof typeof AGAIN];

/** A campaign's list. */
export type RedialList = {
  /** The number to be called now, or -1. @param withAgent one that needs its agent, else one that does not */
  next(now: number, withAgent: boolean): number;
  /** Its dialer tells of a call that was placed. */
  tried(number: number): void;
  /** After a call; a number that was tried out waits for the next round. */
  again(number: number, why: Again, dueAt: number): void;
  /** Reached, or tried out: in the list again in the next round, if there is one. */
  done(number: number, now: number): void;
  needsAgent(number: number): boolean;
  setNeedsAgent(number: number, needs: boolean): void;
  /** When the first number may be called that now may not; Infinity: none. */
  nextAt(): number;
};

const KINDS = 7;
const DAY_MS = 86_400_000;

/** A list that nobody of was called. */
export function createRedialList(
  { first, size }: CampaignScenario['list'],
  { attemptsMax, againAfterDays }: CampaignScenario['redial'],
): RedialList {
  const queues = Array.from({ length: KINDS * 2 }, createDueNumbers);
  const attempts = new Uint8Array(size);
  const needs = new Uint8Array(size);
  let fresh = 0;

  function put(number: number, why: Again, dueAt: number): void {
    queues[why * 2 + (needs[number - first] as number)]?.add(number, dueAt);
  }

  function done(number: number, now: number): void {
    if (againAfterDays !== null) put(number, AGAIN.nextRound, now + againAfterDays * DAY_MS);
  }

  return {
    next(now, withAgent) {
      for (let kind = withAgent ? 1 : 0; kind < KINDS * 2; kind += 2) {
        const queue = queues[kind] as (typeof queues)[number];
        // Who was never called comes before the next round.
        if (kind === AGAIN.nextRound * 2 && fresh < size) return first + fresh++;
        if (queue.firstAt() > now) continue;
        const number = queue.take();
        if (kind >= AGAIN.nextRound * 2) attempts[number - first] = 0;
        return number;
      }
      return -1;
    },
    tried(number) {
      attempts[number - first] = Math.min(255, (attempts[number - first] as number) + 1);
    },
    again(number, why, dueAt) {
      const isTriedOut = (attempts[number - first] as number) >= attemptsMax;
      if (isTriedOut && why !== AGAIN.refused && why !== AGAIN.locked) done(number, dueAt);
      else put(number, why, dueAt);
    },
    done,
    needsAgent: (number) => needs[number - first] === 1,
    setNeedsAgent(number, isNeeded) {
      needs[number - first] = isNeeded ? 1 : 0;
    },
    nextAt: () =>
      fresh < size ? 0 : queues.reduce((least, queue) => Math.min(least, queue.firstAt()), Number.POSITIVE_INFINITY),
  };
}
