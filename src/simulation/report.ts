/** What a simulation shows of its campaigns: P of every window and day as the API shows it, and all else that was counted. Pure. */
import { type PeriodFigures, periodFigures, sumOf } from '../policy/campaign-figures.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { windowsOf } from '../policy/ratio-window.ts';
import type { CampaignResult, SimulatedDay } from './campaign-record.ts';
import { addFigures, type DayFigures, noFigures } from './day-figures.ts';

/** A period with everything that was counted in it. */
export type SimulatedPeriod = PeriodFigures & { readonly figures: DayFigures };

/** One campaign. */
export type SimulatedCampaign = Omit<CampaignResult, 'days'> & {
  /** Empty where the law has none, or nothing was called. */
  readonly windows: readonly SimulatedPeriod[];
  /** Those on which something was called or counted. */
  readonly days: readonly SimulatedPeriod[];
  readonly totals: DayFigures & { readonly silent: number; readonly handled: number };
};

/** One campaign's windows, days and sums. */
export function simulatedCampaign(result: CampaignResult, law: Jurisdiction): SimulatedCampaign {
  const { firstDay } = result;
  const lastDay = result.days.at(-1)?.day ?? firstDay;
  const span = law.ratio.window?.span.value ?? null;
  const ranges = firstDay === null || lastDay === null || span === null ? [] : windowsOf(firstDay, lastDay, span);
  const all = sumOf(result.days.map(({ counts }) => counts));
  const periodOf = (period: 'day' | 'window', from: string, to: string): SimulatedPeriod => {
    const days = result.days.filter(({ day }) => from <= day && day <= to);
    const counts = sumOf(days.map((one) => one.counts));
    return {
      ...periodFigures({ period, from, to }, counts, law, result.machineFalsePositive),
      figures: figuresOf(days),
    };
  };
  return {
    ...result,
    windows: ranges.map(({ from, to }) => periodOf('window', from, to)),
    days: result.days.filter(isBusy).map(({ day }) => periodOf('day', day, day)),
    totals: { ...figuresOf(result.days), silent: all.silent, handled: all.handled },
  };
}

function isBusy({ counts, figures }: SimulatedDay): boolean {
  const { silent, handled } = counts;
  const refused = Object.values(figures.refused).some((calls) => calls > 0);
  return silent + handled + figures.placed > 0 || refused;
}

function figuresOf(days: readonly SimulatedDay[]): DayFigures {
  const sum = noFigures();
  for (const { figures } of days) addFigures(sum, figures);
  return sum;
}
