/** Whose rules each campaign is run by, as the settings have it. */
import { chosenJurisdiction, JURISDICTIONS } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import type { Jurisdiction, JurisdictionName, MachineDetection } from '../policy/jurisdictions/jurisdiction.ts';
import type { Settings } from './settings.ts';

/** What of the settings says it. */
export type LawSettings = {
  readonly policy: Settings['policy'];
  readonly campaigns: Pick<Settings['campaigns'], 'jurisdiction' | 'machineDetection' | 'named'>;
};

/** Of any campaign, those that no setting names included. Each jurisdiction is one object: asking costs a look into a map. */
export function campaignJurisdictions(settings: LawSettings): (campaign: string) => Jurisdiction {
  const { policy, campaigns } = settings;
  const byChoice = new Map<string, Jurisdiction>();
  const of = (jurisdiction: JurisdictionName | null, machineDetection: MachineDetection | null): Jurisdiction => {
    const name = jurisdiction ?? campaigns.jurisdiction ?? policy.jurisdiction;
    // A law that has no machines in its ratio is one, whatever their detection.
    const detection = JURISDICTIONS[name].machinesInRatio && (machineDetection ?? campaigns.machineDetection);
    const choice = `${name} ${detection ?? ''}`;
    const known = byChoice.get(choice) ?? jurisdictionWith(policy, name, detection);
    byChoice.set(choice, known);
    return known;
  };
  const common = of(null, null);
  const named = new Map(
    campaigns.named.map(({ name, jurisdiction, machineDetection }) => [name, of(jurisdiction, machineDetection)]),
  );
  return (campaign) => named.get(campaign) ?? common;
}

/** The installation's own: where no campaign is meant, as for national numbers and the ledger's midnights. */
export function homeJurisdiction({ policy }: Pick<LawSettings, 'policy'>): Jurisdiction {
  return jurisdictionWith(policy, policy.jurisdiction, null);
}

/** All that any campaign has, none twice. */
export function jurisdictionsInUse(settings: LawSettings): readonly Jurisdiction[] {
  const of = campaignJurisdictions(settings);
  const names = settings.campaigns.named.map(({ name }) => name);
  // No campaign has the empty name: it has what all have that are not named.
  return [...new Set(['', ...names].map(of))];
}

/** The options are each country's own: Italy's choice says nothing of how another text is read. */
function jurisdictionWith(
  policy: Settings['policy'],
  name: JurisdictionName,
  machineDetection: MachineDetection | null,
): Jurisdiction {
  const { machineAnswered, calleeHangUp } = policy;
  if (name === 'it') return chosenJurisdiction({ jurisdiction: name, machineAnswered, calleeHangUp });
  return chosenJurisdiction({ jurisdiction: name, machineAnswered: null, machineDetection, ...policy[name] });
}
