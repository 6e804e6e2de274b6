/** What a scenario comes to: groups of campaigns that can run apart from each other, each with its law and terms. Pure. */
import { chosenJurisdiction } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import type { Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import type { CampaignTerms } from '../policy/rules/campaign-terms.ts';
import { LEGAL_RULES, type LegalRule, type RuleMode } from '../policy/rules/ruling.ts';
import type { CampaignScenario, Scenario } from './scenario.ts';

/** One campaign, ready to run. Plain data. */
export type PlannedCampaign = {
  readonly scenario: CampaignScenario;
  readonly terms: CampaignTerms;
  readonly law: Jurisdiction;
  /** After which a greeting counts as over, ms. */
  readonly greetingLimitMs: number;
  readonly callerId: string;
  readonly sampleNumber: string;
  /** Place among the group's controllers. */
  readonly controller: number;
  readonly seed: number;
  readonly startsOn: string;
  readonly endsOn: string | null;
};

/** Campaigns with a register of locks in common. Plain data: it may go to a thread of its own. */
export type GroupPlan = {
  readonly lockScope: string;
  readonly timeZone: string;
  readonly country: string;
  readonly from: string;
  readonly days: number;
  /** Of the register: their places are from 0. */
  readonly numbers: number;
  /** Null: no rule asks how often a number was called. */
  readonly callers: { readonly controllers: number; readonly campaigns: number } | null;
  readonly campaigns: readonly PlannedCampaign[];
};

/** Mobile numbers of each country but for their last seven digits. */
const PREFIXES: Readonly<Record<string, string>> = {
  ...{ IT: '+39333', GB: '+44770', US: '+1212', CA: '+1416', DE: '+491511' },
};

/** The telephone number at a place of the register. */
export function numberAt(country: string, place: number): string {
  return `${PREFIXES[country] ?? PREFIXES.IT}${String(place).padStart(7, '0')}`;
}

/** The groups of a scenario, in the order of their first campaigns. */
export function planOf(scenario: Scenario): readonly GroupPlan[] {
  const scopes = new Map<string, CampaignScenario[]>();
  for (const campaign of scenario.campaigns) {
    const scope = scopeOf(scenario, campaign);
    scopes.set(scope, [...(scopes.get(scope) ?? []), campaign]);
  }
  return [...scopes].map(([scope, campaigns]) => groupOf(scenario, scope, campaigns));
}

function groupOf(scenario: Scenario, lockScope: string, campaigns: readonly CampaignScenario[]): GroupPlan {
  const controllers = [...new Set(campaigns.map(({ controller }) => controller))];
  const planned = campaigns.map((campaign) => plannedCampaign(scenario, campaign, controllers));
  const [first] = planned;
  if (first === undefined) throw new RangeError('a group has a campaign');
  const asksHowOften = planned.some(({ terms: { modes, frequency } }) => {
    const limit = frequency.perDay ?? frequency.perWeek ?? frequency.perCampaign;
    return modes.frequency !== 'off' && limit !== null;
  });
  return {
    ...{ lockScope, timeZone: first.law.timeZone, country: first.law.admission.country },
    ...{ from: scenario.from, days: scenario.days },
    numbers: campaigns.reduce((most, { list }) => Math.max(most, list.first + list.size), 0),
    callers: asksHowOften ? { controllers: controllers.length, campaigns: campaigns.length } : null,
    campaigns: planned,
  };
}

function plannedCampaign(
  scenario: Scenario,
  campaign: CampaignScenario,
  controllers: readonly string[],
): PlannedCampaign {
  const { policy } = scenario;
  const law = lawOf(scenario, campaign);
  const callerId = numberAt(law.admission.country, 9_999_999);
  const { name, controller, startsOn, endsOn, frequency } = campaign;
  const modes = Object.fromEntries(LEGAL_RULES.map((rule) => [rule, campaign.rules[rule] ?? policy.rules[rule]]));
  return {
    greetingLimitMs: scenario.wait.greetingLimitMs,
    ...{ scenario: campaign, law, callerId, sampleNumber: numberAt(law.admission.country, 0) },
    ...{ controller: controllers.indexOf(controller), seed: seedOf(scenario.seed, name) },
    ...{ startsOn: startsOn ?? scenario.from, endsOn },
    terms: {
      ...{ campaign: name, controller, lockScope: scopeOf(scenario, campaign), startsOn, endsOn, frequency },
      modes: modes as Record<LegalRule, RuleMode>,
      ...{ roc: 'simulated', callerIds: [callerId], hours: { region: null, extraHolidays: [] } },
      ...{ ringLimitMs: policy.ringLimitMs, promisedAgents: policy.promisedAgents },
      machineFalsePositive: campaign.machineFalsePositive,
    },
  };
}

function lawOf({ policy }: Scenario, { jurisdiction, machineDetection }: CampaignScenario): Jurisdiction {
  return chosenJurisdiction({ ...policy, jurisdiction: jurisdiction ?? policy.jurisdiction, machineDetection });
}

/** As the settings have it: no controller has the name of the whole installation. */
function scopeOf({ policy }: Scenario, { controller }: CampaignScenario): string {
  return policy.lockScope === 'controller' ? controller : '*';
}

/** Each campaign has chance of its own, whatever others are in the scenario (FNV-1a over its name). */
function seedOf(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const character of new TextEncoder().encode(name)) hash = Math.imul(hash ^ character, 0x01000193) >>> 0;
  return hash;
}
