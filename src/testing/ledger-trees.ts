/** The trees over all chains of a database, for roots that tests write; imported by tests alone. */
import type { ChainTree } from '../ledger/tree/chain-tree.ts';
import type { Connection } from '../store/connection.ts';
import { createTreeGrower } from '../store/tree/tree-grower.ts';

/** Read from the last root on. */
export async function allTrees(connection: Connection): Promise<readonly ChainTree[]> {
  const grower = createTreeGrower();
  for (;;) {
    const trees = await grower.grow(connection);
    if (trees !== null) return trees;
  }
}
