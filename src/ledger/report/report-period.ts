/** The periods a report may be of, as a person names them. Pure. */
import { addDays, weekdayOf } from '../../base/local-time.ts';
import type { Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import { type DayRange, windowOf, windowsOf } from '../../policy/ratio-window.ts';
import type { CampaignStart } from '../projection.ts';

/** Local days, both included; `number`: which of the campaign's windows it is, from 1. */
export type ReportPeriod = DayRange & { readonly kind: 'window' | 'day' | 'range'; readonly number: number | null };

/** What was asked for. */
export type WantedPeriod =
  | { readonly kind: 'window'; readonly number: number }
  | { readonly kind: 'day'; readonly day: string }
  | { readonly kind: 'range'; readonly from: string; readonly to: string }
  /** The last whole week, Monday to Sunday. */
  | { readonly kind: 'last-week' }
  /** The last window that is over, or the first; where the law has no windows the day before. */
  | { readonly kind: 'last-window' };

/** Days of one report: a window's length apart from any law's, and a bound on what one report counts. */
export const REPORT_DAYS_MAX = 400;

/** A campaign's windows up to that of a day, in their order; none where the law measures days alone, or nothing. */
export function campaignWindows(
  { firstDay }: Pick<CampaignStart, 'firstDay'>,
  lastDay: string,
  { ratio }: Pick<Jurisdiction, 'ratio'>,
): readonly ReportPeriod[] {
  if (ratio.window === null) return [];
  const span = ratio.window.span.value;
  return windowsOf(firstDay, windowOf(firstDay, lastDay, span).to, span).map((range, index) => ({
    ...{ kind: 'window' as const, number: index + 1 },
    ...range,
  }));
}

/** The period that was asked for; in words why there is none. */
export function periodOf(
  wanted: WantedPeriod,
  start: Pick<CampaignStart, 'campaign' | 'firstDay'>,
  today: string,
  endsOn: string | null,
  law: Pick<Jurisdiction, 'ratio'>,
): ReportPeriod | { readonly problem: string } {
  const begins = `campaign ${start.campaign} begins on ${start.firstDay}`;
  if (wanted.kind === 'day') return within({ kind: 'day', number: null, from: wanted.day, to: wanted.day });
  if (wanted.kind === 'range') return within({ ...wanted, number: null });
  if (wanted.kind === 'last-week') {
    const sunday = addDays(today, -weekdayOf(today));
    return within({ kind: 'range', number: null, from: addDays(sunday, -6), to: sunday });
  }
  const windows = campaignWindows(start, endsOn !== null && endsOn < today ? endsOn : today, law).map((window) =>
    cutAt(window, endsOn),
  );
  const found =
    wanted.kind === 'window' ? windows[wanted.number - 1] : (windows.findLast(({ to }) => to < today) ?? windows[0]);
  if (law.ratio.window === null) {
    if (wanted.kind === 'last-window') {
      const yesterday = addDays(today, -1);
      return within({ kind: 'day', number: null, from: yesterday, to: yesterday });
    }
    return { problem: 'the rules of this campaign know no windows: name a day, or the first and last of several' };
  }
  return found ?? { problem: `${begins}: up to today it has ${windows.length} windows` };

  function within(period: ReportPeriod): ReportPeriod | { readonly problem: string } {
    const { from, to } = period;
    if (to < from) return { problem: `the period ends on ${to}, before its first day ${from}` };
    if (to < start.firstDay) return { problem: `${begins}, after ${to}` };
    if (from > today) return { problem: `${from} is still to come` };
    if (addDays(from, REPORT_DAYS_MAX - 1) < to)
      return { problem: `a report is of ${REPORT_DAYS_MAX} days at most: name a shorter period` };
    return period;
  }
}

/** A window ends with its campaign. */
export function cutAt<P extends DayRange>(period: P, endsOn: string | null): P {
  return endsOn !== null && endsOn < period.to && endsOn >= period.from ? { ...period, to: endsOn } : period;
}
