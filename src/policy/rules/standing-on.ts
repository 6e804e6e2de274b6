/**
 * How a campaign stands on the days on which a call may be answered, from its counts and from the calls that may yet
 * become silent ones. Pure; what the ruling thread reads from the database goes through here.
 */
import { addDays } from '../../base/local-time.ts';
import { CORRECTION_PERIOD_MS } from '../correction-period.ts';
import type { MachineTally } from '../machine-estimate.ts';
import { type DayRange, type WindowSpan, windowOf } from '../ratio-window.ts';
import type { AtRisk, CampaignStanding } from './standing.ts';

/**
 * How long after its end a call that counts as class B, and that no agent took, is at risk, ms: as long as a report may correct it, and
 * until that correction is committed; a store that stalls longer takes no new calls.
 */
export const OPEN_CORRECTION_MS = CORRECTION_PERIOD_MS + 30_000;

/** Calls, alike, that may become silent ones of one of these days. */
export type OpenRisk = {
  /**
   * `uncounted`: it rings, or nobody knows yet. `handled`: it is in the counts as class B, or may be there before we hear of
   * it: every call between its answer and its class.
   */
  readonly as: keyof AtRisk;
  /** On which it was or may be answered. */
  readonly days: DayRange;
  readonly calls: number;
};

/** What is known of one campaign. */
export type CampaignCounts = {
  /** Of its first call, those in flight included; null: it has none. */
  readonly firstDay: string | null;
  /** The tally of every local day that has one. */
  readonly days: ReadonlyMap<string, MachineTally>;
  readonly risks: readonly OpenRisk[];
};

/**
 * The standing on each of the days from `days.from` to `days.to`.
 *
 * A campaign without a call begins with this one: its first window is that of the INVITE's day, whenever the answer comes.
 *
 * @param span of a window; null: the law has none, and its place is taken by the day itself
 */
export function standingOn(days: DayRange, counts: CampaignCounts, span: WindowSpan | null): CampaignStanding {
  const firstDay = counts.firstDay !== null && counts.firstDay < days.from ? counts.firstDay : days.from;
  return {
    days: eachDay(days).map((day) => {
      const window = span === null ? { from: day, to: day } : windowOf(firstDay, day, span);
      return {
        day,
        window,
        dayTally: tallyOf({ from: day, to: day }, counts),
        windowTally: tallyOf(window, counts),
        dayAtRisk: atRiskIn({ from: day, to: day }, counts),
        windowAtRisk: atRiskIn(window, counts),
      };
    }),
  };
}

function eachDay({ from, to }: DayRange): readonly string[] {
  const days = [from];
  for (let day = from; day < to; ) {
    day = addDays(day, 1);
    days.push(day);
  }
  return days;
}

function tallyOf(period: DayRange, { days }: CampaignCounts): MachineTally {
  let silent = 0;
  let handled = 0;
  let machines = 0;
  let machinesHeard = 0;
  for (const [day, tally] of days) {
    if (day < period.from || day > period.to) continue;
    silent += tally.silent;
    handled += tally.handled;
    machines += tally.machines ?? 0;
    machinesHeard += tally.machinesHeard ?? 0;
  }
  return { silent, handled, machines, machinesHeard };
}

function atRiskIn(period: DayRange, { risks }: CampaignCounts): AtRisk {
  let uncounted = 0;
  let handled = 0;
  for (const { as, days, calls } of risks) {
    if (days.to < period.from || days.from > period.to) continue;
    if (as === 'handled') handled += calls;
    else uncounted += calls;
  }
  return { uncounted, handled };
}
