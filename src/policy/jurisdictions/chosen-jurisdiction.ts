/** A country's rules with the options that the settings choose, stamped so that every outcome says by which it was judged. */
import { AppError } from '../../base/errors.ts';
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

/**
 * The rules that a stamp names, as they are read today.
 *
 * @throws AppError `policy.unknown-stamp`
 */
export function jurisdictionOfStamp(stamp: string): Jurisdiction {
  const known = ofStamps.get(stamp);
  if (known !== undefined) return known;
  const [policy = '', ...options] = stamp.split(';');
  const named = Object.values(JURISDICTIONS).find((one) => one.policy === policy);
  if (named === undefined) throw unknownStamp(stamp);
  const chosenAs = (option: ClassOption): 'A' | 'B' | null => {
    const text = options.find((one) => one.startsWith(`${option.stamp}=`))?.slice(option.stamp.length + 1);
    return text === 'A' || text === 'B' ? text : null;
  };
  const { machineAnswered, calleeHangUp } = named.options;
  const jurisdiction = chosenJurisdiction({
    ...{ jurisdiction: named.name, machineAnswered: chosenAs(machineAnswered), calleeHangUp: chosenAs(calleeHangUp) },
  });
  if (jurisdiction.policy !== stamp) throw unknownStamp(stamp);
  ofStamps.set(stamp, jurisdiction);
  return jurisdiction;
}

/** Few, and asked for with every call that is counted again. */
const ofStamps = new Map<string, Jurisdiction>();

function unknownStamp(stamp: string): AppError {
  return new AppError('policy.unknown-stamp', `no rules that this Brusio knows have the stamp "${stamp}"`);
}

function chosen(option: ClassOption, value: 'A' | 'B' | null): ClassOption {
  return { ...option, value: value ?? option.default };
}

/** `it-garante-83-2014@1;machine=A`: options at their default are not named, so that most stamps are short and alike. */
function stampOf(policy: string, options: readonly ClassOption[]): string {
  const differing = options.filter((option) => option.value !== option.default);
  return [policy, ...differing.map(({ stamp, value }) => `${stamp}=${value}`)].join(';');
}
