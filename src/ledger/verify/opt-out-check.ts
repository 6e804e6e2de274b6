/** The table of opt-outs against the entries that it is made of. Pure. */
import type { LedgerBody } from '../ledger-body.ts';
import { type OptOutPlace, type OptOutRow, optOutRow } from '../opt-out.ts';

/** An entry about an opt-out, and where it stands. */
export type PlacedOptOut = OptOutPlace & { readonly body: LedgerBody<'opt-out'> };

/** The first fault, in words; null: the rows are those of the entries that add one and that no other takes back. */
export function optOutProblem(entries: readonly PlacedOptOut[], stored: readonly OptOutRow[]): string | null {
  const expected = new Map<string, OptOutRow>();
  for (const { body, ...place } of entries) {
    const row = optOutRow(body, place);
    if (row !== null) expected.set(keyOf(place), row);
  }
  for (const { body } of entries) for (const place of body.removes) expected.delete(keyOf(place));
  for (const row of stored) {
    const key = keyOf(row);
    const said = expected.get(key);
    if (said === undefined) return `the row of entry ${row.seq} of chain ${row.chain} is none that the ledger says`;
    for (const column of ['scope', 'digest', 'at', 'source', 'callId', 'reference'] as const)
      if (row[column] !== said[column])
        return `the row of entry ${row.seq} of chain ${row.chain} differs from it in ${column}`;
    expected.delete(key);
  }
  for (const { chain, seq } of expected.values()) return `the row of entry ${seq} of chain ${chain} is missing`;
  return null;
}

function keyOf({ chain, seq }: OptOutPlace): string {
  return `${seq} ${chain}`;
}
