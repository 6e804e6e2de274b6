/**
 * What a call in flight may yet become, as the abandonment budget sees it, and which of a number's locks holds. Pure; the ruling
 * thread and the simulation both ask here.
 */
import type { WallMs } from '../../base/clock.ts';
import type { AgentPromise } from './ruling.ts';
import type { NumberHistory } from './standing.ts';
import type { OpenRisk } from './standing-on.ts';

/** A call that was placed and has no committed outcome. */
export type CallInFlight = {
  /** As it is now: `none` once the promised one has left. */
  readonly agent: AgentPromise;
  /** Its class is in the counts and stays there. */
  readonly counted: boolean;
  /** Local day of its 2xx; null while it rings. */
  readonly answeredDay: string | null;
  /** First and last local day on which it may be answered. */
  readonly day: string;
  readonly lastDay: string;
};

/**
 * The risk in one call; null: none. An answered call may be in the counts before it is heard that it is.
 *
 * @param ringingAs what a call is that rings, as far as was heard
 */
export function openRiskOf(
  { agent, counted, answeredDay, day, lastDay }: CallInFlight,
  ringingAs: OpenRisk['as'],
): Omit<OpenRisk, 'calls'> | null {
  if (agent === 'connected' || counted) return null;
  return answeredDay === null
    ? { as: ringingAs, days: { from: day, to: lastDay } }
    : { as: 'handled', days: { from: answeredDay, to: answeredDay } };
}

/** Of several silent calls' locks on one number the one that holds longest; null: there is none. */
export function longestLock(
  locks: Iterable<{ readonly until: WallMs; readonly silentAt: WallMs }>,
): NumberHistory['lock'] {
  let longest: NumberHistory['lock'] = null;
  for (const { until, silentAt } of locks) {
    if (longest === null || until > longest.until) longest = { until, silentAt };
  }
  return longest;
}
