/** What a campaign's simulation comes to: its days, waits and alerts, as plain data. */
import { toIso, type WallMs } from '../base/clock.ts';
import type { PeriodCounts } from '../policy/campaign-figures.ts';
import { alertsOf, type CampaignAlert } from '../policy/campaign-threshold.ts';
import { type MachineFalsePositive, type MachineTally, measuredTally } from '../policy/machine-estimate.ts';
import { windowOf } from '../policy/ratio-window.ts';
import type { RatioLimit } from '../policy/tally.ts';
import type { CampaignBook } from './campaign-book.ts';
import { createWaits, type DayFigures, noFigures, type Waits } from './day-figures.ts';
import type { PlannedCampaign } from './plan.ts';

/** One local day of a campaign. */
export type SimulatedDay = { readonly day: string; readonly counts: PeriodCounts; readonly figures: DayFigures };

/** What was told of a limit for the first time in a period. */
export type SimulatedAlert = {
  readonly at: string;
  readonly period: 'day' | 'window';
  readonly from: string;
  readonly alert: CampaignAlert;
};

/** One campaign's simulation. Plain data. */
export type CampaignResult = {
  readonly campaign: string;
  readonly controller: string;
  readonly policy: string;
  readonly machineFalsePositive: MachineFalsePositive | null;
  /** Local day of its first call; null: it had none. */
  readonly firstDay: string | null;
  readonly days: readonly SimulatedDay[];
  readonly waits: { readonly count: number; readonly meanMs: number; readonly quantilesMs: readonly (number | null)[] };
  readonly alerts: readonly SimulatedAlert[];
};

/** Shares of the waits that a result tells. */
export const WAIT_QUANTILES = [0.5, 0.9, 0.99] as const;

/** What is written down of one campaign. */
export type CampaignRecord = {
  readonly waits: Waits;
  figures(): DayFigures;
  /** The new day's figures. */
  dayBegins(day: string): DayFigures;
  /** A call of that day was counted as silent, or as a machine's where these are in the ratio. */
  onWorse(day: string, at: WallMs): void;
  result(firstDay: string | null): CampaignResult;
};

const NO_COUNTS: PeriodCounts = { silent: 0, handled: 0, machines: 0, machinesHeard: 0, hungUp: 0 };

/** Nothing was simulated yet. */
export function createCampaignRecord({ terms, law }: PlannedCampaign, book: CampaignBook): CampaignRecord {
  const days = new Map<string, DayFigures>();
  const waits = createWaits();
  const alerts = new Map<string, SimulatedAlert>();
  let today = noFigures();

  function tell(
    period: 'day' | 'window',
    from: string,
    tally: MachineTally,
    limit: RatioLimit | null,
    at: WallMs,
  ): void {
    if (limit === null) return;
    for (const alert of alertsOf(measuredTally(tally, law, terms.machineFalsePositive), limit)) {
      const key = `${period} ${from} ${alert}`;
      if (!alerts.has(key)) alerts.set(key, { at: toIso(at), period, from, alert });
    }
  }

  /** Days before the longest window are not in the book any more. */
  function tallyIn(from: string, to: string): MachineTally {
    let [silent, handled, machines, machinesHeard] = [0, 0, 0, 0];
    for (const [day, tally] of book.counts.days) {
      if (day < from || day > to) continue;
      silent += tally.silent;
      handled += tally.handled;
      machines += tally.machines ?? 0;
      machinesHeard += tally.machinesHeard ?? 0;
    }
    return { silent, handled, machines, machinesHeard };
  }

  return {
    waits,
    figures: () => today,
    dayBegins(day) {
      today = noFigures();
      days.set(day, today);
      return today;
    },
    onWorse(day, at) {
      tell('day', day, tallyIn(day, day), law.ratio.day?.value ?? null, at);
      const { window } = law.ratio;
      if (window === null) return;
      const { from, to } = windowOf(book.firstDay() ?? day, day, window.span.value);
      tell('window', from, tallyIn(from, to), window.value, at);
    },
    result: (firstDay) => ({
      ...{ campaign: terms.campaign, controller: terms.controller, policy: law.policy, firstDay },
      machineFalsePositive: terms.machineFalsePositive,
      days: [...days].map(([day, figures]) => ({ day, counts: book.allDays.get(day) ?? NO_COUNTS, figures })),
      waits: {
        ...{ count: waits.count(), meanMs: waits.meanMs() },
        quantilesMs: WAIT_QUANTILES.map((share) => waits.quantileMs(share)),
      },
      alerts: [...alerts.values()],
    }),
  };
}
