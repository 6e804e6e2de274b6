/** NA, NB and P of each campaign's days and windows as they are counted, and as they would be if the carrier were right. Pure. */
import { percentText } from '../../policy/campaign-figures.ts';
import type { Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import { type MachineFalsePositive, type MachineTally, measuredTally } from '../../policy/machine-estimate.ts';
import { windowOf } from '../../policy/ratio-window.ts';
import { isWithin, type RatioLimit, type Tally } from '../../policy/tally.ts';
import type { Effect } from './difference.ts';

/** What is counted of a campaign on one local day. */
export type DayCount = Required<MachineTally> & { readonly campaign: string; readonly day: string };

/** By what a campaign is measured. */
export type CampaignMeasure = {
  readonly law: Pick<Jurisdiction, 'ratio' | 'machinesInRatio'>;
  readonly falsePositive: MachineFalsePositive | null;
};

/** Counts with their verdict. */
export type CountedShare = Tally & {
  /** In per cent, rounded up in the third decimal; with estimates where the law has them in it; null: no call. */
  readonly percent: string | null;
  /** Null: the law has no limit for the period. */
  readonly verdict: 'within' | 'breached' | null;
};

/** One period of a campaign. */
export type PeriodEffect = {
  readonly campaign: string;
  readonly period: 'day' | 'window';
  readonly from: string;
  readonly to: string;
  readonly counted: CountedShare;
  readonly ifCarrierRight: CountedShare;
};

/** Moves of calls between classes, summed for each campaign and day. */
export function createEffects() {
  const moves = new Map<string, Map<string, { silent: number; handled: number }>>();
  return {
    add(campaign: string, day: string, { from, to }: Effect): void {
      const days = moves.get(campaign) ?? new Map<string, { silent: number; handled: number }>();
      moves.set(campaign, days);
      const move = days.get(day) ?? { silent: 0, handled: 0 };
      days.set(day, move);
      move.silent += Number(to === 'A') - Number(from === 'A');
      move.handled += Number(to === 'B') - Number(from === 'B');
    },
    /** Campaigns and days that anything moves. */
    moved: (): ReadonlyMap<string, ReadonlyMap<string, Tally>> => moves,
  };
}

/**
 * Each day and window that a difference moves.
 *
 * @param counts of every day of these windows, as `campaign_days` has them
 * @param firstDays of the campaigns
 * @param measureOf any campaign
 */
export function periodEffects(
  moved: ReadonlyMap<string, ReadonlyMap<string, Tally>>,
  counts: readonly DayCount[],
  firstDays: ReadonlyMap<string, string>,
  measureOf: (campaign: string) => CampaignMeasure,
): readonly PeriodEffect[] {
  const effects: PeriodEffect[] = [];
  for (const [campaign, days] of [...moved].sort(byName)) {
    const own = counts.filter((count) => count.campaign === campaign);
    const firstDay = firstDays.get(campaign);
    const measure = measureOf(campaign);
    const { ratio } = measure.law;
    const periods = [...days.keys()].sort().map((day) => ({ period: 'day' as const, from: day, to: day }));
    const windows = new Map<string, { readonly from: string; readonly to: string }>();
    for (const day of days.keys()) {
      if (ratio.window === null || firstDay === undefined) break;
      const window = windowOf(firstDay, day, ratio.window.span.value);
      windows.set(window.from, window);
    }
    for (const { period, from, to } of [...periods, ...[...windows.values()].sort(byFirst).map(asWindow)]) {
      const inside = ({ day }: { readonly day: string }) => day >= from && day <= to;
      const counted = sumOf(own.filter(inside));
      const { machines, machinesHeard } = machinesOf(own.filter(inside));
      const moves = sumOf([...days].filter(([day]) => inside({ day })).map(([, move]) => move));
      const limit = ratio[period]?.value ?? null;
      const right = {
        silent: Math.max(0, counted.silent + moves.silent),
        handled: Math.max(0, counted.handled + moves.handled),
      };
      const shareOf = (tally: Tally) => share({ ...tally, machines, machinesHeard }, limit, measure);
      effects.push({ campaign, period, from, to, counted: shareOf(counted), ifCarrierRight: shareOf(right) });
    }
  }
  return effects;
}

function asWindow(range: { readonly from: string; readonly to: string }) {
  return { period: 'window' as const, ...range };
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}

function byFirst(one: { readonly from: string }, other: { readonly from: string }): number {
  return one.from < other.from ? -1 : 1;
}

function sumOf(tallies: readonly Tally[]): Tally {
  return tallies.reduce<Tally>(
    (sum, { silent, handled }) => ({ silent: sum.silent + silent, handled: sum.handled + handled }),
    { silent: 0, handled: 0 },
  );
}

function machinesOf(days: readonly DayCount[]) {
  return days.reduce(
    (sum, { machines, machinesHeard }) => ({
      machines: sum.machines + machines,
      machinesHeard: sum.machinesHeard + machinesHeard,
    }),
    { machines: 0, machinesHeard: 0 },
  );
}

function share(tally: MachineTally, limit: RatioLimit | null, { law, falsePositive }: CampaignMeasure): CountedShare {
  const measured = measuredTally(tally, law, falsePositive);
  const verdict = limit === null ? null : isWithin(measured, limit) ? 'within' : 'breached';
  const percent = percentText(measured.silent, measured.silent + measured.handled);
  return { silent: tally.silent, handled: tally.handled, percent, verdict };
}
