import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toIso, type WallMs } from '../../base/clock.ts';
import { allModes, easyDay, lawfulCall, MONDAY_MORNING } from '../../testing/ruling-facts.ts';
import { italy } from '../jurisdictions/italy.ts';
import { ruleOn } from './rule-on.ts';
import { LEGAL_RULES, RULE_MODES, type RulingFacts } from './ruling.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

const moment = fc.integer({ min: -WEEK_MS, max: WEEK_MS }).map((ms) => (MONDAY_MORNING + ms) as WallMs);
const count = fc.integer({ min: 0, max: 4 });
const limit = fc.option(fc.integer({ min: 1, max: 3 }));
const modes = fc.tuple(...LEGAL_RULES.map(() => fc.constantFrom(...RULE_MODES)));

const anyFacts = fc
  .record({
    at: moment,
    agent: fc.constantFrom('none' as const, 'reserved' as const, 'connected' as const),
    exception: fc.option(
      fc.record({
        ...{ basis: fc.constant('consent' as const), reference: fc.constant('crm-1') },
        since: fc.option(moment.map(toIso)),
      }),
    ),
    callerId: fc.constantFrom('+390212345678', '+393339999999', ''),
    terms: fc.record({
      roc: fc.option(fc.constant('12345')),
      startsOn: fc.option(fc.constant('2026-11-22')),
      endsOn: fc.option(fc.constant('2026-11-24')),
      frequency: fc.record({ perDay: limit, perWeek: limit, perCampaign: limit }),
    }),
    history: fc.record({
      inFlight: count,
      lock: fc.option(fc.record({ until: moment, silentAt: moment })),
      callsOnDay: count,
      callsInWeek: count,
      callsOfCampaign: count,
      optOut: fc.option(fc.record({ at: moment, source: fc.constant('key' as const) })),
      screening: fc.option(fc.record({ cleared: fc.boolean(), checkedAt: moment, list: fc.constant('autumn.csv') })),
    }),
  })
  .map((bent) => lawfulCall(bent));

function withModes(facts: RulingFacts, chosen: readonly (typeof RULE_MODES)[number][]): RulingFacts {
  const each = Object.fromEntries(LEGAL_RULES.map((rule, index) => [rule, chosen[index] ?? 'off']));
  return { ...facts, terms: { ...facts.terms, modes: each as RulingFacts['terms']['modes'] } };
}

describe('a ruling', () => {
  it('allows a call that keeps every rule', () => {
    expect(ruleOn(lawfulCall(), italy)).toEqual({ allowed: true, breaches: [] });
  });

  it('tells every breach, in the order of the rules', () => {
    const ruling = ruleOn(
      lawfulCall({
        at: Date.parse('2026-11-22T11:00:00Z') as WallMs,
        callerId: '',
        terms: { roc: null, endsOn: '2026-11-01', frequency: { perDay: 1, perWeek: null, perCampaign: null } },
        history: {
          lock: { silentAt: MONDAY_MORNING, until: (MONDAY_MORNING + DAY_MS) as WallMs },
          callsOnDay: 1,
          optOut: { at: MONDAY_MORNING, source: 'key' },
          screening: null,
        },
        standing: { days: [easyDay({ dayTally: { silent: 4, handled: 96 } })] },
      }),
      italy,
    );
    expect(ruling.allowed).toBe(false);
    expect(ruling.breaches.map(({ rule }) => rule)).toEqual(LEGAL_RULES);
  });

  it('allows what is only observed, and tells it', () => {
    const facts = lawfulCall({ terms: { roc: null, modes: { ...allModes('enforce'), roc: 'observe' } } });
    expect(ruleOn(facts, italy)).toMatchObject({ allowed: true, breaches: [{ rule: 'roc', mode: 'observe' }] });
  });

  it('finds the same whatever the modes are, but for the rules that are off', () => {
    fc.assert(
      fc.property(anyFacts, modes, (facts, chosen) => {
        const all = ruleOn({ ...facts, terms: { ...facts.terms, modes: allModes('enforce') } }, italy).breaches;
        const mixed = withModes(facts, chosen);
        const expected = all
          .filter(({ rule }) => mixed.terms.modes[rule] !== 'off')
          .map((breach) => ({ ...breach, mode: mixed.terms.modes[breach.rule] }));
        expect(ruleOn(mixed, italy).breaches).toEqual(expected);
      }),
    );
  });

  it('refuses exactly when an enforced rule is breached', () => {
    fc.assert(
      fc.property(anyFacts, modes, (facts, chosen) => {
        const { allowed, breaches } = ruleOn(withModes(facts, chosen), italy);
        expect(allowed).toBe(!breaches.some(({ mode }) => mode === 'enforce'));
      }),
    );
  });

  it('keeps its word: after Retry-After the rule is not breached by the same facts', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        for (const { rule, retryAfterS } of ruleOn(facts, italy).breaches) {
          if (retryAfterS === null || rule === 'frequency') continue;
          const later = { ...facts, at: (facts.at + retryAfterS * 1_000) as WallMs };
          const still = ruleOn(later, italy).breaches.find((one) => one.rule === rule);
          // Another call to the number may go on for longer than its lock.
          if (rule === 'recall-lock' && facts.history.inFlight > 0) expect(still?.facts.until).toBeNull();
          else expect(still, rule).toBeUndefined();
        }
      }),
    );
  });
});
