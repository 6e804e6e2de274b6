/**
 * The periods over which the share of silent calls is measured (decision 83/2014 point 2): so many local days from the
 * campaign's first, and again at each multiple or portion of them until its end.
 */
import { addDays, daysBetween } from '../base/local-time.ts';

/** First and last local day of a period, both of it. */
export type DayRange = { readonly from: string; readonly to: string };

/** The latest window that was asked for, by the first day of campaigns. */
const latest = new Map<string, { readonly day: string; readonly windowDays: number; readonly window: DayRange }>();

/** Running campaigns begin on some dozens of days. */
const FIRST_DAYS_KEPT = 1_000;

/**
 * The window that a day belongs to: a block of days, not a sliding one.
 *
 * @param firstDay of the campaign; a day before it (a clock that was set back) is in the window before the first
 * @param windowDays length of a window in days
 */
export function windowOf(firstDay: string, day: string, windowDays: number): DayRange {
  // Every call asks for it, and it changes once a day.
  const kept = latest.get(firstDay);
  if (kept !== undefined && kept.day === day && kept.windowDays === windowDays) return kept.window;
  const index = Math.floor(daysBetween(firstDay, day) / windowDays);
  const from = addDays(firstDay, index * windowDays);
  const window = { from, to: addDays(from, windowDays - 1) };
  if (latest.size >= FIRST_DAYS_KEPT) latest.clear();
  latest.set(firstDay, { day, windowDays, window });
  return window;
}

/** All windows of a campaign up to its last day, which ends the last one: that may be a portion. */
export function windowsOf(firstDay: string, lastDay: string, windowDays: number): readonly DayRange[] {
  const windows: DayRange[] = [];
  for (let from = firstDay; from <= lastDay; from = addDays(from, windowDays)) {
    const to = addDays(from, windowDays - 1);
    windows.push({ from, to: to < lastDay ? to : lastDay });
  }
  return windows;
}
