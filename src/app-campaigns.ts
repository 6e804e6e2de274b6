/** What the settings say of campaigns' counts, for the store that watches them and the API that shows them. */
import { campaignTerms, machineFalsePositive } from './config/campaign-terms.ts';
import type { Settings } from './config/settings.ts';
import type { CampaignCounts } from './guard/campaign-port.ts';
import type { CampaignBook } from './http/campaign-count-routes.ts';
import type { Jurisdiction } from './policy/jurisdictions/jurisdiction.ts';
import type { CampaignWatch } from './store/campaign-watch.ts';

/** Plain data: the store's thread gets it. */
export function campaignWatch(settings: Settings, jurisdiction: Jurisdiction): CampaignWatch {
  const { named } = settings.campaigns;
  return {
    jurisdiction,
    endpoints: settings.webhooks.map(({ name }) => name),
    falsePositives: Object.fromEntries(named.map(({ name }) => [name, machineFalsePositive(settings, name)])),
    falsePositive: settings.campaigns.machineFalsePositive,
  };
}

/** What `GET /v1/campaigns` shows. */
export function campaignBook(settings: Settings, jurisdiction: Jurisdiction, counts: CampaignCounts): CampaignBook {
  const termsOf = campaignTerms(settings);
  return {
    counts,
    jurisdiction,
    termsOf: (campaign) => ({
      endsOn: termsOf(campaign).endsOn,
      machineFalsePositive: machineFalsePositive(settings, campaign),
    }),
  };
}
