import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { lawfulCall, MONDAY_MORNING } from '../../testing/ruling-facts.ts';
import { canada } from '../jurisdictions/canada.ts';
import { germany } from '../jurisdictions/germany.ts';
import { italy } from '../jurisdictions/italy.ts';
import type { Jurisdiction } from '../jurisdictions/jurisdiction.ts';
import { unitedKingdom } from '../jurisdictions/united-kingdom.ts';
import { unitedStates } from '../jurisdictions/united-states.ts';
import { abandonmentBudget } from './abandonment-budget.ts';
import { callingHours } from './calling-hours.ts';
import { frequency } from './frequency.ts';
import { guaranteedAgent } from './guaranteed-agent.ts';
import { recallLock } from './recall-lock.ts';
import { ruleOn } from './rule-on.ts';
import { standingOn } from './standing-on.ts';

const at = (iso: string) => Date.parse(iso) as WallMs;
const lockEnding = (afterMs: number) => ({
  ...{ silentAt: (MONDAY_MORNING - 3_600_000) as WallMs, until: (MONDAY_MORNING + afterMs) as WallMs },
});

describe('the rules of a law that has none of a kind', () => {
  it('find nothing: no register, no hours, no lock', () => {
    const facts = lawfulCall({
      ...{ number: '+442071234567', at: at('2026-11-22T03:00:00Z') },
      terms: { roc: null },
      history: { screening: null, inFlight: 1 },
    });
    for (const law of [unitedStates, canada]) {
      const found = ruleOn({ ...facts, standing: { days: [] } }, law).breaches.map(({ rule }) => rule);
      expect(found.filter((rule) => rule !== 'calling-hours')).toEqual([]);
    }
    expect(ruleOn({ ...facts, standing: { days: [] } }, unitedKingdom).breaches).toMatchObject([
      { rule: 'guaranteed-agent', facts: { inFlight: 1 } },
    ]);
  });
});

describe('a number with a lock that ends by the clock (United Kingdom)', () => {
  it('is called with an agent alone until then, and as any other from then on', () => {
    const during = lawfulCall({ history: { agentLock: lockEnding(1) } });
    expect(guaranteedAgent(during, unitedKingdom)).toMatchObject({ rule: 'guaranteed-agent', retryAfterS: 1 });
    expect(guaranteedAgent({ ...during, agent: 'reserved' }, unitedKingdom)).toBeNull();
    expect(recallLock(during, unitedKingdom)).toBeNull();
    expect(guaranteedAgent(lawfulCall({ history: { agentLock: lockEnding(0) } }), unitedKingdom)).toBeNull();
  });

  it('binds whoever calls for that controller, under whatever law, as an Italian lock does', () => {
    expect(guaranteedAgent(lawfulCall({ history: { agentLock: lockEnding(1) } }), unitedStates)).toMatchObject({
      citation: unitedKingdom.admission.guaranteedAgent.citation,
    });
    const italian = lawfulCall({ history: { lock: lockEnding(1) } });
    expect(recallLock(italian, unitedKingdom)).toMatchObject({ citation: italy.admission.recallLock.citation });
    expect(guaranteedAgent(italian, unitedStates)).toMatchObject({ rule: 'guaranteed-agent' });
  });
});

