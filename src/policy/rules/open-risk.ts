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

/** The lock of one call on its number. `free`: after it the number is called as any other. */
export type NumberLock = { readonly until: WallMs; readonly silentAt: WallMs; readonly after: 'free' | null };

/** What a number's locks come to: of each kind the one that ends latest; of those that end together, of the latest silent call. */
export function locksInForce(locks: readonly NumberLock[]): Pick<NumberHistory, 'lock' | 'agentLock'> {
  let lock: NumberHistory['lock'] = null;
  let agentLock: NumberHistory['agentLock'] = null;
  for (const { until, silentAt, after } of locks) {
    if (after === null) lock = later(lock, { until, silentAt });
    else agentLock = later(agentLock, { until, silentAt });
  }
  return { lock, agentLock };
}

function later(known: NumberHistory['lock'], other: NonNullable<NumberHistory['lock']>): NumberHistory['lock'] {
  if (known === null) return other;
  const by = other.until - known.until || other.silentAt - known.silentAt;
  return by > 0 ? other : known;
}
