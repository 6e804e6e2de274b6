/** Whether the trees that roots name are those of the chains' entries. Pure. */
import type { AnyRoot } from '../ledger-body.ts';
import { createEntryRun, writtenTree } from '../tree/chain-tree.ts';
import type { LedgerFault } from './range-check.ts';

/** A root in its place. */
export type PlacedRoot = { readonly chain: string; readonly seq: number; readonly at: number; readonly body: AnyRoot };

/** What a root says of the tree over a chain's first `seq` entries. */
type NamedTree = {
  readonly seq: number;
  readonly tree: string;
  readonly peaks: readonly string[];
  readonly by: PlacedRoot;
};

/** Checks them while a chain's hashes go by. */
export type TreeCheck = {
  /** The last entry that is asked for; behind it nothing is named. */
  readonly last: number;
  /** The next entry's hash. */
  add(hash: Uint8Array): void;
};

/** What is to be checked of each chain; every root that is found wrong is told to `onFault`. */
export function treeChecks(
  roots: readonly PlacedRoot[],
  onFault: (fault: LedgerFault) => void,
): ReadonlyMap<string, TreeCheck> {
  const named = new Map<string, NamedTree[]>();
  for (const root of roots) {
    // Those of version 1 name none.
    if (root.body.v !== 2) continue;
    for (const { chain, seq, tree } of root.body.heads) {
      const ofChain = named.get(chain) ?? [];
      named.set(chain, ofChain);
      ofChain.push({ seq, tree, peaks: root.body.peaks[chain] ?? [], by: root });
    }
  }
  return new Map([...named].map(([chain, trees]) => [chain, checkOf(chain, trees, onFault)]));
}

function checkOf(chain: string, trees: readonly NamedTree[], onFault: (fault: LedgerFault) => void): TreeCheck {
  const inOrder = trees.toSorted((one, other) => one.seq - other.seq);
  const run = createEntryRun([], 0);
  let next = 0;
  return {
    last: inOrder.at(-1)?.seq ?? 0,
    add(hash) {
      run.add(hash);
      if (inOrder[next]?.seq !== run.last) return;
      const { tree, peaks } = writtenTree(run.subtrees(), run.tail());
      for (let named = inOrder[next]; named?.seq === run.last; named = inOrder[++next]) {
        if (named.tree === tree && named.peaks.join() === peaks.join()) continue;
        const { chain: of, seq, at } = named.by;
        const problem = `names a tree over chain ${chain} that is not that of its first ${run.last} entries`;
        onFault({ chain: of, seq, kind: 'root', at, problem });
      }
    },
  };
}
