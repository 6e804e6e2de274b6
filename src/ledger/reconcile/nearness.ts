/**
 * How well a carrier's call and one of Brusio's fit, by their times, duration and outcome, once the clocks are set. Pure.
 */
import type { BrusioCalls, CarrierCalls } from './call-columns.ts';
import { beyondRounding, type DurationForm } from './rounding.ts';

/** Moments that both sides may have, in the order in which one is taken to match by. */
export const MOMENTS = ['start', 'answer', 'end'] as const;
/** One of them. */
export type MomentName = (typeof MOMENTS)[number];

/** What two calls are compared with. */
export type Comparison = {
  /** How far the carrier's clock is ahead, ms. */
  readonly offsetMs: number;
  /** How far a call's times lie apart as a rule, the clocks being set, ms. */
  readonly spreadMs: number;
  /** Further apart they are not the same call, ms. */
  readonly matchMs: number;
  /** Null: the file has no durations. */
  readonly duration: (DurationForm & { readonly of: 'answered' | 'whole' }) | null;
};

/** Less apart than this nobody's clock tells, ms: files have whole seconds. */
const SPREAD_MIN_MS = 1_000;
/** What a second time or a duration may add to the cost, and what an outcome that differs does. */
const SECONDARY_MAX = 1.5;
const OUTCOME_DIFFERS = 1;

/** The moment that a carrier's call is matched by: the first that it has. */
export function primaryOf(carrier: CarrierCalls, call: number): MomentName {
  return MOMENTS.find((name) => !Number.isNaN(carrier.columns[name][call])) ?? 'start';
}

/**
 * How much later the carrier's moment is than Brusio's, the carrier's clock being set by `offsetMs`; of two the nearer.
 * NaN: one of them has none.
 */
export function lagOf(
  carrier: CarrierCalls,
  call: number,
  brusio: BrusioCalls,
  other: number,
  name: MomentName,
  offsetMs: number,
): number {
  const { columns } = brusio;
  const own = (name === 'start' ? columns.invited : name === 'answer' ? columns.answered : columns.ended)[
    other
  ] as number;
  return nearer(carrier, call, name, own, offsetMs);
}

function nearer(carrier: CarrierCalls, call: number, name: MomentName, own: number, offsetMs: number): number {
  const lag = (carrier.columns[name][call] as number) - offsetMs - own;
  const laterLag = (carrier.columns[`${name}Later`][call] as number) - offsetMs - own;
  return Math.abs(laterLag) < Math.abs(lag) ? laterLag : lag;
}

/** As `lagOf` of the primary moment; where Brusio has none such (an answer that it never saw) any time of the call is right. */
export function primaryLag(
  carrier: CarrierCalls,
  call: number,
  brusio: BrusioCalls,
  other: number,
  offsetMs: number,
): number {
  const name = primaryOf(carrier, call);
  const lag = lagOf(carrier, call, brusio, other, name, offsetMs);
  if (!Number.isNaN(lag)) return lag;
  const { invited, ended } = brusio.columns;
  const fromStart = nearer(carrier, call, name, invited[other] as number, offsetMs);
  const toEnd = nearer(carrier, call, name, ended[other] as number, offsetMs);
  if (fromStart >= 0 && toEnd <= 0) return 0;
  return Math.abs(fromStart) < Math.abs(toEnd) ? fromStart : toEnd;
}

/** How far a duration lies beyond its rounding from Brusio's, ms; null: not to be compared. */
export function durationGap(
  carrier: CarrierCalls,
  call: number,
  brusio: BrusioCalls,
  other: number,
  { duration }: Pick<Comparison, 'duration'>,
): number | null {
  const billed = carrier.columns.duration[call] as number;
  if (duration === null || Number.isNaN(billed)) return null;
  const { invited, answered, ended } = brusio.columns;
  const from = (duration.of === 'answered' ? answered : invited)[other] as number;
  // A call that nobody answered has no minimum.
  if (Number.isNaN(from)) return null;
  return beyondRounding(billed, (ended[other] as number) - from, duration);
}

/**
 * The cost of taking them for the same call; infinite when their times lie too far apart. Logarithmic, as the odds are: an exact fit
 * beside a call that only one side has is likelier than two bad fits.
 */
export function costOf(
  carrier: CarrierCalls,
  call: number,
  brusio: BrusioCalls,
  other: number,
  by: Comparison,
): number {
  const lag = primaryLag(carrier, call, brusio, other, by.offsetMs);
  if (!(Math.abs(lag) <= by.matchMs)) return Number.POSITIVE_INFINITY;
  const unit = Math.max(by.spreadMs, SPREAD_MIN_MS);
  const primary = primaryOf(carrier, call);
  let second = 0;
  for (const name of MOMENTS) {
    if (name === primary) continue;
    const further = lagOf(carrier, call, brusio, other, name, by.offsetMs);
    if (!Number.isNaN(further)) second = Math.max(second, oddsAgainst(further, unit));
  }
  const gap = durationGap(carrier, call, brusio, other, by);
  const isAnswered = carrier.networkOf(call) === 'answered';
  return (
    oddsAgainst(lag, unit) +
    Math.min(second / 2, SECONDARY_MAX) +
    Math.min(gap === null ? 0 : oddsAgainst(gap, unit) / 2, SECONDARY_MAX) +
    (isAnswered === (brusio.networkOf(other) === 'answered') ? 0 : OUTCOME_DIFFERS)
  );
}

/** What it costs to leave one call of each side alone: no less than the worst fit, so that two that have nobody else are paired. */
export function costAlone({ matchMs, spreadMs }: Comparison): number {
  return oddsAgainst(matchMs, Math.max(spreadMs, SPREAD_MIN_MS)) + 2 * SECONDARY_MAX + OUTCOME_DIFFERS;
}

function oddsAgainst(lagMs: number, unitMs: number): number {
  return Math.log1p((lagMs / unitMs) ** 2);
}
