/**
 * What a set of calls adds up to, a second time, to check reports by. Shares no line with `src/`. Italian rules alone.
 */
import { lastVerdict, type RawCall, type Verdict } from './recount-law.ts';

/** A call with all that a report tells of it. */
export type ReportCall = RawCall & {
  readonly record: RawCall['record'] & {
    readonly comfortNoise: { readonly packets: number; readonly startedAfterMs: number } | null;
  };
  readonly decision: {
    readonly allowed: boolean;
    readonly breaches: readonly { readonly rule: string; readonly mode: string }[];
  } | null;
};

/** A call that goes on and was counted. */
export type LiveCall = { readonly at: number; readonly policy: string; readonly class: string; readonly as: string };

/** A limit as a fraction, or none. */
export type Limit = { readonly silent: number; readonly of: number } | null;

/** An estimate of the settings. */
export type Estimate = { readonly percent: number; readonly evidence: string } | null;

type Split = { A: number; B: number; uncounted: number };

/** Every figure of one period, as the report has them. */
export function figuresOf(
  calls: readonly ReportCall[],
  live: readonly LiveCall[],
  limit: Limit,
  options: { readonly machine: string; readonly hangUp: string },
  estimate: Estimate,
): Record<string, unknown> {
  const guarded = calls.filter(({ record }) => record.kind === 'guarded');
  const answered = guarded.filter(({ record }) => record.network === 'answered');
  const verdicts = answered.map((call) => lastVerdict(call));
  const counted: { class: string | null; why: string }[] = [
    ...verdicts.filter((verdict): verdict is Verdict => verdict !== null),
    ...live.map((call) => ({ class: call.class, why: call.as === 'callee-hung-up' ? 'hung-up' : call.as })),
  ];
  const split = (why: string): Split => ({
    A: counted.filter((one) => one.why === why && one.class === 'A').length,
    B: counted.filter((one) => one.why === why && one.class === 'B').length,
    uncounted: counted.filter((one) => one.why === why && one.class === null).length,
  });
  const silent = counted.filter((one) => one.class === 'A').length;
  const handled = counted.filter((one) => one.class === 'B').length;
  const [machines, calleeHangUps] = [split('machine'), split('hung-up')];
  const withoutAgent = answered.filter(({ record }) => record.times.bridged === null || record.waitMs > 0);
  const hasNoise = ({ record }: ReportCall) => (record.comfortNoise?.packets ?? 0) > 0;
  return {
    calls: guarded.length + live.length,
    answered: answered.length + live.length,
    ...sharesOf(silent, handled, limit),
    machines,
    calleeHangUps,
    corrected: guarded.filter(({ corrections }) => corrections.length > 0).length,
    live: {
      silent: live.filter((call) => call.class === 'A').length,
      handled: live.filter((call) => call.class === 'B').length,
    },
    network: tallies(guarded.map(({ record }) => record.network)),
    answeredBy: tallies(answered.map(lastAnsweredBy)),
    handling: tallies(answered.map(handlingOf)),
    refusals: refusalsOf(guarded),
    comfortNoise: {
      due: withoutAgent.length,
      played: withoutAgent.filter(hasNoise).length,
      missing: withoutAgent.filter((call) => !hasNoise(call)).length,
      firstPacketMs: delaysOf(answered.filter(hasNoise).map(({ record }) => record.comfortNoise?.startedAfterMs ?? 0)),
    },
    notGuarded: tallies(calls.filter(({ record }) => record.kind !== 'guarded').map(({ record }) => record.kind)),
    alternatives: alternativesOf({ silent, handled, machines, calleeHangUps }, limit, options, estimate),
  };
}

/** What a window is shown by. */
export function windowFigures(figures: Record<string, unknown>): Record<string, unknown> {
  const { silent, handled, ratio, percent, verdict, alternatives } = figures;
  const sum = ({ A, B, uncounted }: Split) => A + B + uncounted;
  return {
    ...{ silent, handled, ratio, percent, verdict, alternatives },
    machines: sum(figures.machines as Split),
    calleeHangUps: sum(figures.calleeHangUps as Split),
  };
}

/** The options that a stamp names. */
export function optionsOf(stamp: string): { readonly machine: string; readonly hangUp: string } {
  return {
    machine: stamp.includes(';machine=A') ? 'A' : 'B',
    hangUp: stamp.includes(';callee-hang-up=B') ? 'B' : 'A',
  };
}

function sharesOf(silent: number, handled: number, limit: Limit) {
  const all = silent + handled;
  // Of large integers, so that no rounding of ours hides one of theirs.
  const thousandths = all === 0 ? 0n : (BigInt(silent) * 100_000n + BigInt(all) - 1n) / BigInt(all);
  const digits = String(thousandths).padStart(4, '0');
  return {
    ...{ silent, handled, ratio: { silent, answered: all } },
    percent: all === 0 ? null : `${digits.slice(0, -3)}.${digits.slice(-3)}`,
    verdict: limit === null ? null : silent * limit.of > limit.silent * all ? 'breached' : 'within',
  };
}

function alternativesOf(
  counts: { silent: number; handled: number; machines: Split; calleeHangUps: Split },
  limit: Limit,
  options: { readonly machine: string; readonly hangUp: string },
  estimate: Estimate,
) {
  const { silent, handled, machines, calleeHangUps } = counts;
  const found: Record<string, unknown>[] = [];
  const say = (reading: string, moved: number, evidence: string | null = null) =>
    found.push({ reading, evidence, ...sharesOf(silent + moved, handled - moved, limit) });
  for (const [name, present, calls] of [
    ['machine', options.machine, machines],
    ['callee-hang-up', options.hangUp, calleeHangUps],
  ] as const) {
    if (present === 'B' || calls.B > 0) say(`${name}=A`, calls.B);
    if (present === 'A' || calls.A > 0) say(`${name}=B`, -calls.A);
  }
  if (estimate !== null && machines.B > 0) {
    const persons = Number((BigInt(machines.B) * BigInt(Math.round(estimate.percent * 100)) + 9_999n) / 10_000n);
    say(`machine-false-positive=${estimate.percent}%`, Math.min(persons, machines.B), estimate.evidence);
  }
  return found;
}

function refusalsOf(calls: readonly ReportCall[]) {
  const byLaw = calls.filter(({ decision }) => decision?.allowed === false).length;
  const blocked = calls.filter(({ record }) => record.network === 'blocked').length;
  const breaches = calls.flatMap(({ decision }) => decision?.breaches ?? []);
  const rules = [...new Set(breaches.map(({ rule }) => rule))].sort();
  return {
    byLaw,
    otherwise: blocked - byLaw,
    byRule: rules.map((rule) => ({
      rule,
      enforced: breaches.filter((one) => one.rule === rule && one.mode === 'enforce').length,
      observed: breaches.filter((one) => one.rule === rule && one.mode === 'observe').length,
    })),
  };
}

function delaysOf(delays: readonly number[]) {
  if (delays.length === 0) return null;
  const sorted = [...delays].sort((one, other) => one - other);
  const rank = (percent: number) => sorted[Math.ceil((sorted.length * percent) / 100) - 1];
  return { calls: sorted.length, p50: rank(50), p99: rank(99), max: sorted.at(-1) };
}

function lastAnsweredBy({ record, corrections }: ReportCall): string {
  return corrections.at(-1)?.answeredBy ?? record.answeredBy;
}

function handlingOf(call: ReportCall): string {
  if (call.record.times.bridged !== null) return 'agent';
  return ['machine', 'fax'].includes(lastAnsweredBy(call)) ? 'machine-dropped' : 'silent';
}

function tallies(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
