import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { lawfulCall } from '../../testing/ruling-facts.ts';
import { italy } from '../jurisdictions/italy.ts';
import { frequency } from './frequency.ts';

const NO_LIMITS = { perDay: null, perWeek: null, perCampaign: null };

function breachAt(iso: string, limits: Partial<typeof NO_LIMITS | Record<string, number>>, calls: object) {
  const terms = { frequency: { ...NO_LIMITS, ...limits } };
  return frequency(lawfulCall({ at: Date.parse(iso) as WallMs, terms, history: calls }), italy);
}

describe('the calls to one number', () => {
  it('are without limit unless the settings have one', () => {
    expect(breachAt('2026-11-23T09:00:00Z', {}, { callsOnDay: 99, callsInWeek: 99, callsOfCampaign: 99 })).toBeNull();
  });

  it('of one day end at the limit and begin at local midnight', () => {
    expect(breachAt('2026-11-23T09:00:00Z', { perDay: 2 }, { callsOnDay: 1 })).toBeNull();
    expect(breachAt('2026-11-23T09:00:00Z', { perDay: 2 }, { callsOnDay: 2 })).toMatchObject({
      facts: { callsOnDay: 2, perDay: 2 },
      retryAfterS: 14 * 3_600,
    });
  });

  it('of a day with 25 hours begin an hour later', () => {
    // 00:00 in Rome, the clocks go back that night.
    expect(breachAt('2026-10-24T22:00:00Z', { perDay: 1 }, { callsOnDay: 1 })?.retryAfterS).toBe(25 * 3_600);
  });

  it('ISO 8601: of one week begin on Monday', () => {
    const sunday = breachAt('2026-11-22T22:00:00Z', { perDay: 1, perWeek: 3 }, { callsOnDay: 1, callsInWeek: 3 });
    expect(sunday).toMatchObject({ facts: { callsOnDay: 1, callsInWeek: 3 }, retryAfterS: 3_600 });
    const monday = breachAt('2026-11-22T23:00:00Z', { perWeek: 3 }, { callsInWeek: 3 });
    expect(monday).toMatchObject({ facts: { callsInWeek: 3, perWeek: 3 }, retryAfterS: 7 * 24 * 3_600 });
  });

  it('of one campaign do not begin again by waiting', () => {
    const breach = breachAt(
      '2026-11-23T09:00:00Z',
      { perDay: 1, perCampaign: 5 },
      { callsOnDay: 1, callsOfCampaign: 5 },
    );
    expect(breach).toMatchObject({ remedy: 'take the number out of the campaign', retryAfterS: null });
  });
});
