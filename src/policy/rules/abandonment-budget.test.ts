import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { lawfulCall } from '../../testing/ruling-facts.ts';
import { italy } from '../jurisdictions/italy.ts';
import { abandonmentBudget } from './abandonment-budget.ts';
import { answerDays, LATE_ANSWER_MS } from './answer-days.ts';
import type { AgentPromise, Breach } from './ruling.ts';
import { type CampaignCounts, type OpenRisk, standingOn } from './standing-on.ts';

const TODAY = '2026-11-20';
const TOMORROW = '2026-11-21';
const NONE: CampaignCounts = { firstDay: null, days: new Map(), risks: [] };

/** What the rule says of a call that may be answered on these days. */
function ruled(
  counts: Partial<CampaignCounts>,
  { agent = 'none' as AgentPromise, promisedAgents = 'count' as 'trust' | 'count', to = TODAY } = {},
): Breach | null {
  const facts = lawfulCall({
    agent,
    terms: { promisedAgents },
    standing: standingOn({ from: TODAY, to }, { ...NONE, ...counts }, italy.ratio.window.span.value),
  });
  return abandonmentBudget(facts, italy);
}

const counted = (day: string, silent: number, handled: number) => new Map([[day, { silent, handled }]]);
const risk = (as: OpenRisk['as'], calls = 1, from = TODAY, to = from): OpenRisk => ({ as, calls, days: { from, to } });

describe('the abandonment budget (decision 83/2014 point 2)', () => {
  it('is closed for a call without an agent until 33 calls of the window were handled', () => {
    expect(ruled({})).toMatchObject({
      facts: { handledCallsMissing: 33 },
      remedy: expect.stringMatching('begin with'),
    });
    expect(ruled({ days: counted(TODAY, 0, 32) })).toMatchObject({
      citation: italy.ratio.window.citation,
      facts: { period: 'window', from: TODAY, to: '2026-11-29', limitPercent: 3, handledCallsMissing: 1 },
      remedy: expect.stringMatching('1 more handled call in the window makes? room'),
    });
    expect(ruled({ days: counted(TODAY, 0, 33) })).toBeNull();
  });

  it('is closed until 24 calls of the day were handled, whatever room the window has', () => {
    const withHandled = (handled: number) => ({
      firstDay: '2026-11-19',
      days: new Map([...counted('2026-11-19', 0, 1000), ...counted(TODAY, 0, handled)]),
    });
    expect(ruled(withHandled(23))).toMatchObject({
      citation: italy.ratio.day.citation,
      facts: { period: 'day', from: TODAY, to: TODAY, limitPercent: 4, handledCallsMissing: 1 },
    });
    expect(ruled(withHandled(24))).toBeNull();
  });

  it('takes every call that rings without an agent for a silent one', () => {
    // 2 of 67 is under 3 %, 2 of 66 is over.
    const withOneRinging = (handled: number) => ({ days: counted(TODAY, 0, handled), risks: [risk('uncounted')] });
    expect(ruled(withOneRinging(64))).toMatchObject({ facts: { callsAtRisk: 1, handledCallsMissing: 1 } });
    expect(ruled(withOneRinging(65))).toBeNull();
  });

  it("takes a machine's call for a silent one that is missing from the handled, as long as its report may be taken back", () => {
    const withOneMachine = (handled: number) => ({ days: counted(TODAY, 0, handled), risks: [risk('handled')] });
    expect(ruled(withOneMachine(65))).toMatchObject({ facts: { callsAtRisk: 1, handledCallsMissing: 1 } });
    expect(ruled(withOneMachine(66))).toBeNull();
  });

  it('keeps the limits with equality', () => {
    const days = new Map([...counted('2026-11-19', 0, 1000), ...counted(TODAY, 3, 96)]);
    const atFourPercent = { firstDay: '2026-11-19', days };
    expect(ruled(atFourPercent)).toBeNull();
    expect(ruled({ days: counted(TODAY, 2, 97) })).toBeNull();
    expect(ruled({ days: counted(TODAY, 2, 96) })).toMatchObject({ facts: { handledCallsMissing: 1 } });
  });

  it('needs room on each day on which the call may be answered, and in each window', () => {
    const lastDayOfWindow = { firstDay: '2026-11-11', days: counted(TODAY, 0, 100) };
    expect(ruled(lastDayOfWindow)).toBeNull();
    expect(ruled(lastDayOfWindow, { to: TOMORROW })).toMatchObject({
      facts: { period: 'window', from: TOMORROW, to: '2026-11-30', handledCallsMissing: 33 },
    });
    const inOneWindow = { firstDay: '2026-11-12', days: counted(TODAY, 0, 100) };
    expect(ruled(inOneWindow, { to: TOMORROW })).toMatchObject({ facts: { period: 'day', from: TOMORROW } });
  });

  it('keeps room on both days for a call that rings over midnight, and on its own for one that was answered', () => {
    const days = counted(TODAY, 0, 33);
    const overMidnight = risk('uncounted', 1, '2026-11-19', TODAY);
    expect(ruled({ firstDay: '2026-11-10', days, risks: [overMidnight] })).toMatchObject({ facts: { callsAtRisk: 1 } });
    expect(ruled({ firstDay: '2026-11-10', days, risks: [risk('handled', 1, '2026-11-19')] })).toBeNull();
  });

  it('lets a call pass whose agent is on the line', () => {
    expect(ruled({}, { agent: 'connected' })).toBeNull();
  });

  it('takes a promised agent at their word only where promises are trusted', () => {
    expect(ruled({}, { agent: 'reserved', promisedAgents: 'trust' })).toBeNull();
    expect(ruled({}, { agent: 'reserved', promisedAgents: 'count' })).toMatchObject({ rule: 'abandonment-budget' });
  });
});

describe('the days on which a call may be answered', () => {
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
  const midnight = Date.parse('2026-11-21T00:00:00Z');

  it('are two when the ring limit, or a 2xx that crosses the CANCEL after it, reaches midnight', () => {
    const reach = 30_000 + LATE_ANSWER_MS;
    expect(answerDays((midnight - reach - 1) as WallMs, 30_000, dayOf)).toEqual({ from: TODAY, to: TODAY });
    expect(answerDays((midnight - reach) as WallMs, 30_000, dayOf)).toEqual({ from: TODAY, to: TOMORROW });
    expect(answerDays(midnight as WallMs, 30_000, dayOf)).toEqual({ from: TOMORROW, to: TOMORROW });
  });
});
