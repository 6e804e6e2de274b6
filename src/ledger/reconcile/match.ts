/**
 * Which call of a carrier's file is which of Brusio's: by Call-ID where both have it, else by number and time, one to one. Within a
 * number the pairs are those that cost the least together (`nearness.ts`), so that several calls within minutes do not take each
 * other's places. Pure.
 */
import { cheapestPairs } from './assignment.ts';
import type { BrusioCalls, CarrierCalls } from './call-columns.ts';
import { type ClockOffset, clockOffset, type NumberGroup } from './clock-offset.ts';
import { type Comparison, costAlone, costOf, MOMENTS, primaryLag } from './nearness.ts';

/** More calls to one number that hang together by their times are parted at the widest gap, and it is told. */
const CLUSTER_CALLS_MAX = 300;

/** Found. */
export type Matching = {
  /** For each call of the carrier's, Brusio's; −1: only the carrier has it. */
  readonly brusioOf: Int32Array;
  /** The other way round. */
  readonly carrierOf: Int32Array;
  readonly byCallId: number;
  /** Null: it could not be estimated, or was given. */
  readonly clock: ClockOffset | null;
  /** What the calls were compared with. */
  readonly comparison: Comparison;
  /** Times that a crowd of calls to one number was parted. */
  readonly parted: number;
};

/**
 * @param numbers how many the file has
 * @param offsetMs how far the carrier's clock is ahead; null: to be estimated
 */
export function matchCalls(
  carrier: CarrierCalls,
  brusio: BrusioCalls,
  numbers: number,
  by: Pick<Comparison, 'matchMs' | 'duration'> & { readonly offsetMs: number | null },
): Matching {
  const brusioOf = new Int32Array(carrier.count()).fill(-1);
  const carrierOf = new Int32Array(brusio.count()).fill(-1);
  const sameId = sameCallIds(carrier, brusio);
  for (const [call, other] of sameId) {
    brusioOf[call] = other;
    carrierOf[other] = call;
  }
  const calls = listsByNumber(carrier.columns.number, carrier.count(), numbers);
  const others = listsByNumber(brusio.columns.number, brusio.count(), numbers);
  function* groups(): Generator<NumberGroup> {
    for (let number = 0; number < numbers; number++) yield { carrier: calls.of(number), brusio: others.of(number) };
  }
  const clock = by.offsetMs === null ? clockOffset(groups(), sameId, carrier, brusio) : null;
  const offsetMs = by.offsetMs ?? clock?.offsetMs ?? 0;
  const comparison: Comparison = { ...by, offsetMs, spreadMs: clock?.spreadMs ?? 0 };
  let parted = 0;
  for (const group of groups()) {
    const free = {
      carrier: group.carrier.filter((call) => brusioOf[call] === -1),
      brusio: group.brusio.filter((other) => carrierOf[other] === -1),
    };
    if (free.carrier.length === 0 || free.brusio.length === 0) continue;
    const clusters = clustersOf(free, carrier, brusio, comparison);
    parted += clusters.parted;
    for (const cluster of clusters.clusters) {
      for (const [call, other] of pairsIn(cluster, carrier, brusio, comparison)) {
        brusioOf[call] = other;
        carrierOf[other] = call;
      }
    }
  }
  return { brusioOf, carrierOf, byCallId: sameId.length, clock, comparison, parted };
}

/** A Call-ID that stands once on each side; one that comes again says nothing. */
function sameCallIds(carrier: CarrierCalls, brusio: BrusioCalls): readonly (readonly [number, number])[] {
  const ids = carrier.columns.callId;
  if (ids.subarray(0, carrier.count()).every(Number.isNaN)) return [];
  const callOf = uniquePlaces(ids, carrier.count());
  const otherOf = uniquePlaces(brusio.columns.carrierCallId, brusio.count());
  const pairs: [number, number][] = [];
  for (const [id, call] of callOf) {
    const other = otherOf.get(id);
    if (call !== -1 && other !== undefined && other !== -1) pairs.push([call, other]);
  }
  return pairs;
}

