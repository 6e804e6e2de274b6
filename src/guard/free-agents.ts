/**
 * How many agents could take a call of a campaign at this moment, as far as anybody tells: PBXs by their queues, a
 * program over HTTP. What was told long ago is not known any more.
 */
import { type Clock, elapsedMs, type Instant, toIso } from '../base/clock.ts';

/** Campaigns and sources together that are remembered; beyond, new ones are refused. */
export const FREE_AGENT_ENTRIES_MAX = 10_000;

/** What is known of one campaign. */
export type FreeAgentsView = {
  readonly campaign: string;
  /** Sum over who told of it. */
  readonly free: number;
  /** Who told last, and when, ISO 8601. */
  readonly source: string;
  readonly at: string;
};

/** The board. */
export type FreeAgents = {
  /**
   * Takes what one source says of one of its queues; replaces what it said of that queue before.
   *
   * @returns false when there is no room for another queue
   */
  report(source: string, queue: string, campaign: string, free: number, at: Instant): boolean;
  /** Null when nobody has told of it lately. */
  of(campaign: string): FreeAgentsView | null;
  all(): readonly FreeAgentsView[];
};

type Entry = { readonly campaign: string; readonly source: string; readonly free: number; readonly at: Instant };

/**
 * An empty board.
 *
 * @param maxAgeMs how long a report over HTTP holds
 * @param isUp whether a PBX is connected: what it told holds exactly so long; null for a source that is no PBX
 */
export function createFreeAgents(clock: Clock, maxAgeMs: number, isUp: (source: string) => boolean | null): FreeAgents {
  const entries = new Map<string, Entry>();

  function fresh(entry: Entry): boolean {
    return isUp(entry.source) ?? elapsedMs(entry.at.monotonicMs, clock.monotonicMs()) <= maxAgeMs;
  }

  return {
    report(source, queue, campaign, free, at) {
      const key = JSON.stringify([source, queue]);
      if (!entries.has(key) && entries.size >= FREE_AGENT_ENTRIES_MAX) {
        for (const [old, entry] of entries) if (!fresh(entry)) entries.delete(old);
        if (entries.size >= FREE_AGENT_ENTRIES_MAX) return false;
      }
      entries.set(key, { campaign, source, free, at });
      return true;
    },
    of: (campaign) =>
      viewOf(
        campaign,
        [...entries.values()].filter((one) => one.campaign === campaign && fresh(one)),
      ),
    all() {
      const byCampaign = Map.groupBy([...entries.values()].filter(fresh), ({ campaign }) => campaign);
      return [...byCampaign].flatMap(([campaign, of]) => viewOf(campaign, of) ?? []);
    },
  };
}

function viewOf(campaign: string, entries: readonly Entry[]): FreeAgentsView | null {
  const [first] = entries;
  if (first === undefined) return null;
  const last = entries.reduce((latest, one) => (one.at.monotonicMs > latest.at.monotonicMs ? one : latest), first);
  const free = entries.reduce((sum, one) => sum + one.free, 0);
  return { campaign, free, source: last.source, at: toIso(last.at.wallMs) };
}
