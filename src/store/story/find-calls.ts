/** The calls to a number near a time. */
import type { WallMs } from '../../base/clock.ts';
import { distanceMs } from '../../ledger/story/around.ts';
import type { Connection } from '../connection.ts';
import { selectCallsAround } from './story-queries.ts';

/** A call that may be meant. */
export type FoundCall = {
  readonly callId: string;
  readonly campaign: string;
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
 * @param moments what the time may mean; none: whenever
 */
export async function findCalls(
  connection: Connection,
  digests: readonly string[],
  moments: readonly WallMs[],
  withinMs: number,
): Promise<readonly FoundCall[]> {
  const from = moments.length === 0 ? 0 : Math.min(...moments) - withinMs - CALL_MS_MAX;
  const to = moments.length === 0 ? LAST_MS : Math.max(...moments) + withinMs;
  const rows = await connection.all(selectCallsAround, {
    ...{ digests: JSON.stringify(digests), from, to, most: FOUND_MAX },
  });
  return rows
    .map(({ call_id: callId, campaign, network, handling, class: counted, ...times }): FoundCall => {
      const { invited_at_ms: invited, answered_at_ms: answered, ended_at_ms: ended } = times;
      return {
        ...{ callId, campaign, network, handling, class: counted },
        invitedAt: invited as WallMs,
        answeredAt: answered as WallMs | null,
        endedAt: ended as WallMs,
        distanceMs: moments.length === 0 ? 0 : distanceMs(moments, invited, ended),
      };
    })
    .filter((call) => call.distanceMs <= withinMs)
    .sort((one, other) => one.distanceMs - other.distanceMs || other.invitedAt - one.invitedAt);
}
