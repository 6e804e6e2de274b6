/// <reference lib="esnext.intl" />
/** Public holidays of a country, and the time zones its people live in (data: date-holidays). */
import Holidays from 'date-holidays';
import type { WallMs } from '../../base/clock.ts';
import { addDays, localTimeOf } from '../../base/local-time.ts';

/** Of one country, or of one region of it. */
export type HolidayCalendar = {
  /** IANA names; empty for what is no country. */
  readonly timeZones: readonly string[];
  /** The holiday's name in English for a local day `YYYY-MM-DD`; null: none. */
  holidayOn(day: string): string | null;
};

/** Each is some 10 kB a year. */
const CALENDARS_MAX = 300;
/** Years kept of one: this and the next, and those of a recomputation. */
const YEARS_MAX = 20;

const calendars = new Map<string, HolidayCalendar>();

/**
 * Cached; the first use of a country, and of each of its years, takes some 20 ms.
 *
 * @param country ISO 3166-1 code
 * @param region as date-holidays names it, such as `32` (South Tyrol); null: what the whole country has
 */
export function holidayCalendar(country: string, region: string | null): HolidayCalendar {
  const key = `${country}-${region ?? ''}`;
  let calendar = calendars.get(key);
  if (calendar === undefined) {
    if (calendars.size >= CALENDARS_MAX) calendars.clear();
    calendar = openCalendar(country, region);
    calendars.set(key, calendar);
  }
  return calendar;
}

/** Its regions with holidays of their own, by code. */
export function regionsOf(country: string): ReadonlyMap<string, string> {
  return new Map(Object.entries(new Holidays().getStates(country) ?? {}));
}

function openCalendar(country: string, region: string | null): HolidayCalendar {
  const options = { types: ['public' as const], languages: ['en'] };
  const source = region === null ? new Holidays(country, options) : new Holidays(country, region, options);
  const timeZones = zonesOf(source, country);
  // Starts and ends are those of the first zone.
  const [timeZone = 'UTC'] = timeZones;
  const years = new Map<string, ReadonlyMap<string, string>>();
  return {
    timeZones,
    holidayOn(day) {
      const year = day.slice(0, 4);
      let days = years.get(year);
      if (days === undefined) {
        if (years.size >= YEARS_MAX) years.clear();
        days = holidaysOf(source, timeZone, Number(year));
        years.set(year, days);
      }
      return days.get(day) ?? null;
    },
  };
}

/** Some forty countries have no holidays in the data, and so no zones there: CLDR has them, and their Sundays are closed. */
function zonesOf(source: Holidays, country: string): readonly string[] {
  const known: readonly string[] = source.getTimezones() ?? [];
  return known.length > 0 ? known : (new Intl.Locale(`und-${country}`).getTimeZones() ?? []);
}

/** By local day. A holiday that begins in the evening takes both of the days it touches. */
function holidaysOf(source: Holidays, timeZone: string, year: number): ReadonlyMap<string, string> {
  const days = new Map<string, string>();
  // One that began in the last days of the year before may reach into this one, and one of the next may begin in its last.
  for (const { start, end, name } of [year - 1, year, year + 1].flatMap((each) => source.getHolidays(each))) {
    const last = localTimeOf(timeZone, (end.getTime() - 1) as WallMs).day;
    for (let { day } = localTimeOf(timeZone, start.getTime() as WallMs); day <= last; day = addDays(day, 1)) {
      days.set(day, name);
    }
  }
  return days;
}
