import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { lawfulCall } from '../../testing/ruling-facts.ts';
import { italy } from '../jurisdictions/italy.ts';
import { callingHours } from './calling-hours.ts';
import type { CampaignTerms } from './campaign-terms.ts';

const MILAN = '+390212345678';
const NEW_YORK = '+12125551234';

function breachAt(iso: string, number = MILAN, hours: Partial<CampaignTerms['hours']> = {}) {
  const at = Date.parse(iso) as WallMs;
  return callingHours(
    lawfulCall({ at, number, terms: { hours: { region: null, extraHolidays: [], ...hours } } }),
    italy,
  );
}

/** When the dialer is told to come again; null: now. */
function opening(iso: string, number = MILAN, hours: Partial<CampaignTerms['hours']> = {}): string | null {
  const breach = breachAt(iso, number, hours);
  return breach === null ? null : new Date(Date.parse(iso) + (breach.retryAfterS ?? 0) * 1_000).toISOString();
}

describe('code of conduct 148/2024: an Italian number is called', () => {
  it.each([
    ['Monday from 9:00', '2026-11-23T07:59:59.000Z', '2026-11-23T08:00:00.000Z'],
    ['Monday until 20:00', '2026-11-23T19:00:00.000Z', '2026-11-24T08:00:00.000Z'],
    ['Saturday from 10:00', '2026-11-21T08:59:00.000Z', '2026-11-21T09:00:00.000Z'],
    ['Saturday until 19:00, and then on Monday', '2026-11-21T18:00:00.000Z', '2026-11-23T08:00:00.000Z'],
    ['never on Sunday', '2026-11-22T11:00:00.000Z', '2026-11-23T08:00:00.000Z'],
    ['on the eve of Epiphany until 19:00', '2026-01-05T18:00:00.000Z', '2026-01-07T08:00:00.000Z'],
    ['on the eve of a holiday from 10:00', '2026-04-30T07:59:00.000Z', '2026-04-30T08:00:00.000Z'],
    ['never at Easter and on Easter Monday', '2026-04-05T10:00:00.000Z', '2026-04-07T07:00:00.000Z'],
    ['not on Christmas, the day after, and the Sunday behind', '2026-12-24T18:00:00.000Z', '2026-12-28T08:00:00.000Z'],
    ['at 9:00 local time after summer time began', '2026-03-28T18:00:00.000Z', '2026-03-30T07:00:00.000Z'],
    ['at 9:00 local time after summer time ended', '2026-10-24T17:00:00.000Z', '2026-10-26T08:00:00.000Z'],
    ['never on New Year, in the year before', '2026-12-31T18:00:00.000Z', '2027-01-02T09:00:00.000Z'],
    ['never on 4 October, a holiday again since 2026', '2027-10-04T10:00:00.000Z', '2027-10-05T07:00:00.000Z'],
  ])('%s', (_, iso, opensAt) => {
    expect(opening(iso)).toBe(opensAt);
    expect(breachAt(opensAt)).toBeNull();
    expect(breachAt(new Date(Date.parse(opensAt) - 1).toISOString())).not.toBeNull();
  });

  it('not before it was a holiday: 4 October 2025 was a Saturday', () => {
    expect(breachAt('2025-10-04T10:00:00.000Z')).toBeNull();
  });

  it('and the decision says what day it is there', () => {
    expect(breachAt('2026-12-08T10:00:00.000Z')?.facts).toEqual({
      country: 'IT',
      timeZone: 'Europe/Rome',
      localTime: '2026-12-08 11:00',
      day: 'holiday',
      holiday: 'Immaculate Conception',
    });
    expect(breachAt('2026-12-07T18:00:00.000Z')?.facts).toMatchObject({ day: 'eve', localTime: '2026-12-07 19:00' });
  });
});

describe('holidays of a place', () => {
  it('are those of the settings too: Saint Ambrose is no holiday by itself', () => {
    expect(opening('2026-12-07T10:00:00.000Z')).toBeNull();
    expect(opening('2026-12-07T10:00:00.000Z', MILAN, { extraHolidays: ['12-07'] })).toBe('2026-12-09T08:00:00.000Z');
  });

  it('have eves', () => {
    expect(opening('2027-06-23T17:30:00.000Z')).toBeNull();
    expect(opening('2027-06-23T17:30:00.000Z', MILAN, { extraHolidays: ['06-24'] })).toBe('2027-06-25T07:00:00.000Z');
  });

  it('are those of the region that the settings name', () => {
    expect(opening('2026-05-25T10:00:00.000Z')).toBeNull();
    expect(opening('2026-05-25T10:00:00.000Z', MILAN, { region: '32' })).toBe('2026-05-26T07:00:00.000Z');
  });

  it('are not taken abroad', () => {
    expect(opening('2026-11-24T10:00:00.000Z', '+4930123456', { extraHolidays: ['11-24'] })).toBeNull();
  });
});

describe('a number abroad is called', () => {
  it('by the clocks and holidays of its country', () => {
    // 20:30 in Rome is 19:30 in London; the Italian 8 December is none there, Boxing Day is.
    expect(opening('2026-11-23T19:30:00.000Z', '+442071234567')).toBeNull();
    expect(opening('2026-12-08T12:00:00.000Z', '+442071234567')).toBeNull();
    expect(opening('2026-11-26T19:30:00.000Z', '+12015550123')).not.toBeNull();
  });

  it('by its clocks though nobody knows its holidays: Qatar is two hours ahead of Rome', () => {
    expect(breachAt('2026-11-23T06:30:00.000Z', '+97444123456')).toBeNull();
    expect(breachAt('2026-11-23T17:30:00.000Z', '+97444123456')?.facts).toMatchObject({
      country: 'QA',
      localTime: '2026-11-23 20:30',
    });
  });

  it('while the hours are right in every zone of its country', () => {
    // 14:00 in New York is 9:00 in Honolulu.
    expect(opening('2026-11-24T14:30:00.000Z', NEW_YORK)).toBe('2026-11-24T19:00:00.000Z');
    expect(breachAt('2026-11-24T19:00:00.000Z', NEW_YORK)).toBeNull();
  });

  it('never on a Saturday in a country whose zones lie too far apart', () => {
    // Ten hours from Kaliningrad to Kamchatka, nine of calling.
    expect(opening('2026-11-21T08:00:00.000Z', '+79261234567')).toBe('2026-11-23T07:00:00.000Z');
  });

  it('with a shared country code: by the country that the number plan tells', () => {
    // Canada Day.
    expect(breachAt('2026-07-01T20:00:00.000Z', '+14165551234')?.facts).toMatchObject({
      country: 'CA',
      day: 'holiday',
    });
    expect(breachAt('2026-07-01T20:00:00.000Z', NEW_YORK)).toBeNull();
  });
});

describe('a number without a country', () => {
  it.each(['0212345678', '112', '+870776000000', 'luigi', ''])('%s is one of ours', (number) => {
    expect(breachAt('2026-11-23T20:00:00.000Z', number)?.facts).toMatchObject({ country: 'IT' });
    expect(breachAt('2026-11-23T10:00:00.000Z', number)).toBeNull();
  });
});
