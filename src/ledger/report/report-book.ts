/** By what campaigns' reports are made: plain data, so that a thread can be given it. */

import type { Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import type { MachineFalsePositive } from '../../policy/machine-estimate.ts';
import type { ReportLanguage } from './report-language.ts';

/** Of one campaign. */
export type ReportTermsOfCampaign = {
  readonly law: Jurisdiction;
  /** Last local day of the campaign, or null. */
  readonly endsOn: string | null;
  readonly machineFalsePositive: MachineFalsePositive | null;
  readonly language: ReportLanguage;
};

/** Of those that the settings name, and of all others. */
export type ReportBook = {
  readonly named: ReadonlyMap<string, ReportTermsOfCampaign>;
  readonly others: ReportTermsOfCampaign;
};

/** Of any campaign. */
export function reportTermsOf({ named, others }: ReportBook, campaign: string): ReportTermsOfCampaign {
  return named.get(campaign) ?? others;
}
