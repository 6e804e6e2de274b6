/** What the settings say of campaigns' reports. */
import type { ReportBook, ReportTermsOfCampaign } from '../ledger/report/report-book.ts';
import { campaignJurisdictions } from './campaign-jurisdictions.ts';
import { campaignTerms, machineFalsePositive } from './campaign-terms.ts';
import type { Settings } from './settings.ts';

/** See {@link ReportBook}. */
export function reportBook(settings: Settings): ReportBook {
  const termsOf = campaignTerms(settings);
  const lawOf = campaignJurisdictions(settings);
  const of = (campaign: string): ReportTermsOfCampaign => {
    const law = lawOf(campaign);
    return {
      law,
      endsOn: termsOf(campaign).endsOn,
      machineFalsePositive: machineFalsePositive(settings, campaign),
      language: settings.reports.language ?? (law.name === 'it' ? 'it' : 'en'),
    };
  };
  return { named: new Map(settings.campaigns.named.map(({ name }) => [name, of(name)])), others: of('') };
}
