/** A country's rules with the options that the settings choose, stamped so that every outcome says by which it was judged. */
import { italy } from './italy.ts';
import type { ClassOption, Jurisdiction, JurisdictionName } from './jurisdiction.ts';

/** What the settings choose; null: the jurisdiction's own default. */
export type JurisdictionChoice = {
  readonly jurisdiction: JurisdictionName;
  readonly machineAnswered: 'A' | 'B' | null;
  readonly calleeHangUp: 'A' | 'B' | null;
};

const JURISDICTIONS: Readonly<Record<JurisdictionName, Jurisdiction>> = { it: italy };

/** The rules that were chosen. */
export function chosenJurisdiction(choice: JurisdictionChoice): Jurisdiction {
  const jurisdiction = JURISDICTIONS[choice.jurisdiction];
  const options = {
    machineAnswered: chosen(jurisdiction.options.machineAnswered, choice.machineAnswered),
    calleeHangUp: chosen(jurisdiction.options.calleeHangUp, choice.calleeHangUp),
  };
  return { ...jurisdiction, options, policy: stampOf(jurisdiction.policy, Object.values(options)) };
}

function chosen(option: ClassOption, value: 'A' | 'B' | null): ClassOption {
  return { ...option, value: value ?? option.default };
}

/** `it-garante-83-2014@1;machine=A`: options at their default are not named, so that most stamps are short and alike. */
function stampOf(policy: string, options: readonly ClassOption[]): string {
  const differing = options.filter((option) => option.value !== option.default);
  return [policy, ...differing.map(({ stamp, value }) => `${stamp}=${value}`)].join(';');
}
