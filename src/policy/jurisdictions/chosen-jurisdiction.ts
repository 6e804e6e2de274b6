/** A country's rules with the options that the settings choose, stamped so that every outcome says by which it was judged. */
import { assert } from '../../base/assert.ts';
import { AppError } from '../../base/errors.ts';
import { canada } from './canada.ts';
import { germany } from './germany.ts';
import { italy } from './italy.ts';
import type {
  ClassOption,
  CountedClass,
  Jurisdiction,
  JurisdictionName,
  MachineDetection,
  MachinesInRatio,
} from './jurisdiction.ts';
import { unitedKingdom } from './united-kingdom.ts';
import { unitedStates } from './united-states.ts';

/** What the settings choose; null: the jurisdiction's own default. */
export type JurisdictionChoice = {
  readonly jurisdiction: JurisdictionName;
  readonly machineAnswered: CountedClass | null;
  readonly calleeHangUp: CountedClass | null;
  /** IANA zone whose days are counted, where the law leaves it open. */
  readonly timeZone?: string | null;
  /** Of the campaign; heeded where the law has machines in its ratio. */
  readonly machineDetection?: MachineDetection | null;
};

/** Every country's rules, each option at its default. */
export const JURISDICTIONS: Readonly<Record<JurisdictionName, Jurisdiction>> = {
  it: italy,
  gb: unitedKingdom,
  us: unitedStates,
  ca: canada,
  de: germany,
};

/** Countries of several time zones, whose law does not say by which its days go. */
const ZONED: ReadonlySet<JurisdictionName> = new Set(['us', 'ca']);

const ZONE_STAMP = 'zone';

const DETECTION_STAMP = 'machine-detection';

/** What stamps were asked for: one a jurisdiction and its options, a handful in an installation's years. */
const byStamp = new Map<string, Jurisdiction>();
const STAMPS_KEPT = 1_000;

/** The rules that were chosen. An option that the text does not bear is a fault of ours: the settings let it through. */
export function chosenJurisdiction(choice: JurisdictionChoice): Jurisdiction {
  const jurisdiction = JURISDICTIONS[choice.jurisdiction];
  const options = {
    machineAnswered: chosen(jurisdiction.options.machineAnswered, choice.machineAnswered),
    calleeHangUp: chosen(jurisdiction.options.calleeHangUp, choice.calleeHangUp),
  };
  const timeZone = choice.timeZone ?? jurisdiction.timeZone;
  assert(timeZone === jurisdiction.timeZone || ZONED.has(jurisdiction.name), `${jurisdiction.name} has one time zone`);
  const machinesInRatio = withDetection(jurisdiction.machinesInRatio, choice.machineDetection ?? null);
  const policy = stampOf(jurisdiction, Object.values(options), timeZone, machinesInRatio);
  return { ...jurisdiction, timeZone, options, machinesInRatio, policy };
}

/**
 * The rules that a stamp names, with their options: what judges a call that was placed under them, however late.
 * Throws AppError `policy.unknown-stamp` for one that this version never gave.
 */
export function jurisdictionOfStamp(stamp: string): Jurisdiction {
  const known = byStamp.get(stamp);
  if (known !== undefined) return known;
  const found = readStamp(stamp);
  if (found?.policy !== stamp) {
    throw new AppError('policy.unknown-stamp', `this version knows no rules "${stamp}"`);
  }
  if (byStamp.size >= STAMPS_KEPT) byStamp.clear();
  byStamp.set(stamp, found);
  return found;
}

/** The same; null for a stamp of a Brusio that knew rules which this one does not. */
export function knownJurisdiction(stamp: string): Jurisdiction | null {
  try {
    return jurisdictionOfStamp(stamp);
  } catch {
    return null;
  }
}

function readStamp(stamp: string): Jurisdiction | null {
  const [policy, ...parts] = stamp.split(';');
  const jurisdiction = Object.values(JURISDICTIONS).find((one) => one.policy === policy);
  if (jurisdiction === undefined) return null;
  const said = new Map(parts.map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]));
  const { machineAnswered, calleeHangUp } = jurisdiction.options;
  const timeZone = said.get(ZONE_STAMP) ?? null;
  if (timeZone !== null && !(ZONED.has(jurisdiction.name) && isTimeZone(timeZone))) return null;
  const classOf = ({ choices, stamp: name }: ClassOption) =>
    choices.find((choice) => choice === said.get(name)) ?? null;
  return chosenJurisdiction({
    ...{ jurisdiction: jurisdiction.name, timeZone },
    ...{ machineAnswered: classOf(machineAnswered), calleeHangUp: classOf(calleeHangUp) },
    machineDetection: said.get(DETECTION_STAMP) === 'none' ? 'none' : null,
  });
}

/** Whether there is an IANA zone of this name. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function chosen(option: ClassOption, value: CountedClass | null): ClassOption {
  assert(value === null || option.choices.includes(value), `${option.stamp}=${value} is no choice`);
  return { ...option, value: value ?? option.default };
}

function withDetection(machines: MachinesInRatio | null, detection: MachineDetection | null): MachinesInRatio | null {
  return machines === null || detection === null ? machines : { ...machines, detection };
}

/** `it-garante-83-2014@1;machine=A`: options at their default are not named, so that most stamps are short and alike. */
function stampOf(
  { policy, timeZone: own, machinesInRatio: usual }: Jurisdiction,
  options: readonly ClassOption[],
  timeZone: string,
  machines: MachinesInRatio | null,
): string {
  const differing = options.filter((option) => option.value !== option.default);
  const zone = timeZone === own ? [] : [`${ZONE_STAMP}=${timeZone}`];
  const detection = machines?.detection === usual?.detection ? [] : [`${DETECTION_STAMP}=${machines?.detection}`];
  return [policy, ...differing.map(({ stamp, value }) => `${stamp}=${value}`), ...detection, ...zone].join(';');
}
