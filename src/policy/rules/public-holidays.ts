/** Public holidays of a country, and the time zones its people live in (data: date-holidays). */
import Holidays from 'date-holidays';

/** Of one country, or of one region of it. */
export type HolidayCalendar = {
  /** IANA names, the capital's first; empty for a country that is not in the data. */
  readonly timeZones: readonly string[];
  /** The holiday's name in English for a local day `YYYY-MM-DD`; null: none. */
  holidayOn(day: string): string | null;
};

/** Each is some 10 kB a year. */
const CALENDARS_MAX = 300;
/** Years kept of one: this and the next, and those of a recomputation. */
const YEARS_MAX = 20;

const DAY_MS = 86_400_000;

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
  const years = new Map<string, ReadonlyMap<string, string>>();
  return {
    timeZones: source.getTimezones() ?? [],
    holidayOn(day) {
      const year = day.slice(0, 4);
      let days = years.get(year);
      if (days === undefined) {
        if (years.size >= YEARS_MAX) years.clear();
        days = holidaysOf(source, Number(year));
        years.set(year, days);
      }
      return days.get(day) ?? null;
    },
  };
}

/** By local day. A holiday that begins in the evening takes both of the days it touches. */
function holidaysOf(source: Holidays, year: number): ReadonlyMap<string, string> {
  const days = new Map<string, string>();
  // One that began in the last days of the year before may reach into this one.
  for (const { date, start, end, name } of [...source.getHolidays(year - 1), ...source.getHolidays(year)]) {
    const beginsMs = Date.parse(`${date.slice(0, 19).replace(' ', 'T')}Z`);
    const endsMs = beginsMs + (end.getTime() - start.getTime());
    for (let dayMs = Math.floor(beginsMs / DAY_MS) * DAY_MS; dayMs < endsMs; dayMs += DAY_MS) {
      days.set(new Date(dayMs).toISOString().slice(0, 10), name);
    }
  }
  return days;
}
