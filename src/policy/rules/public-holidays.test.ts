import { getCountries } from 'libphonenumber-js/min';
import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { addDays, localTimeOf } from '../../base/local-time.ts';
import { holidayCalendar } from './public-holidays.ts';

/** Days of a stretch on which a country has a holiday. */
function holidaysBetween(country: string, from: string, to: string): string[] {
  const calendar = holidayCalendar(country, null);
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) if (calendar.holidayOn(day) !== null) days.push(day.slice(5));
  return days;
}

describe('every country that a number can be of', () => {
  it('has clocks that the machine knows', () => {
    // The territories of the two have none: they are judged as the law's own country.
    const clockless = getCountries().filter((country) => {
      const { timeZones } = holidayCalendar(country, null);
      for (const timeZone of timeZones) expect(localTimeOf(timeZone, 0 as WallMs).day).toMatch(/^19/);
      return timeZones.length === 0;
    });
    expect(clockless).toEqual(['AC', 'TA']);
  });
});

describe('the holidays of a country', () => {
  it('are the public ones alone, by local day', () => {
    expect(holidaysBetween('IT', '2026-01-01', '2026-12-31')).toEqual([
      ...[
        '01-01',
        '01-06',
        '04-05',
        '04-06',
        '04-25',
        '05-01',
        '06-02',
        '08-15',
        '10-04',
        '11-01',
        '12-08',
        '12-25',
        '12-26',
      ],
    ]);
  });

  it('take every day that they touch, though they begin in the evening', () => {
    // Yom Kippur: from 18:00 on 20 September 2026 for 24 hours.
    expect(holidaysBetween('IL', '2026-09-19', '2026-09-22')).toEqual(['09-20', '09-21']);
    // The feast after Ramadan lasts three days and a half.
    expect(holidaysBetween('TR', '2026-03-17', '2026-03-26')).toEqual(['03-19', '03-20', '03-21', '03-22', '03-23']);
  });

  it('are those of the year on both sides of midnight', () => {
    expect(holidaysBetween('IT', '2026-12-30', '2027-01-02')).toEqual(['01-01']);
    expect(holidaysBetween('NZ', '2026-12-30', '2027-01-02')).toEqual(['01-01', '01-02']);
  });

  it('are none of a country that nobody knows', () => {
    expect(holidayCalendar('ZZ', null)).toMatchObject({ timeZones: [] });
    expect(holidaysBetween('ZZ', '2026-01-01', '2026-01-02')).toEqual([]);
  });
});
