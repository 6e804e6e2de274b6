/** Rules that are enforced on settings with which no call could keep them. */
import type { LegalRule } from '../policy/rules/ruling.ts';
import { campaignJurisdictions } from './campaign-jurisdictions.ts';
import { campaignTerms } from './campaign-terms.ts';
import type { SettingsProblem } from './load-settings.ts';
import type { Settings } from './settings.ts';

type LawSettings = Pick<Settings, 'campaigns' | 'policy'>;

/** What each of these rules needs of a campaign, and has not got. */
const NEEDS: readonly { readonly rule: LegalRule; readonly setting: 'roc' | 'callerIds' }[] = [
  { rule: 'roc', setting: 'roc' },
  { rule: 'declared-caller-id', setting: 'callerIds' },
];

/**
 * At the path of the mode: a rule that would refuse every call of every campaign. One that refuses those of some is no
 * problem but a warning, {@link refusedCampaigns}: campaigns that nobody has declared are to be refused so.
 */
export function ruleProblems(settings: LawSettings): readonly SettingsProblem[] {
  const names = settings.campaigns.named.map(({ name }) => name);
  return NEEDS.flatMap(({ rule, setting }) => {
    const refused = refusedBy(settings, rule, setting);
    const isEnforced = settings.policy.rules[rule] === 'enforce';
    if (!isEnforced || !refused.unnamed || refused.named.length < names.length) return [];
    const message = `enforced, and no campaign has ${setting}: every call would be refused; write it into campaigns, or observe the rule`;
    return [{ path: `policy.rules.${rule}`, message }];
  });
}

/** Named campaigns of which every call is refused, by the path of the setting that they lack. */
export function refusedCampaigns(settings: LawSettings): readonly SettingsProblem[] {
  const names = settings.campaigns.named.map(({ name }) => name);
  return NEEDS.flatMap(({ rule, setting }) =>
    refusedBy(settings, rule, setting).named.map((campaign) => ({
      path: `campaigns.named[${names.indexOf(campaign)}].${setting}`,
      message: `${campaign} has none, and ${rule} is enforced: all its calls are refused`,
    })),
  );
}

function refusedBy(settings: LawSettings, rule: LegalRule, setting: 'roc' | 'callerIds') {
  const terms = campaignTerms(settings);
  const lawOf = campaignJurisdictions(settings);
  const isRefused = (campaign: string): boolean => {
    const held = terms(campaign);
    const value = held[setting];
    // Not every country has a register of call centres.
    if (rule === 'roc' && lawOf(campaign).admission.roc === null) return false;
    return held.modes[rule] === 'enforce' && (value === null || value.length === 0);
  };
  return {
    named: settings.campaigns.named.map(({ name }) => name).filter(isRefused),
    // No campaign has this name.
    unnamed: isRefused(''),
  };
}
