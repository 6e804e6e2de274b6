/** Checks the trees that roots name against the hashes of their chains' entries. */
import type { AnyRoot } from '../../ledger/ledger-body.ts';
import type { LedgerFault } from '../../ledger/verify/range-check.ts';
import { type PlacedRoot, treeChecks } from '../../ledger/verify/tree-check.ts';
import type { Connection } from '../connection.ts';
import { integer, query } from '../query.ts';

/** Octets of a hash. */
const HASH_OCTETS = 32;
/** Roots that are read at once. */
const PART_ROOTS = 500;

const selectRootsFrom = query({ from: integer, skip: integer, most: integer }, (db, { from, skip, most }) =>
  db
    .selectFrom('ledger')
    .select(['chain', 'seq', 'at_ms', 'body'])
    .where('call_id', 'is', null)
    .where('kind', '=', 'root')
    .where('at_ms', '>=', from)
    .orderBy('at_ms')
    .orderBy('chain')
    .orderBy('seq')
    .offset(skip)
    .limit(most),
);

/** What is checked of the trees while parts of chains go by. */
export type TreesCheck = {
  /** Whether a root names a tree over the entry `from` of a chain. */
  wants(chain: string, from: number): boolean;
  /** The hashes of the chain's next entries, 32 octets each. */
  take(chain: string, hashes: Uint8Array): void;
  /** The roots whose trees are not those of their entries; true only of chains that lack no entry. */
  faults(): readonly LedgerFault[];
};

/** Reads all roots. */
export async function startTreesCheck(connection: Connection): Promise<TreesCheck> {
  const faults: LedgerFault[] = [];
  const checks = treeChecks(await readRoots(connection), (fault) => faults.push(fault));
  return {
    wants: (chain, from) => from <= (checks.get(chain)?.last ?? 0),
    take(chain, hashes) {
      const check = checks.get(chain);
      if (check === undefined) return;
      for (let at = 0; at < hashes.length; at += HASH_OCTETS) check.add(hashes.subarray(at, at + HASH_OCTETS));
    },
    faults: () => faults,
  };
}

async function readRoots(connection: Connection): Promise<readonly PlacedRoot[]> {
  const roots: PlacedRoot[] = [];
  for (let skip = 0; ; skip += PART_ROOTS) {
    const rows = await connection.all(selectRootsFrom, { from: 0, skip, most: PART_ROOTS });
    for (const { chain, seq, at_ms: at, body } of rows) {
      const read = readRoot(body);
      if (read !== null) roots.push({ chain, seq, at, body: read });
    }
    if (rows.length < PART_ROOTS) return roots;
  }
}

function readRoot(body: string): AnyRoot | null {
  try {
    const read = JSON.parse(body) as AnyRoot;
    return read.v === 1 || read.v === 2 ? read : null;
  } catch {
    return null;
  }
}