describe('the abandonment budget of a law', () => {
  const room = (law: Jurisdiction, day: string, counts: Record<string, [silent: number, handled: number]>) => {
    const days = new Map(Object.entries(counts).map(([name, [silent, handled]]) => [name, { silent, handled }]));
    const span = law.ratio.window?.span.value ?? null;
    const standing = standingOn({ from: day, to: day }, { firstDay: '2026-10-20', days, risks: [] }, span);
    return abandonmentBudget(lawfulCall({ standing }), law)?.facts.period ?? 'open';
  };

  it('looks at the day alone in the United Kingdom', () => {
    expect(room(unitedKingdom, '2026-11-20', { '2026-11-19': [9, 0], '2026-11-20': [0, 33] })).toBe('open');
    expect(room(unitedKingdom, '2026-11-20', { '2026-11-19': [0, 999], '2026-11-20': [0, 31] })).toBe('day');
  });

  it('has less room in the United Kingdom by what is estimated of machines, and tells it', () => {
    const withMachines = (machines: number, machinesHeard: number, law: Jurisdiction = unitedKingdom) => {
      const days = new Map([['2026-11-20', { silent: 1, handled: 66, machines, machinesHeard }]]);
      const day = { from: '2026-11-20', to: '2026-11-20' };
      const standing = standingOn(day, { firstDay: '2026-10-20', days, risks: [] }, null);
      const terms = { machineFalsePositive: { percent: 10, evidence: '200 recordings' } };
      return abandonmentBudget(lawfulCall({ standing, terms }), law)?.facts ?? 'open';
    };
    expect(withMachines(0, 0)).toBe('open');
    expect(withMachines(20, 20)).toBe('open');
    // Two silent calls of 68 were within; with one that is estimated they are three of 69.
    expect(withMachines(21, 20)).toMatchObject({ silentCalls: 1, estimatedSilentCalls: 1, handledCallsMissing: 31 });
    const undetected = { ...unitedKingdom.machinesInRatio, detection: 'none' } as const;
    const without = { ...unitedKingdom, machinesInRatio: undetected };
    expect(withMachines(21, 20, without)).toMatchObject({ estimatedSilentCalls: 1, handledCallsMissing: 11 });
    expect(withMachines(31, 31, without)).toBe('open');
  });

  it('looks at blocks of thirty days in the United States', () => {
    // The second block begins on 19 November.
    expect(room(unitedStates, '2026-11-20', { '2026-11-19': [0, 33], '2026-11-18': [50, 0] })).toBe('open');
    expect(room(unitedStates, '2026-11-18', { '2026-11-18': [0, 33], '2026-10-20': [1, 0] })).toBe('window');
  });

  it('looks at the calendar month in Canada, with its five per cent', () => {
    expect(room(canada, '2026-11-30', { '2026-11-01': [0, 19], '2026-10-31': [50, 0] })).toBe('open');
    expect(room(canada, '2026-12-01', { '2026-11-30': [0, 999] })).toBe('window');
  });

  it('is always open where there is no limit', () => {
    expect(room(germany, '2026-11-20', { '2026-11-20': [1_000, 0] })).toBe('open');
  });
});

describe('calls to one number in Germany', () => {
  const calls = (callsOnDay: number, callsInWeek: number, callsOfCampaign: number, perDay: number | null = null) =>
    frequency(
      lawfulCall({
        history: { callsOnDay, callsInWeek, callsOfCampaign },
        terms: { frequency: { perDay, perWeek: null, perCampaign: 50 } },
      }),
      germany,
    )?.facts ?? null;

  it('are three a day, fifteen a week and thirty in a campaign, whatever more the settings allow', () => {
    expect(calls(2, 14, 29)).toBeNull();
    expect(calls(3, 3, 3)).toEqual({ callsOnDay: 3, perDay: 3 });
    expect(calls(0, 15, 15)).toEqual({ callsInWeek: 15, perWeek: 15 });
    expect(calls(0, 0, 30)).toEqual({ callsOfCampaign: 30, perCampaign: 30 });
  });

  it('are fewer where the settings say so', () => {
    expect(calls(1, 1, 1, 1)).toEqual({ callsOnDay: 1, perDay: 1 });
  });
});

describe('the hours of other countries', () => {
  const open = (law: Jurisdiction, number: string, iso: string) =>
    callingHours(lawfulCall({ number, at: at(iso) }), law) === null;

  it('are 8 to 20 in Germany, Saturdays 9 to 18, eves of holidays as any day, never Sundays and holidays', () => {
    const german = (iso: string) => open(germany, '+4930123456', iso);
    expect([german('2026-11-23T06:59:59Z'), german('2026-11-23T07:00:00Z')]).toEqual([false, true]);
    expect([german('2026-11-21T07:59:00Z'), german('2026-11-21T16:59:00Z'), german('2026-11-21T17:00:00Z')]).toEqual([
      ...[false, true, false],
    ]);
    // The eve of New Year's Day is a Thursday.
    expect(german('2026-12-31T18:30:00Z')).toBe(true);
    expect([german('2026-11-22T12:00:00Z'), german('2027-01-01T12:00:00Z')]).toEqual([false, false]);
  });

  it('are 8 to 21 in all of the United States at once, on Sundays and holidays too', () => {
    const american = (iso: string) => open(unitedStates, '+12125550123', iso);
    // Sunday: 8:00 in Honolulu is 13:00 in New York; 21:00 in New York is 16:00 there.
    expect([american('2026-11-22T17:59:00Z'), american('2026-11-22T18:00:00Z')]).toEqual([false, true]);
    expect([american('2026-11-23T01:59:00Z'), american('2026-11-23T02:00:00Z')]).toEqual([true, false]);
    expect(american('2026-11-26T20:00:00Z')).toBe(true);
  });

  it('are any in the United Kingdom and Canada, of which no figure is known', () => {
    expect(open(unitedKingdom, '+442071234567', '2026-11-22T03:00:00Z')).toBe(true);
    expect(open(canada, '+14165550123', '2026-11-22T03:00:00Z')).toBe(true);
  });
});
