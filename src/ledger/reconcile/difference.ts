/** What the two sides say differently of one call, and what it would do to the counts if the carrier were right. Pure. */

import type { WallMs } from '../../base/clock.ts';
import { localTimeOf } from '../../base/local-time.ts';
import type { NetworkAxis } from '../../policy/network-axis.ts';
import type { BrusioCalls, BrusioClass, CarrierCalls } from './call-columns.ts';
import type { Matching } from './match.ts';
import { durationGap, lagOf, primaryLag, primaryOf } from './nearness.ts';

/** Kinds of differences, the gravest first. */
export const DIFFERENCE_KINDS = [
  'answered-at-brusio',
  'answered-at-carrier',
  'only-brusio',
  'only-carrier',
  'duplicate',
  'contradictory',
  'coded-differently',
  'answer-time',
  'duration',
] as const;
/** One of them. */
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

/** How the call would move in its day's counts if the carrier were right; null: not counted. */
export type Effect = { readonly from: BrusioClass; readonly to: BrusioClass };

/** One call, or one that only one side has. Times are Brusio's clock's: the carrier's are set by the offset. */
export type Difference = {
  readonly kinds: readonly DifferenceKind[];
  /** Of the file; null: only Brusio has it. */
  readonly line: number | null;
  readonly callId: string | null;
  /** Place of its number in the file's numbers; null: not there. */
  readonly number: number | null;
  /** Null: only the carrier has it. */
  readonly campaign: string | null;
  /** Local day of the answer by whoever has one, else of the call. */
  readonly day: string;
  readonly carrier: CarrierSide | null;
  readonly brusio: BrusioSide | null;
  /** How much later the carrier has the answer; null: not both have one. */
  readonly answerLagMs: number | null;
  /** How far the durations differ beyond the rounding; null: not to be compared. */
  readonly durationGapMs: number | null;
  readonly effect: Effect | null;
};

type CarrierSide = {
  readonly network: NetworkAxis;
  readonly start: number | null;
  readonly answer: number | null;
  readonly end: number | null;
  readonly durationMs: number | null;
};

type BrusioSide = {
  readonly network: NetworkAxis;
  readonly class: BrusioClass;
  readonly invited: number;
  readonly answered: number | null;
  readonly ended: number;
};

/** What of a campaign's law is asked: the zone of its days, and how long a wait may be; infinite: none that a carrier could know of. */
export type CampaignTerms = { readonly timeZone: string; readonly waitLimitMs: number };

/** By what calls are compared once they are matched. */
export type DifferenceTerms = {
  /** Of the days of calls that are of no campaign: those that only the carrier has. */
  readonly timeZone: string;
  readonly termsOf: (campaign: string) => CampaignTerms;
  readonly answerMs: number;
  readonly durationMs: number;
};

/** Codes that cannot be told apart when they went through SIP: 480 is what causes 19, 20 and 31 become, 503 what 34 to 47 do. */
const ALIKE: readonly ReadonlySet<NetworkAxis>[] = [
  new Set(['no-answer', 'cancelled', 'unreachable']),
  new Set(['congestion', 'network-failure', 'unreachable']),
];

/** Whether both say the same of a call, as far as codes can. */
export function isSameOutcome(one: NetworkAxis, other: NetworkAxis): boolean {
  if (one === other) return true;
  if (one === 'answered' || other === 'answered') return false;
  return one === 'unknown' || other === 'unknown' || ALIKE.some((axes) => axes.has(one) && axes.has(other));
}

