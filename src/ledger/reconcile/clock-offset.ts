/**
 * How far the carrier's clock is ahead of Brusio's, from calls of which it is plain that they are the same: those with the same
 * Call-ID, or else the only ones to their number. The middle of the densest heap of their lags; what lies far off is another call. Pure.
 */
import type { BrusioCalls, CarrierCalls } from './call-columns.ts';
import { lagOf, type MomentName, primaryOf } from './nearness.ts';

/** Estimated. */
export type ClockOffset = {
  readonly offsetMs: number;
  /** Half of the lags are no further from it, ms. */
  readonly spreadMs: number;
  /** Calls that it is from, and how many of them lie in the heap. */
  readonly samples: number;
  readonly within: number;
  readonly by: 'call-id' | 'number';
};

/** Clocks further apart than this (a wrong zone is up to 14 h) are no clocks, ms. */
const LAG_MAX_MS = 15 * 3_600_000;
/** Lags of one heap lie within so many ms. */
const HEAP_MS = 10_000;
/** Fewer calls, or a smaller share of them, say nothing. */
const SAMPLES_MIN = 3;
const SHARE_MIN = 0.3;
/** More say no more. */
const SAMPLES_MAX = 200_000;
/** A number with more pairs of calls says too little. */
const PAIRS_OF_NUMBER_MAX = 16;

/** Calls of one number: places on both sides. */
export type NumberGroup = { readonly carrier: readonly number[]; readonly brusio: readonly number[] };

/** Null: too few calls say so, or they disagree. */
export function clockOffset(
  groups: Iterable<NumberGroup>,
  sameCallId: readonly (readonly [number, number])[],
  carrier: CarrierCalls,
  brusio: BrusioCalls,
): ClockOffset | null {
  const lagBetween = (call: number, other: number) => {
    const name: MomentName = primaryOf(carrier, call);
    // A time that the clocks show twice says nothing of them.
    if (!Number.isNaN(carrier.columns[`${name}Later`][call])) return Number.NaN;
    return lagOf(carrier, call, brusio, other, name, 0);
  };
  const known = sameCallId.slice(0, SAMPLES_MAX).map(([call, other]) => lagBetween(call, other));
  const fromIds = heapOf(known, 'call-id');
  if (fromIds !== null) return fromIds;
  const only: number[] = [];
  const several: number[] = [];
  for (const { carrier: calls, brusio: others } of groups) {
    if (only.length >= SAMPLES_MAX || calls.length * others.length > PAIRS_OF_NUMBER_MAX) continue;
    const into = calls.length === 1 && others.length === 1 ? only : several;
    if (into.length < SAMPLES_MAX)
      for (const call of calls) for (const other of others) into.push(lagBetween(call, other));
  }
  return heapOf(only, 'number') ?? heapOf([...only, ...several], 'number');
}

function heapOf(lags: readonly number[], by: ClockOffset['by']): ClockOffset | null {
  const sorted = Float64Array.from(lags.filter((lag) => Math.abs(lag) <= LAG_MAX_MS)).sort();
  if (sorted.length < SAMPLES_MIN) return null;
  let [from, most] = [0, 0];
  for (let start = 0, end = 0; start < sorted.length; start++) {
    while (end < sorted.length && (sorted[end] as number) - (sorted[start] as number) <= HEAP_MS) end += 1;
    if (end - start > most) [from, most] = [start, end - start];
  }
  if (most < SAMPLES_MIN || most < sorted.length * SHARE_MIN) return null;
  const heap = sorted.subarray(from, from + most);
  const offsetMs = Math.round(middleOf(heap));
  const spreadMs = Math.round(middleOf(heap.map((lag) => Math.abs(lag - offsetMs)).sort()));
  return { offsetMs, spreadMs, samples: sorted.length, within: most, by };
}

function middleOf(sorted: Float64Array): number {
  return sorted[Math.floor(sorted.length / 2)] as number;
}
