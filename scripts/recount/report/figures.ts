/** What a set of calls adds up to, a second time, to check reports by. Shares no line with `src/`. */
import { lastVerdict, type RawCall, type Verdict } from '../law.ts';
import { type Limit, textOf } from '../texts.ts';
import { announcementFigures, type Message } from './announcements.ts';
import { type Estimate, estimateOf, type MachineCounts, peopleAmong, plainSides, sidesOf } from './estimate.ts';

/** A call with all that a report tells of it. */
export type ReportCall = RawCall & {
  readonly record: RawCall['record'] & {
    readonly comfortNoise: { readonly packets: number; readonly startedAfterMs: number } | null;
    readonly announcement: Message | null;
    readonly endedBy: string;
    readonly ringMs: number;
  };
  readonly decision: {
    readonly allowed: boolean;
    readonly breaches: readonly { readonly rule: string; readonly mode: string }[];
  } | null;
};

/** A call that goes on and was counted. */
export type LiveCall = {
  readonly callId: string;
  readonly at: number;
  readonly policy: string;
  readonly class: string | null;
  readonly as: string;
};

type Split = { A: number; B: number; uncounted: number };

/** By which rules, against which limit, with which estimate of the settings. */
export type Measure = {
  readonly policy: string;
  readonly limit: Limit | null;
  readonly estimate: Estimate;
  /** Reports of earlier versions tell nothing of messages, or of ringing. */
  readonly tellsMessages: boolean;
  readonly tellsRinging: boolean;
};

/** Every figure of one period, as the report has them. */
export function figuresOf(
  calls: readonly ReportCall[],
  live: readonly LiveCall[],
  measure: Measure,
): Record<string, unknown> {
  const guarded = calls.filter(({ record }) => record.kind === 'guarded');
  const answered = guarded.filter(({ record }) => record.network === 'answered');
  const verdicts = answered.map((call) => lastVerdict(call));
  const counted: { class: string | null; why: string }[] = [
    ...verdicts.filter((verdict): verdict is Verdict => verdict !== null),
    ...live.map((call) => ({ class: call.class, why: call.as === 'callee-hung-up' ? 'hung-up' : call.as })),
  ];
  const split = (...whys: readonly string[]): Split => {
    const these = counted.filter(({ why }) => whys.includes(why));
    const of = (asClass: string | null) => these.filter((one) => one.class === asClass).length;
    return { A: of('A'), B: of('B'), uncounted: of(null) };
  };
  const [machines, calleeHangUps] = [split('machine', 'machine-heard'), split('hung-up')];
  const heard = counted.filter(({ why }) => why === 'machine-heard').length;
  const counts = {
    silent: counted.filter((one) => one.class === 'A').length,
    handled: counted.filter((one) => one.class === 'B').length,
    ...{ found: machines.A + machines.B + machines.uncounted - heard, heard },
  };
  const withoutAgent = answered.filter(({ record }) => record.times.bridged === null || record.waitMs > 0);
  const hasNoise = ({ record }: ReportCall) => (record.comfortNoise?.packets ?? 0) > 0;
  const { machines: machinesIn, minRingMs } = textOf(measure.policy);
  return {
    calls: guarded.length + live.length,
    answered: answered.length + live.length,
    ...sharesOf(counts, sidesOf(counts, machinesIn, measure.estimate), measure.limit),
    ...(machinesIn === null ? {} : { estimate: estimateOf(counts, machinesIn, measure.estimate) }),
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
    ...(measure.tellsMessages
      ? { announcements: announcementFigures(answered.flatMap(({ record }) => record.announcement ?? [])) }
      : {}),
    ...(measure.tellsRinging && minRingMs !== null ? { ringing: ringingOf(guarded, minRingMs) } : {}),
    notGuarded: tallies(calls.filter(({ record }) => record.kind !== 'guarded').map(({ record }) => record.kind)),
    alternatives: alternativesOf(counts, { machines, calleeHangUps }, measure),
  };
}

