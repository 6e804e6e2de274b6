/**
 * Which call of a carrier's file is which of Brusio's: by Call-ID where both have it, else by number and time, one to one. Within a
 * number the pairs are those that cost the least together (`nearness.ts`), so that several calls within minutes do not take each
 * other's places. Pure.
 */
import { cheapestPairs } from './assignment.ts';
import type { BrusioCalls, CarrierCalls } from './call-columns.ts';
import { type ClockOffset, clockOffset, type NumberGroup } from './clock-offset.ts';
import { clustersOf } from './clusters.ts';
import { type Comparison, costAlone, costOf, primaryLag } from './nearness.ts';

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
