import { describe, expect, it } from 'vitest';
import { lawfulCall } from '../../testing/ruling-facts.ts';
import { italy } from '../jurisdictions/italy.ts';
import { refusalOf } from './refusal-of.ts';
import { ruleOn } from './rule-on.ts';
import { type Breach, LEGAL_RULES } from './ruling.ts';

function refusalFor(breach: Partial<Breach>) {
  const whole = { rule: 'roc', citation: 'L. 1', facts: {}, remedy: 'do so', retryAfterS: null, ...breach } as const;
  return refusalOf({ allowed: false, breaches: [{ ...whole, mode: 'enforce' }] });
}

describe('the refusal of a ruling', () => {
  it('is none when nothing that is enforced was breached', () => {
    expect(refusalOf({ allowed: true, breaches: [] })).toBeNull();
  });

  it('is of the first rule that is enforced', () => {
    const facts = lawfulCall({ terms: { roc: null, callerIds: [] } });
    const modes = { ...facts.terms.modes, roc: 'observe' as const };
    const refusal = refusalOf(ruleOn({ ...facts, terms: { ...facts.terms, modes } }, italy));
    expect(refusal?.rule).toBe('declared-caller-id');
  });

  it('names citation, facts and remedy in one line, and the cause of ITU-T Q.850', () => {
    const refusal = refusalOf(ruleOn(lawfulCall({ history: { inFlight: 2 } }), italy));
    expect(refusal).toEqual({
      rule: 'recall-lock',
      sipStatus: 480,
      phrase: 'Temporarily Unavailable',
      explanation:
        'Garante, decision 83/2014, point 4: a number is not called for at least five days after a silent call; ' +
        'inFlight=2; wait for the end of the other call to this number: it may become a silent one',
      retryAfterS: null,
      warning: null,
      reason: 'Q.850;cause=21;text="recall-lock"',
    });
  });

  it('RFC 3261 §21.5: is never a 5xx, around which a dialer would fail over', () => {
    const statuses = LEGAL_RULES.map((rule) => refusalFor({ rule })?.sipStatus);
    expect(statuses).toEqual([403, 403, 403, 480, 603, 603, 480, 480, 480, 480]);
  });

  it('RFC 3261 §20.33: says Retry-After in whole seconds, never 0', () => {
    expect(refusalFor({ retryAfterS: 0 })?.retryAfterS).toBe(1);
    expect(refusalFor({ retryAfterS: 432_000 })?.retryAfterS).toBe(432_000);
  });

  it('RFC 3261 §25.1: cannot be broken by what a list is called', () => {
    const explanation = refusalFor({ facts: { list: `évil\r\nVia: x${'y'.repeat(200)}` } })?.explanation ?? '';
    expect(explanation).toMatch(/^[\x20-\x7e]+$/);
    expect(explanation.length).toBeLessThan(120);
  });
});
