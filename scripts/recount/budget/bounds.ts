/**
 * What a ruling may have seen, where the order of entries does not tell: an entry that was written shortly before may not have been on
 * the disk yet, and one of another process may have been there already. Each call may then have stood in one of several ways;
 * least and most of their sums are bounds, and a figure outside of them no order explains.
 */
import { type Figures, type LimitedPeriod, roomIn } from './ruling.ts';
import { type CallSeen, shareOf } from './share.ts';
import { type CallChange, figuresOfShare, ON_ITS_WAY_MS, type Standing } from './standing.ts';

/** When a ruling was made, as far as the ledger tells. */
export type RulingPlace = {
  readonly chain: string;
  readonly invitedAt: number;
  readonly decidedAt: number;
  /** How many changes of its campaign stand before its entry. */
  readonly changesBefore: number;
  readonly doubtful: ReturnType<Standing['doubtfulAt']>;
};

/** Least and most. */
export type Bounds = {
  readonly silent: readonly [number, number];
  readonly handled: readonly [number, number];
  readonly atRisk: readonly [number, number];
  readonly open: readonly [number, number];
  readonly room: readonly [number, number];
};

/** Bounds of a period's figures around those that the order of entries gives. */
export function boundsAround(
  figures: Figures,
  period: LimitedPeriod,
  place: RulingPlace,
  changes: readonly CallChange[],
  ringingAs: 'unknown' | 'handled',
): Bounds {
  const measure = (one: Figures) => ({
    ...{ silent: one.silent, handled: one.handled, atRisk: one.unknown + one.open, open: one.open },
    room: roomIn(one, period),
  });
  const base = measure(figures);
  const nothing = measure({ silent: 0, handled: 0, unknown: 0, open: 0, found: 0, heard: 0 });
  const bounds = Object.fromEntries(
    Object.entries(base).map(([key, value]) => [key, [value, value] as [number, number]]),
  ) as Record<keyof typeof base, [number, number]>;
  for (const { present, possible } of doubtsOf(place, changes)) {
    const options = possible.flatMap((call) =>
      [place.invitedAt, place.invitedAt - ON_ITS_WAY_MS].map((now) =>
        call === null ? nothing : measure(figuresOfShare(shareOf(call, now), period, ringingAs)),
      ),
    );
    const own =
      present === null ? nothing : measure(figuresOfShare(shareOf(present, place.invitedAt), period, ringingAs));
    for (const key of Object.keys(base) as (keyof typeof base)[]) {
      const values = options.map((option) => option[key]);
      bounds[key][0] += Math.min(own[key], ...values) - own[key];
      bounds[key][1] += Math.max(own[key], ...values) - own[key];
    }
  }
  return bounds;
}

type Doubt = { readonly present: CallSeen | null; readonly possible: readonly (CallSeen | null)[] };

function doubtsOf(place: RulingPlace, changes: readonly CallChange[]): readonly Doubt[] {
  const { chain, invitedAt, decidedAt, changesBefore, doubtful } = place;
  const doubts = new Map<string, { present: CallSeen | null; possible: (CallSeen | null)[] }>();
  for (const [callId, call] of doubtful)
    doubts.set(callId, {
      present: call,
      possible: [call, ...(call.over === null ? [{ ...call, agent: 'none' as const }] : [])],
    });
  const doubt = ({ callId, before, after }: CallChange, isBefore: boolean) => {
    const known = doubts.get(callId) ?? { present: isBefore ? after : before, possible: [] };
    known.possible.push(before, after);
    doubts.set(callId, known);
  };
  for (let index = changesBefore - 1; index >= 0; index--) {
    const change = changes[index] as CallChange;
    if (change.at < invitedAt - ON_ITS_WAY_MS) break;
    doubt(change, true);
  }
  for (let index = changesBefore; index < changes.length; index++) {
    const change = changes[index] as CallChange;
    if (change.at > decidedAt + ON_ITS_WAY_MS) break;
    // What its own process wrote later was not there.
    if (change.chain !== chain) doubt(change, false);
  }
  return [...doubts.values()];
}
