/**
 * How long a number rests after a silent call (decision 83/2014 point 4; elsewhere also after a machine's): so many hours,
 * and where the law says so to the end of so many local days after that of the call, whichever is later.
 */
import type { WallMs } from '../base/clock.ts';
import { addDays, localTimeOf, wallOf } from '../base/local-time.ts';
import type { RecallLockLaw } from './jurisdictions/jurisdiction.ts';

const HOUR_MS = 3_600_000;

/**
 * The first moment at which the rest is over.
 *
 * @param silentAt when nobody was there: the end of the wait, or of the call where that came first
 * @param timeZone of the law's days
 */
export function lockedUntil(silentAt: WallMs, { hours, calendarDays }: RecallLockLaw, timeZone: string): WallMs {
  const byHours = (silentAt + hours.value * HOUR_MS) as WallMs;
  if (calendarDays === null) return byHours;
  const { day } = localTimeOf(timeZone, silentAt);
  const byDays = beginningOf(timeZone, day, calendarDays.value + 1);
  // Hours win where the clock goes forward meanwhile and the silent call came late in its day.
  return Math.max(byHours, byDays) as WallMs;
}

let latest = { timeZone: '', day: '', days: 0, at: 0 as WallMs };

/** When the local day begins that is so many after this one. Kept: all silent calls of a day ask for the same. */
function beginningOf(timeZone: string, day: string, days: number): WallMs {
  if (latest.day !== day || latest.days !== days || latest.timeZone !== timeZone)
    latest = { timeZone, day, days, at: wallOf(timeZone, addDays(day, days), 0) };
  return latest.at;
}
