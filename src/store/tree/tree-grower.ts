/**
 * The trees over all chains, as the entries come. What is kept is what a root has of them; after a crash they are grown again from
 * the last root's, and of a ledger whose roots have none from the first entry.
 */
import { AppError } from '../../base/errors.ts';
import type { LedgerPosition } from '../../ledger/ledger-entry.ts';
import {
  type ChainTree,
  createEntryRun,
  type EntryRun,
  subtreesOf,
  writtenTree,
} from '../../ledger/tree/chain-tree.ts';
import type { Connection } from '../connection.ts';
import { selectHashesAfter, selectHeads } from '../ledger-queries.ts';
import { lastTreesBefore } from './tree-reads.ts';

/** Entries that are read in one step: some milliseconds, in which nothing is written. */
const STEP_ENTRIES = 2_000;

/** See {@link createTreeGrower}. */
export type TreeGrower = {
  /**
   * One step. The trees up to the last entry of every chain; null: there is more to read. Rejects with AppError
   * `ledger.not-whole` where an entry is missing.
   */
  grow(connection: Connection): Promise<readonly ChainTree[] | null>;
};

/** `hash`: of the last entry; null: not known. `named`: an entry to come that a root has named. */
type Growing = { readonly run: EntryRun; readonly hash: string | null; readonly named: LedgerPosition | null };

/** Has read nothing yet. */
export function createTreeGrower(): TreeGrower {
  const trees = new Map<string, Growing>();
  /** Of each chain what roots have named, the longest last: to go on from. */
  let named: Map<string, ChainTree[]> | null = null;

  async function readNamed(connection: Connection): Promise<Map<string, ChainTree[]>> {
    const all = await lastTreesBefore(connection, Number.MAX_SAFE_INTEGER);
    return Map.groupBy(
      all.toSorted((one, other) => one.seq - other.seq),
      ({ chain }) => chain,
    );
  }

  /** From the longest that was named up to `seq` and is not given up yet. */
  function begin({ chain, seq }: { readonly chain: string; readonly seq: number }): Growing {
    const candidates = named?.get(chain) ?? [];
    let longest = candidates.pop();
    while (longest !== undefined && longest.seq > seq) longest = candidates.pop();
    const peaks = longest === undefined ? null : subtreesOf(longest);
    const run = createEntryRun(peaks ?? [], 0);
    const from = peaks === null ? null : (longest ?? null);
    const tree = { run, hash: run.last === from?.seq ? from.hash : null, named: from };
    trees.set(chain, tree);
    return tree;
  }

  /** The tree with up to `limit` entries more; null: an entry is another now, as after a restored backup. */
  async function readOn(connection: Connection, chain: string, tree: Growing, limit: number): Promise<Growing | null> {
    const { run } = tree;
    let { hash: before } = tree;
    const first = run.last;
    const seq = before === null ? first : first - 1;
    for (const row of await connection.all(selectHashesAfter, { chain, seq, limit: limit + first - seq })) {
      const hash = hexOf(row.hash);
      if (row.seq === first) {
        if (hash !== before) return null;
        continue;
      }
      if (row.seq !== run.last + 1)
        throw new AppError('ledger.not-whole', `entry ${run.last + 1} of chain ${chain} is missing`);
      if (row.seq === tree.named?.seq && hash !== tree.named.hash) return null;
      run.add(row.hash);
      before = hash;
    }
    return run.last === first ? null : { run, hash: before, named: tree.named };
  }

  return {
    async grow(connection) {
      named ??= await readNamed(connection);
      let left = STEP_ENTRIES;
      const grown: ChainTree[] = [];
      for (const head of await connection.all(selectHeads, {})) {
        const { chain, seq } = head;
        const tree = trees.get(chain) ?? begin(head);
        const wanted = Math.max(0, Math.min(left, seq - tree.run.last));
        const longer = wanted === 0 ? tree : await readOn(connection, chain, tree, wanted);
        left -= wanted;
        if (longer !== null && longer.run.last < seq) {
          trees.set(chain, longer);
          return null;
        }
        const hash = hexOf(head.hash);
        if (longer?.run.last !== seq || (longer.hash ?? hash) !== hash) {
          begin(head);
          return null;
        }
        trees.set(chain, longer);
        grown.push({ chain, seq, hash, ...writtenTree(longer.run.subtrees(), longer.run.tail()) });
      }
      return grown;
    },
  };
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
