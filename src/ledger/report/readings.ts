/** P of a period, its verdict, and what both would be by the other reading of each option. Pure. */
import { type MachineFalsePositive, type PeriodFigures, sharesOf } from '../../policy/campaign-figures.ts';
import type { Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
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

/** The counts that alternatives need. */
export type SplitCounts = Pick<CallFigures, 'silent' | 'handled' | 'machines' | 'calleeHangUps'>;

/** The other readings, exact: each call is moved by the class it was given, whatever option held at its time. */
export function alternativesOf(
  counts: SplitCounts,
  limit: RatioLimit | null,
  { options }: Pick<Jurisdiction, 'options'>,
  falsePositive: MachineFalsePositive | null,
): readonly AlternativeShares[] {
  const { silent, handled, machines, calleeHangUps } = counts;
  const moved = (calls: number) => ({ silent: silent + calls, handled: handled - calls });
  const alternatives: AlternativeShares[] = [];
  const add = (reading: string, tally: Tally, evidence: string | null = null) =>
    alternatives.push({ reading, evidence, ...sharesOf(tally, limit) });
  for (const [{ stamp, value }, calls] of [
    [options.machineAnswered, machines],
    [options.calleeHangUp, calleeHangUps],
  ] as const) {
    // The reading in force is one too where some calls were counted by the other.
    if (value === 'B' || calls.B > 0) add(`${stamp}=A`, moved(calls.B));
    if (value === 'A' || calls.A > 0) add(`${stamp}=B`, moved(-calls.A));
  }
  // As UK practice has it; machines in class A are silent calls already.
  if (falsePositive !== null && machines.B > 0) {
    const { percent, evidence } = falsePositive;
    // Hundredths of a per cent are what a setting may say: integers from here on.
    const persons = Math.min(Math.ceil((machines.B * Math.round(percent * 100)) / 10_000), handled);
    add(`machine-false-positive=${percent}%`, moved(persons), evidence);
  }
  return alternatives;
}
