/** The leaves that hold some entries of a chain, and their audit paths. Pure. */
import { createPathFinder } from './audit-path.ts';
import { createEntryRun, LEAF_ENTRIES, leafOf, leavesOver } from './chain-tree.ts';
import type { Subtree } from './merkle-tree.ts';

/** A leaf with the hashes that it holds, and the way from it to the top of the tree. */
export type FoundLeaf = {
  readonly leaf: number;
  readonly hashes: readonly string[];
  readonly path: readonly Uint8Array[];
};

/** Finds them while the entries' hashes go by. */
export type LeafFinder = {
  /** The next entry's hash. */
  add(hash: Uint8Array): void;
  /** Once all were added: in the order of the chain. */
  leaves(): readonly FoundLeaf[];
};

/**
 * @param before the peaks of the full leaves before the first entry that is added, none of which holds one of `seqs`
 * @param size the chain's last entry under the tree
 */
export function createLeafFinder(before: readonly Subtree[], seqs: readonly number[], size: number): LeafFinder {
  const wanted = [...new Set(seqs.map(leafOf))].sort((one, other) => one - other);
  const hashes = new Map<number, string[]>(wanted.map((leaf) => [leaf, []]));
  const finder = createPathFinder(before, wanted, leavesOver(size));
  const run = createEntryRun(before, 0, finder.add);
  return {
    add(hash) {
      hashes.get(Math.floor(run.last / LEAF_ENTRIES))?.push(Buffer.from(hash).toString('hex'));
      run.add(hash);
    },
    leaves() {
      const tail = run.tail();
      if (tail !== null) finder.add(tail);
      const paths = finder.paths();
      return wanted.map((leaf, index) => ({ leaf, hashes: hashes.get(leaf) ?? [], path: paths[index] ?? [] }));
    },
  };
}
