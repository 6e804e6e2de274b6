import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { lawfulCall } from '../../testing/ruling-facts.ts';
import { italy } from '../jurisdictions/italy.ts';
import { campaignDates } from './campaign-dates.ts';

function breachAt(iso: string, startsOn: string | null, endsOn: string | null) {
  return campaignDates(lawfulCall({ at: Date.parse(iso) as WallMs, terms: { startsOn, endsOn } }), italy);
}

describe('decision 83/2014 point 2: the days of a campaign', () => {
  it('are all days when it has no dates', () => {
    expect(breachAt('2026-11-23T09:00:00Z', null, null)).toBeNull();
  });

  it('include the first and the last, as local days', () => {
    // 00:00 and 23:59 in Rome.
    expect(breachAt('2026-11-22T23:00:00Z', '2026-11-23', '2026-11-23')).toBeNull();
    expect(breachAt('2026-11-23T22:59:59.999Z', '2026-11-23', '2026-11-23')).toBeNull();
  });

  it('do not include the minute before and the minute after', () => {
    expect(breachAt('2026-11-22T22:59:59.999Z', '2026-11-23', null)).toMatchObject({
      rule: 'campaign-dates',
      facts: { day: '2026-11-22', startsOn: '2026-11-23', endsOn: null },
      remedy: 'start the campaign on its day, or set its startsOn',
    });
    expect(breachAt('2026-11-23T23:00:00Z', null, '2026-11-23')).toMatchObject({
      facts: { day: '2026-11-24', endsOn: '2026-11-23' },
      remedy: 'take the campaign out of the dialer, or set its endsOn',
    });
  });
});
