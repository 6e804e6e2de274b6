/** A campaign's counts as the API shows them: its window and its day of today, and all before. Pure. */
import { toIso } from '../base/clock.ts';
import { addDays } from '../base/local-time.ts';
import type { CampaignDay, CampaignStart } from '../ledger/projection.ts';
import { type PeriodFigures, periodFigures, sumOf } from '../policy/campaign-figures.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import type { MachineFalsePositive } from '../policy/machine-estimate.ts';
import { type DayRange, windowDaysMax, windowOf, windowsOf } from '../policy/ratio-window.ts';

/** What else is known of a campaign. */
export type CampaignCountTerms = {
  /** Last local day, or null. */
  readonly endsOn: string | null;
  readonly machineFalsePositive: MachineFalsePositive | null;
};

/** A campaign among all. */
export type CampaignSummary = {
  readonly campaign: string;
  readonly controller: string;
  /** Local day of its first allowed INVITE: its windows count from there. */
  readonly firstDay: string;
  readonly firstAt: string;
  readonly endsOn: string | null;
  readonly policy: string;
  /** Null before its first day, and once it is over. */
  readonly day: PeriodFigures | null;
  /** Null also where the law measures days alone, or nothing. */
  readonly window: PeriodFigures | null;
};

/** One campaign, with its windows and days, latest first. */
export type CampaignDetail = CampaignSummary & {
  readonly windows: readonly PeriodFigures[];
  /** Those on which something was counted. */
  readonly days: readonly PeriodFigures[];
};

/** Days that one answer goes back, more than a year: 40 windows. Older ones stay in the database. */
export const DAYS_SHOWN_MAX = 400;

/** The first day that a summary made today needs. */
export function summaryFrom(today: string, { ratio }: Jurisdiction): string {
  return ratio.window === null ? today : addDays(today, 1 - windowDaysMax(ratio.window.span.value));
}

/** The first day that one campaign's windows and days are shown from: a window's first, so that none is cut. */
export function detailFrom({ firstDay }: CampaignStart, today: string, { ratio }: Jurisdiction): string {
  const oldest = addDays(today, 1 - DAYS_SHOWN_MAX);
  const day = oldest <= firstDay ? firstDay : oldest;
  return ratio.window === null ? day : windowOf(firstDay, day, ratio.window.span.value).from;
}

/** @param days of this campaign, from {@link summaryFrom} on at least */
export function campaignSummary(
  start: CampaignStart,
  days: readonly CampaignDay[],
  today: string,
  terms: CampaignCountTerms,
  law: Jurisdiction,
): CampaignSummary {
  const { campaign, controller, firstDay, firstAt } = start;
  const { endsOn, machineFalsePositive } = terms;
  const isRunning = firstDay <= today && (endsOn === null || today <= endsOn);
  const figures = (period: 'day' | 'window', from: string, to: string) =>
    isRunning ? periodFigures({ period, from, to }, countsIn(days, from, to), law, machineFalsePositive) : null;
  const span = law.ratio.window?.span.value ?? null;
  const window = span === null ? null : windowOf(firstDay, today, span);
  return {
    ...{ campaign, controller, firstDay, firstAt: toIso(firstAt), endsOn, policy: law.policy },
    day: figures('day', today, today),
    window: window === null ? null : figures('window', window.from, earlier(window.to, endsOn)),
  };
}

/** @param days of this campaign, from {@link detailFrom} on */
export function campaignDetail(
  start: CampaignStart,
  days: readonly CampaignDay[],
  today: string,
  terms: CampaignCountTerms,
  law: Jurisdiction,
): CampaignDetail {
  const { machineFalsePositive } = terms;
  const windows = windowsShown(start, days, today, terms, law).map((window) =>
    periodFigures(
      { period: 'window', ...window },
      countsIn(days, window.from, window.to),
      ...([law, machineFalsePositive] as const),
    ),
  );
  const ofDays = days.map((day) =>
    periodFigures({ period: 'day', from: day.day, to: day.day }, day, law, machineFalsePositive),
  );
  return {
    ...campaignSummary(start, days, today, terms, law),
    windows: windows.reverse(),
    days: ofDays.reverse(),
  };
}

function windowsShown(
  start: CampaignStart,
  days: readonly CampaignDay[],
  today: string,
  { endsOn }: CampaignCountTerms,
  law: Jurisdiction,
): DayRange[] {
  if (law.ratio.window === null) return [];
  const span = law.ratio.window.span.value;
  const from = detailFrom(start, today, law);
  // What was counted after the campaign's last day (a call that was ringing at midnight) is shown too.
  const lastCounted = days.at(-1)?.day ?? from;
  const last = later(earlier(windowOf(from, today, span).to, endsOn), lastCounted);
  return [...windowsOf(from, last, span)];
}

function countsIn(days: readonly CampaignDay[], from: string, to: string) {
  return sumOf(days.filter(({ day }) => from <= day && day <= to));
}

const earlier = (day: string, other: string | null) => (other !== null && other < day ? other : day);
const later = (day: string, other: string) => (other > day ? other : day);
