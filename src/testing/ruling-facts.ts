/** An INVITE that keeps every rule of the law, to be bent by tests. */
import type { WallMs } from '../base/clock.ts';
import type { CampaignTerms } from '../policy/rules/campaign-terms.ts';
import { LEGAL_RULES, type LegalRule, type RuleMode, type RulingFacts } from '../policy/rules/ruling.ts';
import type { DayStanding, NumberHistory } from '../policy/rules/standing.ts';

/** Monday, 10:00 in Rome. */
export const MONDAY_MORNING = Date.parse('2026-11-23T09:00:00Z') as WallMs;

/** What of a lawful call is otherwise; `terms` and `history` are laid over. */
export type Bent = Partial<Omit<RulingFacts, 'terms' | 'history'>> & {
  readonly terms?: Partial<CampaignTerms>;
  readonly history?: Partial<NumberHistory>;
};

/** Every rule in one mode. */
export function allModes(mode: RuleMode): Record<LegalRule, RuleMode> {
  return Object.fromEntries(LEGAL_RULES.map((rule) => [rule, mode])) as Record<LegalRule, RuleMode>;
}

/** The terms of a campaign that has all it needs; every rule refuses. */
export function lawfulTerms(bent: Partial<CampaignTerms> = {}): CampaignTerms {
  return {
    campaign: 'luce-autunno',
    controller: 'luce',
    lockScope: 'luce',
    modes: allModes('enforce'),
    roc: '12345',
    callerIds: ['+390212345678'],
    startsOn: null,
    endsOn: null,
    machineFalsePositive: null,
    frequency: { perDay: null, perWeek: null, perCampaign: null },
    hours: { region: null, extraHolidays: [] },
    ringLimitMs: 60_000,
    promisedAgents: 'trust',
    ...bent,
  };
}

/** A campaign's standing on a day with so many calls that one more silent one is within every limit. */
export function easyDay(bent: Partial<DayStanding> = {}): DayStanding {
  return {
    day: '2026-11-23',
    window: { from: '2026-11-20', to: '2026-11-29' },
    dayTally: { silent: 0, handled: 100 },
    windowTally: { silent: 0, handled: 400 },
    dayAtRisk: { uncounted: 0, handled: 0 },
    windowAtRisk: { uncounted: 0, handled: 0 },
    ...bent,
  };
}

/** A call at {@link MONDAY_MORNING} that breaches nothing. */
export function lawfulCall({ terms = {}, history = {}, ...bent }: Bent = {}): RulingFacts {
  return {
    at: MONDAY_MORNING,
    number: '+393331234567',
    callerId: '+390212345678',
    agent: 'none',
    exception: null,
    standing: { days: [easyDay()] },
    ...bent,
    terms: lawfulTerms(terms),
    history: {
      inFlight: 0,
      lock: null,
      agentLock: null,
      callsOnDay: 0,
      callsInWeek: 0,
      callsOfCampaign: 0,
      optOut: null,
      screening: { cleared: true, checkedAt: (MONDAY_MORNING - 86_400_000) as WallMs, list: 'autumn.csv' },
      ...history,
    },
  };
}
