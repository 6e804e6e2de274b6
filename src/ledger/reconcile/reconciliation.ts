/** The whole comparison: who has what, what is said differently, totals for each campaign and day. Pure. */
import type { NetworkAxis } from '../../policy/network-axis.ts';
import type { BrusioCalls, CarrierCalls } from './call-columns.ts';
import { createEffects } from './campaign-effects.ts';
import type { ClockOffset } from './clock-offset.ts';
import {
  createComparer,
  DIFFERENCE_KINDS,
  type Difference,
  type DifferenceKind,
  type DifferenceTerms,
} from './difference.ts';
import { matchCalls } from './match.ts';
import type { Comparison } from './nearness.ts';

/** What is asked. */
export type ReconciliationTerms = DifferenceTerms &
  Pick<Comparison, 'matchMs' | 'duration'> & {
    /** How far the carrier's clock is ahead, ms; null: estimated. */
    readonly offsetMs: number | null;
    /** Calls of these moments are told when only one side has them: from, and before to, by Brusio's clock. */
    readonly period: { readonly from: number; readonly to: number };
    /** Calls that nobody answered are not in the file. */
    readonly onlyAnswered: boolean;
    /** The moment that the file's calls are placed in the period by. */
    readonly placedBy: 'start' | 'answer' | 'end';
  };

/** Counts of one campaign and day; `campaign` null: calls that only the carrier has. */
export type DayTotals = {
  readonly campaign: string | null;
  readonly day: string;
  /** Calls that both have. */
  matched: number;
  /** Of these, those of which both say the same. */
  alike: number;
  readonly kinds: Record<DifferenceKind, number>;
};

/** How often the carrier said one thing where Brusio said another (or the same). */
export type CodingCount = {
  readonly carrier: NetworkAxis;
  readonly brusio: NetworkAxis;
  readonly calls: number;
};

/** What came of it. */
export type Reconciliation = {
  readonly matched: number;
  readonly alike: number;
  readonly byCallId: number;
  readonly kinds: Readonly<Record<DifferenceKind, number>>;
  readonly clock: ClockOffset | null;
  readonly offsetMs: number;
  /** The middle of the answers' lags, the clocks being set: a carrier that always has them earlier; null: none to compare. */
  readonly answerLagMs: number | null;
  readonly parted: number;
  /** Of the carrier's and of Brusio's: without a counterpart, but outside the period, or not to be expected in the file. */
  readonly outside: { readonly carrier: number; readonly brusio: number };
  readonly coding: readonly CodingCount[];
  readonly days: readonly DayTotals[];
  readonly effects: ReturnType<typeof createEffects>;
  /** Answered calls that only the carrier has: silent calls of a campaign that nobody can name. */
  readonly unattributed: number;
  /** In the order of the file, then those that only Brusio has; made anew each time, since there may be millions. */
  differences(): Generator<Difference>;
};

