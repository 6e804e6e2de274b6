/** What the settings say of campaigns' counts, for the store that watches them and the API that shows them. */
import { campaignJurisdictions } from './config/campaign-jurisdictions.ts';
import { campaignTerms, machineFalsePositive } from './config/campaign-terms.ts';
import type { Settings } from './config/settings.ts';
import type { CampaignCounts } from './guard/campaign-port.ts';
import type { CampaignBook } from './http/campaign-count-routes.ts';
import type { CampaignPolicies } from './ledger/campaign-policy.ts';
import type { CampaignWatch } from './store/campaign-watch.ts';

/** Stamps of the rules that campaigns are run by from here on. */
export function campaignPolicies(settings: Settings): CampaignPolicies {
  const jurisdictionOf = campaignJurisdictions(settings);
  return {
    campaigns: Object.fromEntries(settings.campaigns.named.map(({ name }) => [name, jurisdictionOf(name).policy])),
    // No campaign has the empty name.
    others: jurisdictionOf('').policy,
  };
}

/** Plain data: the store's thread gets it. */
export function campaignWatch(settings: Settings): CampaignWatch {
  const { named } = settings.campaigns;
  const { campaigns, others } = campaignPolicies(settings);
  return {
    policies: campaigns,
    policy: others,
    endpoints: settings.webhooks.map(({ name }) => name),
    falsePositives: Object.fromEntries(named.map(({ name }) => [name, machineFalsePositive(settings, name)])),
    falsePositive: settings.campaigns.machineFalsePositive,
  };
}

/** What `GET /v1/campaigns` shows. */
export function campaignBook(settings: Settings, counts: CampaignCounts): CampaignBook {
  const termsOf = campaignTerms(settings);
  return {
    counts,
    jurisdictionOf: campaignJurisdictions(settings),
    termsOf: (campaign) => ({
      endsOn: termsOf(campaign).endsOn,
      machineFalsePositive: machineFalsePositive(settings, campaign),
    }),
  };
}
