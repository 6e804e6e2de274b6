/** The calls to a number near a time. */
import type { WallMs } from '../../base/clock.ts';
import { distanceMs, type NamedTime } from '../../ledger/story/around.ts';
import { knownJurisdiction } from '../../policy/jurisdictions/chosen-jurisdiction.ts';
import type { Connection } from '../connection.ts';
import { selectCallsAround } from './story-queries.ts';

/** A call that may be meant. */
export type FoundCall = {
  readonly callId: string;
  readonly campaign: string;
  /** Of the law that it was placed under. */
  readonly timeZone: string;
  readonly invitedAt: WallMs;
  readonly answeredAt: WallMs | null;
  readonly endedAt: WallMs;
  readonly network: string;
  readonly handling: string;
  readonly class: 'A' | 'B' | null;
  /** From the time that was named, ms; 0: during the call. */
  readonly distanceMs: number;
};

/** Calls that are listed at most. */
const FOUND_MAX = 1_000;
/** A call that was on the line at a moment began at most so long before it. */
const CALL_MS_MAX = 14_400_000;
const LAST_MS = Number.MAX_SAFE_INTEGER;

/**
 * The nearest first, and of those as near the latest.
 *
 * @param named null: whenever
 * @param homeZone of calls whose law this version does not know
 */
export async function findCalls(
  connection: Connection,
  digests: readonly string[],
  named: NamedTime | null,
  withinMs: number,
  homeZone: string,
): Promise<readonly FoundCall[]> {
  const from = named === null ? 0 : Math.max(0, named.from - withinMs - CALL_MS_MAX);
  const to = named === null ? LAST_MS : Math.min(LAST_MS, named.to + withinMs);
  const rows = await connection.all(selectCallsAround, {
    ...{ digests: JSON.stringify(digests), from, to, most: FOUND_MAX },
  });
  return rows
    .map(({ call_id: callId, campaign, network, handling, class: counted, policy, ...times }): FoundCall => {
      const { invited_at_ms: invited, answered_at_ms: answered, ended_at_ms: ended } = times;
      const timeZone = knownJurisdiction(policy)?.timeZone ?? homeZone;
      return {
        ...{ callId, campaign, timeZone, network, handling, class: counted },
        invitedAt: invited as WallMs,
        answeredAt: answered as WallMs | null,
        endedAt: ended as WallMs,
        distanceMs: named === null ? 0 : distanceMs(named.readIn(timeZone).moments, invited, ended),
      };
    })
    .filter((call) => call.distanceMs <= withinMs)
    .sort((one, other) => one.distanceMs - other.distanceMs || other.invitedAt - one.invitedAt);
}
