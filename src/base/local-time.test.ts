import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WallMs } from './clock.ts';
import { addDays, localTimeOf, wallOf, wallsOf, weekdayOf } from './local-time.ts';

function at(iso: string): WallMs {
  return Date.parse(iso) as WallMs;
}

describe('local time', () => {
  it.each([
    ['Europe/Rome', '2026-11-22T15:59:59.999Z', '2026-11-22', 7, 16 * 60 + 59],
    ['Europe/Rome', '2026-06-30T22:00:00Z', '2026-07-01', 3, 0],
    ['Europe/Rome', '2026-06-30T21:59:59.999Z', '2026-06-30', 2, 23 * 60 + 59],
    ['America/New_York', '2027-01-01T04:59:59Z', '2026-12-31', 4, 23 * 60 + 59],
    ['Asia/Kathmandu', '2026-02-28T18:15:00Z', '2026-03-01', 7, 0],
    ['Pacific/Kiritimati', '2028-02-28T10:00:00Z', '2028-02-29', 2, 0],
  ])('of %s at %s is %s', (zone, iso, day, weekday, minute) => {
    expect(localTimeOf(zone, at(iso))).toEqual({ day, weekday, minute });
  });

  it('moves from 01:59 to 03:00 when summer time begins, to the millisecond', () => {
    expect(localTimeOf('Europe/Rome', at('2026-03-29T00:59:59.999Z')).minute).toBe(119);
    expect(localTimeOf('Europe/Rome', at('2026-03-29T01:00:00.000Z')).minute).toBe(180);
  });

  it('shows the hour from 02:00 twice when summer time ends', () => {
    expect(localTimeOf('Europe/Rome', at('2026-10-25T00:30:00Z')).minute).toBe(150);
    expect(localTimeOf('Europe/Rome', at('2026-10-25T01:30:00Z')).minute).toBe(150);
  });

  it('is the same whatever was asked before', () => {
    const moments = ['2026-03-29T00:59:00Z', '2026-03-29T01:01:00Z', '2026-03-29T00:59:00Z'].map(at);
    expect(moments.map((moment) => localTimeOf('Europe/Rome', moment).minute)).toEqual([119, 181, 119]);
  });

  it('is what Intl shows of any moment of three zones, in any order', () => {
    const shown = (zone: string, moment: WallMs) =>
      new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(moment);
    const zone = fc.constantFrom('Europe/Rome', 'America/St_Johns', 'Australia/Lord_Howe');
    // Near the changes of the clock of a year, so that the same quarters' places are asked for again.
    const moment = fc
      .tuple(
        fc.constantFrom('2026-03-29', '2026-04-04', '2026-10-03', '2026-10-25'),
        fc.integer({ min: -3, max: 3 * 96 }),
      )
      .chain(([day, quarter]) =>
        fc.integer({ min: 0, max: 899_999 }).map((ms) => Date.parse(day) + quarter * 900_000 + ms),
      );
    fc.assert(
      fc.property(fc.array(fc.tuple(zone, moment), { minLength: 2, maxLength: 20 }), (asked) => {
        for (const [name, ms] of asked) {
          const { day, minute } = localTimeOf(name, ms as WallMs);
          const clock = [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
          expect(`${day} ${clock}`).toBe(shown(name, ms as WallMs));
        }
      }),
    );
  });

  it('of a zone that does not exist throws', () => {
    expect(() => localTimeOf('Europe/Roma', at('2026-01-01T00:00:00Z'))).toThrow(RangeError);
  });
});

describe('the moment of a local time', () => {
  it.each([
    ['Europe/Rome', '2026-11-23', 540, '2026-11-23T08:00:00.000Z'],
    ['Europe/Rome', '2026-07-01', 0, '2026-06-30T22:00:00.000Z'],
    // Shown twice: the first.
    ['Europe/Rome', '2026-10-25', 150, '2026-10-25T00:30:00.000Z'],
    // Skipped: half an hour after 02:00 as it would have been.
    ['Europe/Rome', '2026-03-29', 150, '2026-03-29T01:30:00.000Z'],
    // Skips midnight itself: the day begins at 01:00.
    ['Africa/Cairo', '2026-04-24', 0, '2026-04-23T22:00:00.000Z'],
    // A day that does not exist there: Samoa crossed the date line.
    ['Pacific/Apia', '2011-12-30', 0, '2011-12-30T10:00:00.000Z'],
  ])('in %s on %s at minute %i is %s', (zone, day, minute, iso) => {
    expect(new Date(wallOf(zone, day, minute)).toISOString()).toBe(iso);
  });

  it('is two where the clocks show it twice, and none where they skip it', () => {
    const moments = (day: string, minute: number) =>
      wallsOf('Europe/Rome', day, minute).map((at) => new Date(at).toISOString());
    expect(moments('2026-10-25', 150)).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']);
    expect(moments('2026-03-29', 150)).toEqual([]);
    expect(moments('2026-11-20', 600)).toEqual(['2026-11-20T09:00:00.000Z']);
  });

  it('is shown there as that day and minute, on every day of a year with a leap day', () => {
    let day = '2027-12-31';
    for (let count = 0; count < 367; count++) {
      day = addDays(day, 1);
      for (const zone of ['Europe/Rome', 'America/St_Johns', 'Australia/Lord_Howe']) {
        for (const minute of [0, 540, 1_200, 1_439]) {
          expect(localTimeOf(zone, wallOf(zone, day, minute))).toEqual({ day, weekday: weekdayOf(day), minute });
        }
      }
    }
  });
});

describe('calendar days', () => {
  it('are counted over the ends of months and leap days', () => {
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2026-03-30', -2)).toBe('2026-03-28');
  });
});
