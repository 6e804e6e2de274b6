/** Calls to one number that can only be paired among themselves, and crowds of them parted so that no part is too large. Pure. */
import type { BrusioCalls, CarrierCalls } from './call-columns.ts';
import type { NumberGroup } from './clock-offset.ts';
import { type Comparison, MOMENTS } from './nearness.ts';

/** More calls to one number that hang together by their times are parted, and it is told: the cost grows with their cube. */
const CLUSTER_CALLS_MAX = 300;
/** Where a crowd is parted, calls of the two sides may be so far apart, ms; or as far as the clocks' spread. */
const PARTING_MS_MIN = 1_000;

/** From the first to the last of a call's times, by Brusio's clock. */
type Span = { readonly from: number; readonly to: number; readonly call: number };

/** Both sides in the order of time. */
type Crowd = { readonly carrier: readonly Span[]; readonly brusio: readonly Span[] };

/** No time of one cluster's calls lies within the tolerance of another's; `parted`: how often a crowd was. */
export function clustersOf(
  group: NumberGroup,
  carrier: CarrierCalls,
  brusio: BrusioCalls,
  by: Comparison,
): { readonly clusters: readonly NumberGroup[]; readonly parted: number } {
  const { invited, ended } = brusio.columns;
  const both = {
    carrier: group.carrier.map((call) => carrierSpan(carrier, call, by)).sort(byTime),
    brusio: group.brusio
      .map((call) => ({ from: invited[call] as number, to: ended[call] as number, call }))
      .sort(byTime),
  };
  const crowds = crowdsIn(both, by.matchMs);
  const small = crowds.flatMap((crowd) => partedCrowd(crowd, Math.max(PARTING_MS_MIN, by.spreadMs)));
  return {
    clusters: small.map((crowd) => ({ carrier: crowd.carrier.map(callOf), brusio: crowd.brusio.map(callOf) })),
    parted: small.length - crowds.length,
  };
}

const byTime = (one: Span, other: Span) => one.from - other.from;
const callOf = ({ call }: Span) => call;

function carrierSpan(carrier: CarrierCalls, call: number, { offsetMs }: Comparison): Span {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const name of MOMENTS) {
    for (const column of [name, `${name}Later`] as const) {
      const at = (carrier.columns[column][call] as number) - offsetMs;
      if (Number.isNaN(at)) continue;
      from = Math.min(from, at);
      to = Math.max(to, at);
    }
  }
  return { from, to, call };
}

function crowdsIn({ carrier, brusio }: Crowd, matchMs: number): Crowd[] {
  const crowds: { carrier: Span[]; brusio: Span[] }[] = [];
  let reach = Number.NEGATIVE_INFINITY;
  for (let [one, other] = [0, 0]; one < carrier.length || other < brusio.length; ) {
    const isCarriers =
      (carrier[one]?.from ?? Number.POSITIVE_INFINITY) <= (brusio[other]?.from ?? Number.POSITIVE_INFINITY);
    const span = (isCarriers ? carrier[one++] : brusio[other++]) as Span;
    if (span.from > reach + matchMs) crowds.push({ carrier: [], brusio: [] });
    crowds.at(-1)?.[isCarriers ? 'carrier' : 'brusio'].push(span);
    reach = Math.max(reach, span.to);
  }
  return crowds;
}

/**
 * The larger side is parted at the widest gap of its middle half, the other at the same time; of its calls at about that time as
 * many go to either part as the larger side has there: calls of one instant have no order, and a side must not lose the other's.
 */
function partedCrowd(crowd: Crowd, slackMs: number): Crowd[] {
  const { carrier, brusio } = crowd;
  if (carrier.length === 0 || brusio.length === 0 || carrier.length + brusio.length <= CLUSTER_CALLS_MAX)
    return [crowd];
  const isCarriers = carrier.length >= brusio.length;
  const [larger, smaller] = isCarriers ? [carrier, brusio] : [brusio, carrier];
  const at = placeOfGap(larger);
  const time = ((larger[at - 1] as Span).from + (larger[at] as Span).from) / 2;
  const share = Math.round((at / larger.length) * smaller.length);
  const [least, most] = [placeOfTime(smaller, time - slackMs), placeOfTime(smaller, time + slackMs)];
  const place = Math.min(Math.max(share, least), most);
  const part = (from: number, to: number, otherFrom: number, otherTo: number) => {
    const [one, other] = [larger.slice(from, to), smaller.slice(otherFrom, otherTo)];
    return partedCrowd(isCarriers ? { carrier: one, brusio: other } : { carrier: other, brusio: one }, slackMs);
  };
  return [...part(0, at, 0, place), ...part(at, larger.length, place, smaller.length)];
}

/** Behind the gap; of gaps as wide that in the middle, so that the parts get smaller quickly. */
function placeOfGap(spans: readonly Span[]): number {
  const middle = spans.length >> 1;
  let [at, widest] = [middle, -1];
  for (let away = 0; away <= spans.length >> 2; away++) {
    for (const place of [middle - away, middle + away]) {
      if (place < 1 || place >= spans.length) continue;
      const gap = (spans[place] as Span).from - (spans[place - 1] as Span).from;
      if (gap > widest) [at, widest] = [place, gap];
    }
  }
  return at;
}

/** How many begin before then. */
function placeOfTime(spans: readonly Span[], time: number): number {
  let [from, to] = [0, spans.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((spans[middle] as Span).from < time) from = middle + 1;
    else to = middle;
  }
  return from;
}