/** −1: it stands there more than once. */
function uniquePlaces(ids: Float64Array, count: number): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (let place = 0; place < count; place++) {
    const id = ids[place] as number;
    if (!Number.isNaN(id)) places.set(id, places.has(id) ? -1 : place);
  }
  return places;
}

/** The calls of each number, as chains of places. */
function listsByNumber(numberOf: Float64Array, count: number, numbers: number) {
  const first = new Int32Array(numbers).fill(-1);
  const next = new Int32Array(count).fill(-1);
  // From the end, so that the chains are in the order of the places.
  for (let place = count - 1; place >= 0; place--) {
    const number = numberOf[place] as number;
    if (number < 0) continue;
    next[place] = first[number] as number;
    first[number] = place;
  }
  return {
    of(number: number): readonly number[] {
      const places: number[] = [];
      for (let place = first[number] as number; place !== -1; place = next[place] as number) places.push(place);
      return places;
    },
  };
}

/** Calls that can only be paired among themselves: no time of one lies within the tolerance of another cluster's. */
function clustersOf(
  group: NumberGroup,
  carrier: CarrierCalls,
  brusio: BrusioCalls,
  by: Comparison,
): { readonly clusters: readonly NumberGroup[]; readonly parted: number } {
  const { invited, ended } = brusio.columns;
  const spans = [
    ...group.carrier.map((call) => ({ ...carrierSpan(carrier, call, by), call, other: -1 })),
    ...group.brusio.map((other) => ({ from: invited[other] as number, to: ended[other] as number, call: -1, other })),
  ].sort((one, another) => one.from - another.from);
  const clusters: (typeof spans)[] = [];
  let reach = Number.NEGATIVE_INFINITY;
  for (const span of spans) {
    const last = clusters.at(-1);
    if (last === undefined || span.from > reach + by.matchMs) clusters.push([span]);
    else last.push(span);
    reach = Math.max(reach, span.to);
  }
  const small = clusters.flatMap(partedAtGaps);
  return {
    clusters: small.map((cluster) => ({
      carrier: cluster.flatMap(({ call }) => (call === -1 ? [] : [call])),
      brusio: cluster.flatMap(({ other }) => (other === -1 ? [] : [other])),
    })),
    parted: small.length - clusters.length,
  };
}

function carrierSpan(carrier: CarrierCalls, call: number, { offsetMs }: Comparison) {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const name of MOMENTS) {
    for (const column of [name, `${name}Later`] as const) {
      const at = (carrier.columns[column][call] as number) - offsetMs;
      if (Number.isNaN(at)) continue;
      from = Math.min(from, at);
      to = Math.max(to, at);
    }
  }
  return { from, to };
}

function partedAtGaps<T extends { readonly from: number }>(cluster: readonly T[]): T[][] {
  if (cluster.length <= CLUSTER_CALLS_MAX) return [[...cluster]];
  // In the middle half, so that the parts get smaller.
  let [at, widest] = [cluster.length >> 1, -1];
  for (let place = cluster.length >> 2; place < cluster.length - (cluster.length >> 2); place++) {
    const gap = (cluster[place] as T).from - (cluster[place - 1] as T).from;
    if (gap > widest) [at, widest] = [place, gap];
  }
  return [...partedAtGaps(cluster.slice(0, at)), ...partedAtGaps(cluster.slice(at))];
}

function pairsIn(
  { carrier: calls, brusio: others }: NumberGroup,
  carrier: CarrierCalls,
  brusio: BrusioCalls,
  by: Comparison,
): readonly (readonly [number, number])[] {
  const [call, other] = [calls[0], others[0]];
  if (call === undefined || other === undefined) return [];
  if (calls.length === 1 && others.length === 1) {
    return Math.abs(primaryLag(carrier, call, brusio, other, by.offsetMs)) <= by.matchMs ? [[call, other]] : [];
  }
  const costs = calls.map((one) => others.map((another) => costOf(carrier, one, brusio, another, by)));
  return cheapestPairs(costs, costAlone(by)).flatMap((column, row) =>
    column === -1 ? [] : [[calls[row] as number, others[column] as number] as const],
  );
}
