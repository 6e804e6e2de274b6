/** Reads the trees over chains that roots have named. */
import type { AnyRoot } from '../../ledger/ledger-body.ts';
import type { ChainTree } from '../../ledger/tree/chain-tree.ts';
import type { Connection } from '../connection.ts';
import { integer, query } from '../query.ts';

/** Roots that are looked at: each process writes one a day, and one when it ends. */
const ROOTS_READ_MAX = 50;

const selectRootsBefore = query({ at: integer, most: integer }, (db, { at, most }) =>
  db
    .selectFrom('ledger')
    .select('body')
    .where('call_id', 'is', null)
    .where('kind', '=', 'root')
    .where('at_ms', '<=', at)
    .orderBy('at_ms', 'desc')
    .limit(most),
);

/** All that the last roots up to that time have named; a chain may come several times. */
export async function lastTreesBefore(connection: Connection, at: number): Promise<readonly ChainTree[]> {
  const rows = await connection.all(selectRootsBefore, { at, most: ROOTS_READ_MAX });
  return rows.flatMap(({ body }) => {
    const root = JSON.parse(body) as AnyRoot;
    if (root.v !== 2) return [];
    return root.heads.map((head) => ({ ...head, peaks: root.peaks[head.chain] ?? [] }));
  });
}
