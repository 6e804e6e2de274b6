/** Whose rules each campaign is run by, as the settings have it. */
import { chosenJurisdiction } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import type { Jurisdiction, JurisdictionName } from '../policy/jurisdictions/jurisdiction.ts';
import type { Settings } from './settings.ts';

/** What of the settings says it. */
export type LawSettings = {
  readonly policy: Settings['policy'];
  readonly campaigns: Pick<Settings['campaigns'], 'jurisdiction' | 'named'>;
};

/** Of any campaign, those that no setting names included. Each jurisdiction is one object: asking costs a look into a map. */
export function campaignJurisdictions(settings: LawSettings): (campaign: string) => Jurisdiction {
  const { policy, campaigns } = settings;
  const byName = new Map<JurisdictionName, Jurisdiction>();
  const of = (name: JurisdictionName): Jurisdiction => {
    const known = byName.get(name) ?? jurisdictionWith(policy, name);
    byName.set(name, known);
    return known;
  };
  const common = of(campaigns.jurisdiction ?? policy.jurisdiction);
  const named = new Map(
    campaigns.named.map(({ name, jurisdiction }) => [name, jurisdiction === null ? common : of(jurisdiction)]),
  );
  return (campaign) => named.get(campaign) ?? common;
}

/** The installation's own: where no campaign is meant, as for national numbers and the ledger's midnights. */
export function homeJurisdiction({ policy }: Pick<LawSettings, 'policy'>): Jurisdiction {
  return jurisdictionWith(policy, policy.jurisdiction);
}

/** All that any campaign has, none twice. */
export function jurisdictionsInUse(settings: LawSettings): readonly Jurisdiction[] {
  const of = campaignJurisdictions(settings);
  const names = settings.campaigns.named.map(({ name }) => name);
  // No campaign has the empty name: it has what all have that are not named.
  return [...new Set(['', ...names].map(of))];
}

/** The options are each country's own: Italy's choice says nothing of how another text is read. */
function jurisdictionWith(policy: Settings['policy'], name: JurisdictionName): Jurisdiction {
  const { machineAnswered, calleeHangUp } = policy;
  if (name === 'it') return chosenJurisdiction({ jurisdiction: name, machineAnswered, calleeHangUp });
  return chosenJurisdiction({ jurisdiction: name, machineAnswered: null, ...policy[name] });
}
