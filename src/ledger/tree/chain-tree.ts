/**
 * The tree over a chain up to one of its entries. What its leaf k holds are the hashes of entries 16 k + 1 to 16 k + 16, 32 octets
 * each, of the last leaf as many as there are: a leaf for each entry would cost sixteen times as much to verify, and a proof needs
 * no more than 15 hashes beside its own. Pure.
 */
import type { LedgerPosition } from '../ledger-entry.ts';
import { createLeafRun, type LeafRun, leafHash, peaksOf, type Subtree, treeHash } from './merkle-tree.ts';

/** Entries whose hashes make a leaf. */
export const LEAF_ENTRIES = 16;

/** A chain's last entry with the tree over it; hashes are hexadecimal. */
export type ChainTree = LedgerPosition & {
  readonly tree: string;
  /** Of its full leaves: the whole subtrees, the largest first. With them and what follows, another can go on. */
  readonly peaks: readonly string[];
};

/** The leaf that holds an entry, counted from 0. */
export function leafOf(seq: number): number {
  return Math.floor((seq - 1) / LEAF_ENTRIES);
}

/** How many there are over a chain of `entries`. */
export function leavesOver(entries: number): number {
  return Math.ceil(entries / LEAF_ENTRIES);
}

/** Entries that follow one another, as the leaves that they make. */
export type EntryRun = {
  /** `seq` of the last entry. */
  readonly last: number;
  /** The next entry's hash, 32 octets. */
  add(hash: Uint8Array): void;
  /** The same, hexadecimal. */
  addHex(hash: string): void;
  /** Of the full leaves. */
  subtrees(): readonly Subtree[];
  /** The leaf that is not full yet; null: there is none. */
  tail(): Uint8Array | null;
};

/** Entries from the first of a leaf on; `onLeaf` hears of each full one. */
export function createEntryRun(
  before: readonly Subtree[],
  firstLeaf: number,
  onLeaf?: (hash: Uint8Array) => void,
): EntryRun {
  const run: LeafRun = createLeafRun(before[0]?.start ?? firstLeaf);
  for (const subtree of before) run.append(subtree);
  // Its first octet says that it is a leaf.
  const leaf = Buffer.alloc(1 + LEAF_ENTRIES * HASH_OCTETS);
  let held = 0;

  function taken(): void {
    held++;
    if (held < LEAF_ENTRIES) return;
    const hash = leafHash(leaf);
    run.add(hash);
    onLeaf?.(hash);
    held = 0;
  }

  return {
    get last() {
      return run.end * LEAF_ENTRIES + held;
    },
    add(hash) {
      leaf.set(hash, 1 + held * HASH_OCTETS);
      taken();
    },
    addHex(hash) {
      leaf.write(hash, 1 + held * HASH_OCTETS, 'hex');
      taken();
    },
    subtrees: () => run.subtrees(),
    tail: () => (held === 0 ? null : leafHash(leaf.subarray(0, 1 + held * HASH_OCTETS))),
  };
}

/** Of SHA-256. */
const HASH_OCTETS = 32;

/** The hash of a leaf that holds these. */
export function hashOfLeaf(hashes: readonly string[]): Uint8Array {
  return leafHash(Buffer.from(`00${hashes.join('')}`, 'hex'));
}

/** From the peaks that were written of a chain's first `seq` entries; null: they are not its. */
export function subtreesOf({ seq, peaks }: Pick<ChainTree, 'seq' | 'peaks'>): readonly Subtree[] | null {
  return peaksOf(
    Math.floor(seq / LEAF_ENTRIES),
    peaks.map((peak) => Buffer.from(peak, 'hex')),
  );
}

/** A tree as it is written; of subtrees from the first leaf on. */
export function writtenTree(subtrees: readonly Subtree[], tail: Uint8Array | null): Pick<ChainTree, 'tree' | 'peaks'> {
  const all = tail === null ? subtrees : [...subtrees, { hash: tail }];
  return { tree: hex(treeHash(all)), peaks: subtrees.map(({ hash }) => hex(hash)) };
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
