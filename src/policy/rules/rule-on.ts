/**
 * All rules of the law over one INVITE. For the thread that rules: the holidays behind calling-hours take a third of a
 * second to load.
 */
import type { Jurisdiction } from '../jurisdictions/jurisdiction.ts';
import { abandonmentBudget } from './abandonment-budget.ts';
import { callingHours } from './calling-hours.ts';
import { campaignDates } from './campaign-dates.ts';
import { declaredCallerId } from './declared-caller-id.ts';
import { frequency } from './frequency.ts';
import { guaranteedAgent } from './guaranteed-agent.ts';
import { optOut } from './opt-out.ts';
import { recallLock } from './recall-lock.ts';
import { roc } from './roc.ts';
import { LEGAL_RULES, type LegalRule, type Rule, type Ruling, type RulingFacts } from './ruling.ts';
import { screening } from './screening.ts';

const RULES: Readonly<Record<LegalRule, Rule>> = {
  'campaign-dates': campaignDates,
  roc,
  'declared-caller-id': declaredCallerId,
  'calling-hours': callingHours,
  'opt-out': optOut,
  screening,
  'recall-lock': recallLock,
  'guaranteed-agent': guaranteedAgent,
  frequency,
  'abandonment-budget': abandonmentBudget,
};

/** Every breach is told, in the order of the rules; those of rules that are enforced refuse. Pure. */
export function ruleOn(facts: RulingFacts, law: Jurisdiction): Ruling {
  const breaches: Ruling['breaches'][number][] = [];
  let allowed = true;
  for (const rule of LEGAL_RULES) {
    const mode = facts.terms.modes[rule];
    const breach = mode === 'off' ? null : RULES[rule](facts, law);
    if (mode === 'off' || breach === null) continue;
    breaches.push({ ...breach, mode });
    if (mode === 'enforce') allowed = false;
  }
  return { allowed, breaches };
}
