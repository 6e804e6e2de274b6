/**
 * How long a number that was called silently rests (decision 83/2014 point 4): so many hours, and to the end of so many
 * local days after that of the silent call, whichever is later. After it the next call must have its agent.
 */
import type { WallMs } from '../base/clock.ts';
import { addDays, localTimeOf, wallOf } from '../base/local-time.ts';
import type { Jurisdiction } from './jurisdictions/jurisdiction.ts';

const HOUR_MS = 3_600_000;

/**
 * The first moment at which the number may be called again.
 *
 * @param silentAt when nobody was there: the end of the wait, or of the call where that came first
 */
export function lockedUntil(
  silentAt: WallMs,
  { recallLock, timeZone }: Pick<Jurisdiction, 'recallLock' | 'timeZone'>,
): WallMs {
  const byHours = silentAt + recallLock.hours.value * HOUR_MS;
  const { day } = localTimeOf(timeZone, silentAt);
  const byDays = beginningOf(timeZone, day, recallLock.calendarDays.value + 1);
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