/** Of calls that the dialer or Brusio gave up, by what each call's own rules ask for. */
function ringingOf(calls: readonly ReportCall[], minMs: number) {
  const verdicts = calls.flatMap(({ record }) => {
    const own = textOf(record.policy).minRingMs;
    if (own === null || !['dialer', 'guard'].includes(record.endedBy)) return [];
    if (record.network === 'cancelled') return ['notRung'];
    return record.network === 'no-answer' ? [record.ringMs < own ? 'short' : 'long'] : [];
  });
  const of = (verdict: string) => verdicts.filter((one) => one === verdict).length;
  return { minMs, givenUp: verdicts.length, short: of('short'), notRung: of('notRung') };
}

/** What a window is shown by. */
export function windowFigures(figures: Record<string, unknown>): Record<string, unknown> {
  const { silent, handled, ratio, percent, verdict, alternatives, estimate } = figures;
  const sum = ({ A, B, uncounted }: Split) => A + B + uncounted;
  return {
    ...{ silent, handled, ratio, percent, verdict, alternatives },
    ...(estimate === undefined ? {} : { estimate }),
    machines: sum(figures.machines as Split),
    calleeHangUps: sum(figures.calleeHangUps as Split),
  };
}

function sharesOf({ silent, handled }: MachineCounts, [part, all]: readonly [number, number], limit: Limit | null) {
  // Of large integers, so that no rounding of ours hides one of theirs.
  const thousandths = all === 0 ? 0n : (BigInt(part) * 100_000n + BigInt(all) - 1n) / BigInt(all);
  const digits = String(thousandths).padStart(4, '0');
  return {
    ...{ silent, handled, ratio: { silent: part, answered: all } },
    percent: all === 0 ? null : `${digits.slice(0, -3)}.${digits.slice(-3)}`,
    verdict: limit === null ? null : part * limit.of > limit.silent * all ? 'breached' : 'within',
  };
}

function alternativesOf(
  counts: MachineCounts,
  { machines, calleeHangUps }: { readonly machines: Split; readonly calleeHangUps: Split },
  { policy, limit, estimate }: Measure,
) {
  const text = textOf(policy);
  const { silent, handled } = counts;
  const found: Record<string, unknown>[] = [];
  const say = (reading: string, [a, b]: readonly [number, number], evidence: string | null = null) => {
    const moved = { ...counts, silent: a, handled: b };
    found.push({ reading, evidence, ...sharesOf(moved, sidesOf(moved, text.machines, estimate), limit) });
  };
  for (const [name, choices, present, calls] of [
    ['machine', text.choices.machine, text.machine, machines],
    ['callee-hang-up', text.choices.hungUp, text.hungUp, calleeHangUps],
  ] as const) {
    const all = calls.A + calls.B + calls.uncounted;
    for (const choice of choices) {
      const asChosen = choice === '-' ? calls.uncounted : calls[choice];
      if (choice === present && asChosen === all) continue;
      const [a, b] = [silent - calls.A, handled - calls.B];
      say(`${name}=${choice === '-' ? 'none' : choice}`, [choice === 'A' ? a + all : a, choice === 'B' ? b + all : b]);
    }
  }
  if (text.machines !== null) {
    const [plain, measured] = [plainSides(counts, text.machines), sidesOf(counts, text.machines, estimate)];
    if (plain.join() !== measured.join())
      found.push({ reading: 'machine-estimate=none', evidence: null, ...sharesOf(counts, plain, limit) });
    return found;
  }
  const taken = machines.B + machines.uncounted;
  if (estimate !== null && taken > 0) {
    const people = peopleAmong(taken, estimate);
    const ofHandled = Math.min(people, machines.B, handled);
    say(`machine-false-positive=${estimate.percent}%`, [silent + people, handled - ofHandled], estimate.evidence);
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
  if (['machine', 'fax'].includes(lastAnsweredBy(call))) return 'machine-dropped';
  return call.record.announcement === null ? 'silent' : 'message';
}

function tallies(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
