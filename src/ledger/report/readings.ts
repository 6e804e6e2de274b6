/** P of a period, its verdict, and what both would be by the other reading of each option. Pure. */
import { type PeriodFigures, sharesOf, withoutEstimate } from '../../policy/campaign-figures.ts';
import type { CountedClass, Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import {
  estimatedPersons,
  type MachineEstimate,
  type MachineFalsePositive,
  machineEstimate,
  measuredTally,
} from '../../policy/machine-estimate.ts';
import type { RatioLimit, Tally } from '../../policy/tally.ts';
import type { CallFigures } from './report-figures.ts';

/** NA, NB, P as a fraction and in per cent, and the verdict; null where the law has no limit. */
export type Shares = Pick<PeriodFigures, 'silent' | 'handled' | 'ratio' | 'percent' | 'verdict'>;

/** What would be counted otherwise, and what that makes. */
export type AlternativeShares = Shares & {
  /** Such as `machine=A`. */
  readonly reading: string;
  /** Where an estimate is known from, or null. */
  readonly evidence: string | null;
};

/** The counts that shares and alternatives need. */
export type SplitCounts = Pick<CallFigures, 'silent' | 'handled' | 'machines' | 'machinesHeard' | 'calleeHangUps'>;

type Law = Pick<Jurisdiction, 'options' | 'machinesInRatio'>;

/** P with its verdict; with what of it is estimated, where the law has that in it. */
export function measuredShares(
  counts: SplitCounts,
  limit: RatioLimit | null,
  law: Law,
  falsePositive: MachineFalsePositive | null,
): Shares & { readonly estimate?: MachineEstimate } {
  const tally = withMachines(counts, counts);
  const estimate = machineEstimate(tally, law, falsePositive);
  const shares = sharesOf(counts, limit, measuredTally(tally, law, falsePositive));
  return estimate === null ? shares : { ...shares, estimate };
}

function withMachines({ machines: { A, B, uncounted }, machinesHeard }: SplitCounts, { silent, handled }: Tally) {
  return { silent, handled, machines: A + B + uncounted, machinesHeard };
}

/** The other readings, exact: each call is moved by the class it was given, whatever option held at its time. */
export function alternativesOf(
  counts: SplitCounts,
  limit: RatioLimit | null,
  law: Law,
  falsePositive: MachineFalsePositive | null,
): readonly AlternativeShares[] {
  const { silent, handled, machines, calleeHangUps } = counts;
  const { options } = law;
  const alternatives: AlternativeShares[] = [];
  const add = (reading: string, tally: Tally, evidence: string | null = null) => {
    const measured = measuredTally(withMachines(counts, tally), law, falsePositive);
    alternatives.push({ reading, evidence, ...sharesOf(tally, limit, measured) });
  };
  for (const [{ stamp, value, choices }, calls] of [
    [options.machineAnswered, machines],
    [options.calleeHangUp, calleeHangUps],
  ] as const) {
    const all = calls.A + calls.B + calls.uncounted;
    for (const other of choices) {
      // The reading in force is one too where some calls were counted by the other.
      if (other === value && all === countedSo(calls, value)) continue;
      const kept = { silent: silent - calls.A, handled: handled - calls.B };
      if (other === 'A') add(`${stamp}=A`, { ...kept, silent: kept.silent + all });
      else if (other === 'B') add(`${stamp}=B`, { ...kept, handled: kept.handled + all });
      else add(`${stamp}=none`, kept);
    }
  }
  if (law.machinesInRatio !== null)
    return [...alternatives, ...withoutEstimate(withMachines(counts, counts), law, falsePositive, limit)];
  // As UK practice has it; machines in class A are silent calls already.
  const taken = machines.B + machines.uncounted;
  if (falsePositive !== null && taken > 0) {
    const { percent, evidence } = falsePositive;
    const persons = estimatedPersons(taken, falsePositive);
    // Of class B first: so the estimate errs on the careful side.
    const ofHandled = Math.min(persons, machines.B, handled);
    add(`machine-false-positive=${percent}%`, { silent: silent + persons, handled: handled - ofHandled }, evidence);
  }
  return alternatives;
}

function countedSo({ A, B, uncounted }: CallFigures['machines'], as: CountedClass): number {
  return { A, B, none: uncounted }[as];
}
