/** On which local days a call may yet be answered: room is kept for it in each of them. */
import type { WallMs } from '../../base/clock.ts';
import { localTimeOf } from '../../base/local-time.ts';
import { jurisdictionOfStamp } from '../jurisdictions/chosen-jurisdiction.ts';
import type { DayRange } from '../ratio-window.ts';

/**
 * How long after Brusio gave a call up a 2xx may still come, ms: the CANCEL's transaction and the INVITE's that it crosses
 * (RFC 3261 §9.1, §17.1.1.2: 64·T1 is 32 s), and as much again for a machine that was late to give up.
 */
export const LATE_ANSWER_MS = 60_000;

/** Tells a moment's local day, `YYYY-MM-DD`. */
export type DayOf = (at: WallMs) => string;

/**
 * First and last local day on which a call can be answered: two around midnight, else one.
 *
 * @param at of its INVITE
 * @param ringLimitMs after which Brusio gives it up
 */
export function answerDays(at: WallMs, ringLimitMs: number, dayOf: DayOf): DayRange {
  return { from: dayOf(at), to: dayOf((at + ringLimitMs + LATE_ANSWER_MS) as WallMs) };
}

/** The local days of the rules that a stamp names. */
export function dayOfStamp(policy: string): DayOf {
  const { timeZone } = jurisdictionOfStamp(policy);
  return (at) => localTimeOf(timeZone, at).day;
}