/** @param numbers how many the file has */
export function reconcile(
  carrier: CarrierCalls,
  brusio: BrusioCalls,
  numbers: number,
  terms: ReconciliationTerms,
): Reconciliation {
  const matching = matchCalls(carrier, brusio, numbers, terms);
  const { offsetMs } = matching.comparison;
  const compare = createComparer(carrier, brusio, matching, terms);
  const duplicates = duplicateCalls(carrier, matching.brusioOf, numbers);
  const isInside = (at: number) => at >= terms.period.from && at < terms.period.to;

  /** The difference of a call of the file; null: both say the same; `outside`: nothing is said of it. */
  function ofCarrier(call: number): Difference | null | 'outside' {
    const other = matching.brusioOf[call] as number;
    if (other !== -1) return compare.ofPair(call, other);
    return isInside(compare.momentOfCarrier(call)) ? compare.onlyCarrier(call, duplicates.has(call)) : 'outside';
  }
  function ofLoneBrusio(other: number): Difference | 'outside' {
    const { invited, answered, ended } = brusio.columns;
    const answeredAt = answered[other] as number;
    const isAnswered = !Number.isNaN(answeredAt);
    const at = { start: invited[other], answer: isAnswered ? answeredAt : invited[other], end: ended[other] };
    const isExpected = isAnswered || !terms.onlyAnswered;
    return isExpected && isInside(at[terms.placedBy] as number) ? compare.onlyBrusio(other) : 'outside';
  }
  function* differences(): Generator<Difference> {
    for (let call = 0; call < carrier.count(); call++) {
      const found = ofCarrier(call);
      if (found !== null && found !== 'outside') yield found;
    }
    for (let other = 0; other < brusio.count(); other++) {
      const found = matching.carrierOf[other] === -1 ? ofLoneBrusio(other) : 'outside';
      if (found !== 'outside') yield found;
    }
  }

  const totals = createTotals();
  const effects = createEffects();
  const coding = createCoding();
  const lags: number[] = [];
  let unattributed = 0;
  const lone = { carrier: 0, brusio: brusio.count() };
  for (const difference of differences()) {
    totals.add(difference);
    if (difference.carrier === null) lone.brusio -= 1;
    if (difference.brusio === null) lone.carrier -= 1;
    if (difference.effect === null) continue;
    if (difference.campaign === null) unattributed += 1;
    else effects.add(difference.campaign, difference.day, difference.effect);
  }
  for (let call = 0; call < carrier.count(); call++) {
    const other = matching.brusioOf[call] as number;
    if (other === -1) {
      lone.carrier += 1;
      continue;
    }
    lone.brusio -= 1;
    coding.add(carrier.networkOf(call), brusio.networkOf(other));
    const difference = compare.ofPair(call, other);
    const day = difference?.day ?? compare.dayOf(other);
    totals.match(brusio.campaignOf(other), day, difference === null);
    const lag = (carrier.columns.answer[call] as number) - offsetMs - (brusio.columns.answered[other] as number);
    if (lags.length < LAGS_MAX && !Number.isNaN(lag) && Number.isNaN(carrier.columns.answerLater[call])) lags.push(lag);
  }
  const days = totals.days();
  const sum = (of: (day: DayTotals) => number) => days.reduce((all, day) => all + of(day), 0);
  const kinds = Object.fromEntries(DIFFERENCE_KINDS.map((kind) => [kind, sum((day) => day.kinds[kind])]));
  return {
    ...{ matched: sum((day) => day.matched), alike: sum((day) => day.alike), byCallId: matching.byCallId },
    kinds: kinds as Record<DifferenceKind, number>,
    ...{ clock: matching.clock, offsetMs, answerLagMs: middleOf(lags), parted: matching.parted, outside: lone },
    ...{ coding: coding.counts(), days, effects, unattributed, differences },
  };
}

function createCoding() {
  const cells = new Map<string, { carrier: NetworkAxis; brusio: NetworkAxis; calls: number }>();
  return {
    add(carrier: NetworkAxis, brusio: NetworkAxis): void {
      const key = `${carrier} ${brusio}`;
      const cell = cells.get(key) ?? { carrier, brusio, calls: 0 };
      cell.calls += 1;
      cells.set(key, cell);
    },
    counts: (): readonly CodingCount[] => [...cells.values()].sort((one, other) => other.calls - one.calls),
  };
}

function middleOf(lags: number[]): number | null {
  return lags.length === 0 ? null : Math.round(lags.sort((one, other) => one - other)[lags.length >> 1] as number);
}

/** Of more answers the middle is no other. */
const LAGS_MAX = 200_000;

function createTotals() {
  const days = new Map<string, DayTotals>();
  const of = (campaign: string | null, day: string): DayTotals => {
    const key = `${day} ${campaign ?? ''}`;
    const known = days.get(key);
    if (known !== undefined) return known;
    const kinds = Object.fromEntries(DIFFERENCE_KINDS.map((kind) => [kind, 0])) as Record<DifferenceKind, number>;
    const made: DayTotals = { campaign, day, matched: 0, alike: 0, kinds };
    days.set(key, made);
    return made;
  };
  return {
    match(campaign: string, day: string, isAlike: boolean): void {
      const total = of(campaign, day);
      total.matched += 1;
      if (isAlike) total.alike += 1;
    },
    add({ campaign, day, kinds }: Difference): void {
      const total = of(campaign, day);
      for (const kind of kinds) total.kinds[kind] += 1;
    },
    days: (): readonly DayTotals[] => [...days].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, day]) => day),
  };
}

/** Calls without a counterpart that the file has a second time, to the last field. */
function duplicateCalls(carrier: CarrierCalls, brusioOf: Int32Array, numbers: number): ReadonlySet<number> {
  const { columns } = carrier;
  const hasLone = new Uint8Array(numbers);
  for (let call = 0; call < carrier.count(); call++)
    if (brusioOf[call] === -1) hasLone[columns.number[call] as number] = 1;
  const signature = (call: number) =>
    [columns.number, columns.start, columns.answer, columns.end, columns.duration, columns.network, columns.callId]
      .map((column) => column[call])
      .join();
  const seen = new Set<string>();
  const duplicates = new Set<number>();
  for (let call = 0; call < carrier.count(); call++)
    if (hasLone[columns.number[call] as number] === 1 && brusioOf[call] !== -1) seen.add(signature(call));
  for (let call = 0; call < carrier.count(); call++) {
    if (brusioOf[call] !== -1) continue;
    const own = signature(call);
    if (seen.has(own)) duplicates.add(call);
    seen.add(own);
  }
  return duplicates;
}
