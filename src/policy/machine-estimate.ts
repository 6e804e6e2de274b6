/**
 * Reported machines in the share of silent calls, where a law has them there (United Kingdom). With detection the people among
 * the machines that it found are estimated, and added to the silent calls. Without it nobody knows which silent calls a machine
 * answered: as large a share of them is taken out as agents heard machines among their own calls. Integers throughout. Pure.
 */
import { z } from 'zod';
import type { Jurisdiction } from './jurisdictions/jurisdiction.ts';
import type { Tally } from './tally.ts';

/** Machines that were persons, as a share of those that are reported, and how that is known. */
export type MachineFalsePositive = { readonly percent: number; readonly evidence: string };

/** Counts of a period with what is known of machines in it; absent: none. */
export type MachineTally = Tally & {
  /** Those that the dialer reported as machine or fax, an agent's reports among them. */
  readonly machines?: number;
  /** Of these, those in no class that an agent was connected to. */
  readonly machinesHeard?: number;
};

const count = z.int().min(0);

/** What was estimated of a period. */
export const machineEstimateSchema = z.strictObject({
  method: z
    .enum(['false-positives', 'agents-machines'])
    .describe('false-positives: detection is used (machineDetection: used); agents-machines: it is not (none)'),
  machinesFound: count.describe('reported as machine or fax, and no agent was connected'),
  machinesHeard: count.describe('Ag: reported as machine or fax, and an agent was connected'),
  percent: z.number().nullable().describe('machineFalsePositive of the settings; null: none'),
  evidence: z.string().nullable().describe('where that is known from'),
  added: count.describe(
    'calls added to NA: people among machinesFound, rounded up to a call; without detection all of machinesFound',
  ),
  deducted: z
    .string()
    .nullable()
    .describe(
      'calls taken out of NA without detection: (NA + added) x Ag / (Ag + NB), rounded down in the third decimal; else null',
    ),
  missing: z.boolean().describe('detection found machines, and the settings have no estimate: none is in P'),
});

/** What was estimated of a period. */
export type MachineEstimate = z.infer<typeof machineEstimateSchema>;

type Law = Pick<Jurisdiction, 'machinesInRatio'>;

/**
 * The two sides of the ratio that is held against a limit: silent calls, and all others that it is a share of.
 *
 * Without detection D' = D - D x Ag / (Ag + L) of D silent calls is held against D' + L, L being the calls that agents took: that
 * is D / (D + Ag + L), in integers. Where L is 0 the quotient has no value, and this is what it tends to.
 */
export function measuredTally(
  counts: MachineTally,
  { machinesInRatio }: Law,
  falsePositive: MachineFalsePositive | null,
): Tally {
  if (machinesInRatio === null) return counts;
  const { silent, handled, machinesHeard = 0 } = counts;
  const added = addedCalls(counts, machinesInRatio, falsePositive);
  return { silent: silent + added, handled: machinesInRatio.detection === 'none' ? handled + machinesHeard : handled };
}

/** The same with nothing estimated; what nobody heard is no machine where no detection is used. */
export function unestimatedTally(counts: MachineTally, { machinesInRatio }: Law): Tally {
  const { silent, handled } = counts;
  return { silent: silent + (machinesInRatio?.detection === 'none' ? machinesFound(counts) : 0), handled };
}

/** What is estimated of a period; null: the law has no machines in its ratio. */
export function machineEstimate(
  counts: MachineTally,
  { machinesInRatio }: Law,
  falsePositive: MachineFalsePositive | null,
): MachineEstimate | null {
  if (machinesInRatio === null) return null;
  const { silent, handled, machinesHeard = 0 } = counts;
  const isUsed = machinesInRatio.detection === 'used';
  const found = machinesFound(counts);
  const added = addedCalls(counts, machinesInRatio, falsePositive);
  return {
    method: isUsed ? 'false-positives' : 'agents-machines',
    ...{ machinesFound: found, machinesHeard, added },
    percent: isUsed ? (falsePositive?.percent ?? null) : null,
    evidence: isUsed ? (falsePositive?.evidence ?? null) : null,
    deducted: isUsed ? null : inThousandths(silent + added, machinesHeard, machinesHeard + handled),
    missing: isUsed && found > 0 && falsePositive === null,
  };
}

/** People among so many machines, rounded up to a call. */
export function estimatedPersons(machines: number, { percent }: MachineFalsePositive): number {
  // Hundredths of a per cent are what a setting may say: integers from here on.
  return Math.ceil((machines * Math.round(percent * 100)) / 10_000);
}

function addedCalls(
  counts: MachineTally,
  { detection }: NonNullable<Jurisdiction['machinesInRatio']>,
  falsePositive: MachineFalsePositive | null,
): number {
  const found = machinesFound(counts);
  if (detection === 'none') return found;
  return falsePositive === null ? 0 : estimatedPersons(found, falsePositive);
}

function machinesFound({ machines = 0, machinesHeard = 0 }: MachineTally): number {
  return Math.max(0, machines - machinesHeard);
}

/** `calls` x `part` / `whole` with three decimals, rounded down. */
function inThousandths(calls: number, part: number, whole: number): string {
  const thousandths = whole === 0 ? 0n : (BigInt(calls) * BigInt(part) * 1000n) / BigInt(whole);
  return `${thousandths / 1000n}.${String(thousandths % 1000n).padStart(3, '0')}`;
}
