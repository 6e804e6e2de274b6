/** A ruling that refuses, as the dialer is told it. */
import type { Refusal } from '../decision.ts';
import type { Breach, LegalRule, Ruling } from './ruling.ts';

/**
 * None is a 5xx, around which a dialer would fail over to another trunk, past Brusio. 480 is a passing state, 403 a wrong
 * setting, 603 the person's own no.
 */
export const RULE_STATUSES: Readonly<Record<LegalRule, Pick<Refusal, 'sipStatus' | 'phrase'>>> = {
  'campaign-dates': { sipStatus: 403, phrase: 'Forbidden' },
  roc: { sipStatus: 403, phrase: 'Forbidden' },
  'declared-caller-id': { sipStatus: 403, phrase: 'Forbidden' },
  'calling-hours': { sipStatus: 480, phrase: 'Temporarily Unavailable' },
  'opt-out': { sipStatus: 603, phrase: 'Decline' },
  screening: { sipStatus: 603, phrase: 'Decline' },
  'recall-lock': { sipStatus: 480, phrase: 'Temporarily Unavailable' },
  'guaranteed-agent': { sipStatus: 480, phrase: 'Temporarily Unavailable' },
  frequency: { sipStatus: 480, phrase: 'Temporarily Unavailable' },
  'abandonment-budget': { sipStatus: 480, phrase: 'Temporarily Unavailable' },
};

/** Of one fact: names of lists and controllers may be anything. */
const FACT_LENGTH_MAX = 64;

/** The first enforced breach of a ruling; null when there is none. */
export function refusalOf({ breaches }: Ruling): Refusal | null {
  const breach = breaches.find(({ mode }) => mode === 'enforce');
  return breach === undefined ? null : refusalFor(breach);
}

function refusalFor(breach: Breach): Refusal {
  return {
    rule: breach.rule,
    ...RULE_STATUSES[breach.rule],
    explanation: [breach.citation, factsLine(breach), breach.remedy].map(oneLine).join('; '),
    retryAfterS: breach.retryAfterS === null ? null : Math.max(1, breach.retryAfterS),
    warning: null,
    // ITU-T Q.850 §2.2.7.1.15: call rejected.
    reason: `Q.850;cause=21;text="${breach.rule}"`,
  };
}

/** `silentAt=2026-11-22T10:00:00.000Z, inFlight=0`; what is not known is left out. */
function factsLine({ facts }: Breach): string {
  return Object.entries(facts)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${String(value).slice(0, FACT_LENGTH_MAX)}`)
    .join(', ');
}

/** As a header's value can hold it on every stack: printable ASCII. */
function oneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?');
}
