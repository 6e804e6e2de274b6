/**
 * How a call of a campaign counts, and what that moves: the law is asked where the guard asks it, `judged` and `movesOf`; nothing
 * of it is known here.
 */
import type { CountedAs } from '../ledger/ledger-entry.ts';
import { dayDelta } from '../ledger/projection.ts';
import { worsens } from '../policy/campaign-threshold.ts';
import { type CountedCall, type LockMoments, movesOf } from '../policy/count-move.ts';
import { type AnsweredCall, judged } from '../policy/counted-as.ts';
import type { CampaignParts } from './campaign-calls.ts';
import type { Greetings } from './greetings.ts';
import type { World } from './world.ts';

/** Counts a call for the first time, or anew where it was counted as `from`; null: in no class. */
export type CallCount = (
  slot: number,
  now: number,
  /** What is not as of a person whom nobody served. */
  call: Partial<AnsweredCall>,
  moments: { readonly silentAt: number; readonly bridgedAt: number | null },
  from?: CountedAs | null,
) => CountedAs | null;

/** Of one campaign. */
export function createCallCount(
  { pool, numbers, calendar }: World,
  parts: CampaignParts,
  greetings: Pick<Greetings, 'known'>,
): CallCount {
  const { terms, law, book } = parts;
  return (slot, now, call, moments, from = null) => {
    const { counted } = judged({ ...UNSERVED, greeting: greetings.known(slot), ...call }, law);
    const number = pool.number[slot] as number;
    const answeredAt = calendar.wall(pool.answeredAt[slot] as number);
    const counts: CountedCall = {
      ...{ campaign: terms.campaign, controller: terms.controller, lockScope: terms.lockScope, answeredAt },
      digests: [String(number)],
    };
    const lockMoments: LockMoments = {
      silentAt: calendar.wall(moments.silentAt),
      answeredAt,
      bridgedAt: moments.bridgedAt === null ? null : calendar.wall(moments.bridgedAt),
      now: calendar.wall(now),
    };
    const moves = movesOf(counts, from, counted, lockMoments, law);
    if (moves.count !== null) {
      book.move(moves.count);
      if (worsens(dayDelta(moves.count), law)) parts.onWorse(moves.count.day, now);
    }
    if (moves.lock !== null) {
      const locked = numbers.locked();
      numbers.move(number, moves.lock, String(pool.id[slot]));
      const figures = parts.figures();
      if (moves.lock.move === 'set') figures.locksSet++;
      else if (moves.lock.move === 'withdraw') figures.locksWithdrawn++;
      else if (numbers.locked() < locked) figures.locksLifted++;
    }
    return counted;
  };
}

const UNSERVED: Omit<AnsweredCall, 'greeting'> = {
  ...{ relayed: false, answeredBy: 'not-classified', agentAfterMs: null, wasOverdue: false, calleeHungUpAfterMs: null },
  announced: false,
};
