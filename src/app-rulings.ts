/** The rules of law as one installation has them: its campaigns' terms, the digests of the numbers it calls. */
import { createNumberDigests, type NumberDigests } from './base/number-digest.ts';
import { campaignTerms } from './config/campaign-terms.ts';
import type { StoredNumberKey } from './config/number-key.ts';
import type { Settings } from './config/settings.ts';
import type { Jurisdiction } from './policy/jurisdictions/jurisdiction.ts';
import type { CampaignTerms } from './policy/rules/campaign-terms.ts';
import { digestPlan, type NumberPlan, toE164 } from './policy/telephone-number.ts';

/** What the guard and its desk are handed. */
export type InstallationRules = {
  readonly termsOf: (campaign: string) => CampaignTerms;
  /** Newest key first; national numbers are the jurisdiction's own where the settings name no country. */
  readonly digestsOf: (number: string) => readonly string[];
  /** What these digests are made of. */
  readonly numbers: { readonly digests: NumberDigests; readonly plan: NumberPlan };
};

/** The rules that these settings make. */
export function installationRules(
  settings: Settings,
  { admission }: Jurisdiction,
  keys: readonly StoredNumberKey[],
): InstallationRules {
  const digests = createNumberDigests(keys);
  const plan = digestPlan(settings.numbers, admission.countryCode);
  return {
    termsOf: campaignTerms(settings),
    digestsOf: (number) => digests.all(toE164(number, plan)),
    numbers: { digests, plan },
  };
}
