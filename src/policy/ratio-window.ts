/**
 * The periods over which the share of silent calls is measured: so many local days from the campaign's first, and again at
 * each multiple or portion of them until its end (decision 83/2014 point 2), or calendar months.
 */
import { addDays, daysBetween } from '../base/local-time.ts';

/** First and last local day of a period, both of it. */
export type DayRange = { readonly from: string; readonly to: string };

/** The latest window that was asked for, by the first day of campaigns. */
const latest = new Map<string, { readonly day: string; readonly days: number; readonly window: DayRange }>();

/** Running campaigns begin on some dozens of days. */
const FIRST_DAYS_KEPT = 1_000;

/** How long a window is. */
export type WindowSpan =
  /** So many local days each, the campaign's first being the first. */
  { readonly kind: 'blocks'; readonly days: number } | { readonly kind: 'calendar-month' };

/**
 * The window that a day belongs to: a block of days, not a sliding one.
 *
 * @param firstDay of the campaign; a day before it (a clock that was set back) is in the window before the first
 */
export function windowOf(firstDay: string, day: string, span: WindowSpan): DayRange {
  const days = span.kind === 'blocks' ? span.days : 0;
  // Every call asks for it, and it changes once a day.
  const kept = latest.get(firstDay);
  if (kept !== undefined && kept.day === day && kept.days === days) return kept.window;
  const window = span.kind === 'blocks' ? blockOf(firstDay, day, days) : monthOf(day);
  if (latest.size >= FIRST_DAYS_KEPT) latest.clear();
  latest.set(firstDay, { day, days, window });
  return window;
}

/** All windows of a campaign up to its last day, which ends the last one: that may be a portion. */
export function windowsOf(firstDay: string, lastDay: string, span: WindowSpan): readonly DayRange[] {
  const windows: DayRange[] = [];
  for (let day = firstDay; day <= lastDay; ) {
    const { from, to } = windowOf(firstDay, day, span);
    windows.push({ from, to: to < lastDay ? to : lastDay });
    day = addDays(to, 1);
  }
  return windows;
}

/** How many days a window has at most. */
export function windowDaysMax(span: WindowSpan): number {
  return span.kind === 'blocks' ? span.days : MONTH_DAYS_MAX;
}

const MONTH_DAYS_MAX = 31;

function blockOf(firstDay: string, day: string, days: number): DayRange {
  const index = Math.floor(daysBetween(firstDay, day) / days);
  const from = addDays(firstDay, index * days);
  return { from, to: addDays(from, days - 1) };
}

/** Whole, whenever in it the campaign began: what lies before has no calls. */
function monthOf(day: string): DayRange {
  const from = `${day.slice(0, 7)}-01`;
  const next = `${addDays(from, MONTH_DAYS_MAX).slice(0, 7)}-01`;
  return { from, to: addDays(next, -1) };
}