/** Makes differences of calls by their places. */
export function createComparer(carrier: CarrierCalls, brusio: BrusioCalls, matching: Matching, terms: DifferenceTerms) {
  const { comparison } = matching;
  const { offsetMs } = comparison;
  /** Of one of Brusio's calls: the day it is counted on, or else that of the moment, by its campaign's clocks. */
  const dayOf = (other: number, at = brusio.columns.invited[other] as number) =>
    brusio.dayOf(other) ?? localTimeOf(terms.termsOf(brusio.campaignOf(other)).timeZone, at as WallMs).day;

  function carrierSide(call: number, other: number | null): CarrierSide {
    const at = (name: 'start' | 'answer' | 'end') => {
      const first = carrier.columns[name][call] as number;
      if (Number.isNaN(first)) return null;
      const later = carrier.columns[`${name}Later`][call] as number;
      // Of two moments the one that the other side's call is nearer to.
      const known = other === null ? first : (brusio.columns.invited[other] as number) + offsetMs;
      return Math.round((Math.abs(later - known) < Math.abs(first - known) ? later : first) - offsetMs);
    };
    return {
      network: carrier.networkOf(call),
      ...{ start: at('start'), answer: at('answer'), end: at('end') },
      durationMs: orNull(carrier.columns.duration[call] as number),
    };
  }

  function brusioSide(other: number): BrusioSide {
    const { invited, answered, ended } = brusio.columns;
    return {
      ...{ network: brusio.networkOf(other), class: brusio.classOf(other) },
      ...{
        invited: invited[other] as number,
        answered: orNull(answered[other] as number),
        ended: ended[other] as number,
      },
    };
  }

  /** What both have; null: they say the same. */
  function ofPair(call: number, other: number): Difference | null {
    const [theirs, ours] = [carrier.networkOf(call), brusio.networkOf(other)];
    const bothAnswered = theirs === 'answered' && ours === 'answered';
    const lag = bothAnswered ? lagOf(carrier, call, brusio, other, 'answer', offsetMs) : Number.NaN;
    const gap = bothAnswered ? durationGap(carrier, call, brusio, other, comparison) : null;
    const kinds: DifferenceKind[] = [];
    if (!bothAnswered && ours === 'answered') kinds.push('answered-at-brusio');
    else if (!bothAnswered && theirs === 'answered') kinds.push('answered-at-carrier');
    if (carrier.columns.contradictory[call] === 1) kinds.push('contradictory');
    if (theirs !== 'answered' && ours !== 'answered' && !isSameOutcome(theirs, ours)) kinds.push('coded-differently');
    if (Math.abs(lag) > terms.answerMs) kinds.push('answer-time');
    if (gap !== null && gap > terms.durationMs) kinds.push('duration');
    if (kinds.length === 0) return null;
    const side = carrierSide(call, other);
    return {
      kinds,
      line: carrier.columns.line[call] as number,
      callId: brusio.idOf(other),
      number: carrier.columns.number[call] as number,
      campaign: brusio.campaignOf(other),
      day: dayOf(other, side.answer ?? undefined),
      carrier: side,
      brusio: brusioSide(other),
      answerLagMs: Number.isNaN(lag) ? null : Math.round(lag),
      durationGapMs: gap === null ? null : Math.round(gap),
      effect: effectOf(other, theirs, Math.abs(lag) > terms.answerMs ? lag : 0),
    };
  }

  /** @param theirs what the carrier says; null: it has no such call */
  function effectOf(other: number, theirs: NetworkAxis | null, answerLagMs: number): Effect | null {
    const from = brusio.classOf(other);
    const isAnswered = brusio.networkOf(other) === 'answered';
    if (theirs !== 'answered') return from === null ? null : { from, to: null };
    // Nobody could have been brought an agent whom Brusio did not see answer.
    if (!isAnswered) return brusio.columns.guarded[other] === 1 ? { from: null, to: 'A' } : null;
    const waited = (brusio.columns.agentAfter[other] as number) - answerLagMs;
    const { waitLimitMs } = terms.termsOf(brusio.campaignOf(other));
    return from === 'B' && waited > waitLimitMs ? { from, to: 'A' } : null;
  }

  return {
    ofPair,
    onlyCarrier(call: number, isDuplicate: boolean): Difference {
      const side = carrierSide(call, null);
      return {
        kinds: [isDuplicate ? 'duplicate' : 'only-carrier'],
        line: carrier.columns.line[call] as number,
        callId: null,
        number: carrier.columns.number[call] as number,
        campaign: null,
        day: localTimeOf(terms.timeZone, (side.answer ?? side.start ?? side.end ?? 0) as WallMs).day,
        carrier: side,
        brusio: null,
        ...{ answerLagMs: null, durationGapMs: null },
        effect: side.network === 'answered' && !isDuplicate ? { from: null, to: 'A' } : null,
      };
    },
    onlyBrusio(other: number): Difference {
      const number = brusio.columns.number[other] as number;
      return {
        kinds: ['only-brusio'],
        line: null,
        callId: brusio.idOf(other),
        number: number === -1 ? null : number,
        campaign: brusio.campaignOf(other),
        day: dayOf(other),
        carrier: null,
        brusio: brusioSide(other),
        ...{ answerLagMs: null, durationGapMs: null },
        effect: effectOf(other, null, 0),
      };
    },
    /** The moment by which a carrier's call belongs to a period, by Brusio's clock. */
    momentOfCarrier: (call: number) => (carrier.columns[primaryOf(carrier, call)][call] as number) - offsetMs,
    lagOfPair: (call: number, other: number) => primaryLag(carrier, call, brusio, other, offsetMs),
    dayOf,
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
