/** The time that a reconciliation is of, as a person gives it or as the file has it. Pure. */
import type { WallMs } from '../../base/clock.ts';
import { addDays, localTimeOf, wallOf } from '../../base/local-time.ts';
import { timeReader } from '../../ledger/reconcile/time-format.ts';

/** From, and before to. */
export type Period = { readonly from: number; readonly to: number; readonly isGiven: boolean };

/**
 * `2026-11-20` (of `--to`: to its end), `2026-11-20T10:30` by the law's clocks, or with an offset. Of an hour that the clocks show
 * twice the whole is meant: the first for `from`, the second for `to`. Null: no such time.
 */
export function readMoment(text: string, edge: 'from' | 'to', timeZone: string): number | null {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    const midnight = timeReader('iso', 'UTC')(`${text}T00:00`);
    if (typeof midnight === 'string') return null;
    return wallOf(timeZone, edge === 'from' ? text : addDays(text, 1), 0);
  }
  const read = timeReader('iso', timeZone)(text);
  if (typeof read === 'string') return null;
  return edge === 'to' && read.later !== null ? read.later : read.at;
}

/** The whole local days of the file's calls, where nobody says otherwise. */
export function periodOf(
  given: { readonly from: number | null; readonly to: number | null },
  span: { readonly from: number; readonly to: number },
  timeZone: string,
): Period {
  const day = (at: number) => localTimeOf(timeZone, at as WallMs).day;
  return {
    from: given.from ?? wallOf(timeZone, day(span.from), 0),
    to: given.to ?? wallOf(timeZone, addDays(day(span.to), 1), 0),
    isGiven: given.from !== null && given.to !== null,
  };
}
