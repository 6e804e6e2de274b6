/** What the settings say of each campaign, laid over what they say of all. */
import type { MachineFalsePositive } from '../policy/machine-estimate.ts';
import { type CampaignTerms, WHOLE_INSTALLATION } from '../policy/rules/campaign-terms.ts';
import { LEGAL_RULES, type LegalRule, type RuleMode } from '../policy/rules/ruling.ts';
import type { Settings } from './settings.ts';

type LawSettings = Pick<Settings, 'campaigns' | 'policy'>;
type Named = Settings['campaigns']['named'][number];

/** The terms of any campaign, those that no setting names included. Each is made once: asking costs a look into a map. */
export function campaignTerms(settings: LawSettings): (campaign: string) => CampaignTerms {
  const named = new Map(settings.campaigns.named.map((one) => [one.name, termsOf(settings, one.name, one)]));
  const common = termsOf(settings, '', null);
  return (campaign) => named.get(campaign) ?? { ...common, campaign };
}

/** What a campaign's figures take of machines to have been people; null: no estimate. */
export function machineFalsePositive(
  { campaigns }: Pick<Settings, 'campaigns'>,
  campaign: string,
): MachineFalsePositive | null {
  const own = campaigns.named.find(({ name }) => name === campaign);
  return own?.machineFalsePositive ?? campaigns.machineFalsePositive;
}

function termsOf({ campaigns, policy }: LawSettings, campaign: string, own: Named | null): CampaignTerms {
  const controller = own?.controller ?? campaigns.controller;
  return {
    campaign,
    controller,
    lockScope: policy.lockScope === 'controller' ? controller : WHOLE_INSTALLATION,
    modes: modesOf(policy.rules, own),
    roc: own?.roc ?? campaigns.roc,
    callerIds: own?.callerIds ?? campaigns.callerIds,
    startsOn: own?.startsOn ?? campaigns.startsOn,
    endsOn: own?.endsOn ?? campaigns.endsOn,
    frequency: own?.frequency ?? campaigns.frequency,
    hours: own?.hours ?? campaigns.hours,
    machineFalsePositive: own?.machineFalsePositive ?? campaigns.machineFalsePositive,
    ringLimitMs: policy.ringLimitMs,
    promisedAgents: policy.promisedAgents,
  };
}

function modesOf(common: LawSettings['policy']['rules'], own: Named | null): Record<LegalRule, RuleMode> {
  return Object.fromEntries(LEGAL_RULES.map((rule) => [rule, own?.rules[rule] ?? common[rule]])) as Record<
    LegalRule,
    RuleMode
  >;
}
