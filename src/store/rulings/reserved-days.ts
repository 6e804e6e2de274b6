/** The local days on which a call that has room may be answered, or was. Pure. */
import { answerDays, dayOfStamp } from '../../policy/rules/answer-days.ts';
import type { HeldCall } from './held-calls.ts';

/** The days that a call's reservation names, by its own rules' clock. */
export function reservedDays({ at, ringLimitMs, answeredAt, policy }: HeldCall) {
  const dayOf = dayOfStamp(policy);
  const { from, to } = answerDays(at, ringLimitMs, dayOf);
  return { day: from, lastDay: to, answeredDay: answeredAt === null ? null : dayOf(answeredAt) };
}
