/** Whether a correction's row says what its entry does. */
import type { LedgerBody } from '../ledger-body.ts';
import { correctionRow } from '../outcome-row.ts';

/** A row of `outcome_corrections` as it is read. */
export type StoredCorrection = readonly [
  seq: number,
  callId: string,
  sequence: number,
  atMs: number,
  correction: string,
  classGiven: string | null,
];

/** In words, whether the row differs from the entry with that body; null: it does not. */
export function correctionProblem(
  [seq, callId, sequence, at, correction, itsClass]: StoredCorrection,
  body: string,
): string | null {
  const expected = correctionRow(JSON.parse(body) as LedgerBody<'correction'>, { chain: '', seq, hash: '' });
  const same =
    callId === expected.callId &&
    sequence === expected.sequence &&
    at === expected.at &&
    itsClass === expected.class &&
    correction === expected.correction;
  return same ? null : 'differs from its row in outcome_corrections';
}
