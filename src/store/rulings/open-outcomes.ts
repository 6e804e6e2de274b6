/**
 * How many outcomes of a campaign may still be corrected to silent calls, at most. With SQLite: counting them takes 0.1 µs for each
 * of the last minutes' machines, which is most of a ruling. So the count of the last look is kept, and every call that ended since is
 * added to it, whatever became of it. Time only takes from the true count; so what has room beside this one has room. Who finds none
 * looks again.
 */
import type { WallMs } from '../../base/clock.ts';
import type { HeldCall } from './held-calls.ts';
import { reservedDays } from './reserved-days.ts';

/** Outcomes of one local day. */
export type OpenOutcomes = { readonly campaign: string; readonly day: string | null; readonly calls: number };

/** What was looked for: those of the days around `day` that ended after that moment. */
export type OpenLook = { readonly day: string; readonly endedAfter: WallMs };

/** See the top of the file. */
export type OpenOutcomesAtMost = {
  /** Null where they must be read. */
  of(campaign: string, look: OpenLook): readonly OpenOutcomes[] | null;
  /** What a look found. */
  read(campaigns: readonly string[], look: OpenLook, found: readonly OpenOutcomes[]): void;
  /** A call whose outcome is committed, or may be. */
  add(call: HeldCall): void;
  /** The next look of any campaign is to be a true one. */
  forget(): void;
};

/** Campaigns kept; over it all are read again. */
const CAMPAIGNS_MAX = 1_000;

type Known = { readonly look: OpenLook; readonly days: Map<string, number> };

/** Knows nothing yet. */
export function createOpenOutcomesAtMost(): OpenOutcomesAtMost {
  const campaigns = new Map<string, Known>();
  return {
    of(campaign, { day, endedAfter }) {
      const known = campaigns.get(campaign);
      // A clock that was set back makes outcomes open again.
      if (known === undefined || known.look.day !== day || endedAfter < known.look.endedAfter) return null;
      return [...known.days].map(([on, calls]) => ({ campaign, day: on, calls }));
    },
    read(names, look, found) {
      if (campaigns.size + names.length > CAMPAIGNS_MAX) campaigns.clear();
      for (const name of names) campaigns.set(name, { look, days: new Map() });
      for (const { campaign, day, calls } of found) {
        if (day !== null) campaigns.get(campaign)?.days.set(day, calls);
      }
    },
    add(call) {
      const known = campaigns.get(call.campaign);
      if (known === undefined) return;
      const { day, lastDay, answeredDay } = reservedDays(call);
      for (const on of answeredDay === null ? new Set([day, lastDay]) : [answeredDay])
        known.days.set(on, (known.days.get(on) ?? 0) + 1);
    },
    forget: () => campaigns.clear(),
  };
}
