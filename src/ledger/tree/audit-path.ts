/**
 * Audit paths (RFC 6962 §2.1.1): the hashes beside the way from one leaf to the top of the tree, the lowest first. With them
 * anybody who has the tree's hash can see that the leaf is in it, at its place. Pure.
 */
import { assert } from '../../base/assert.ts';
import { createLeafRun, nodeHash, type Subtree, treeHash } from './merkle-tree.ts';

/** Leaves beside the way, on its left or its right: `2 ** level` from `start` on, or less where the tree ends before. */
type Beside = { readonly start: number; readonly level: number; readonly whole: boolean };

function besideTheWay(index: number, size: number): readonly Beside[] {
  const beside: Beside[] = [];
  let [node, last, width] = [index, size - 1, 1];
  for (let level = 0; last > 0; level++) {
    if (node % 2 === 1) beside.push({ start: (node - 1) * width, level, whole: true });
    else if (node < last) beside.push({ start: (node + 1) * width, level, whole: (node + 2) * width <= size });
    [node, last, width] = [Math.floor(node / 2), Math.floor(last / 2), width * 2];
  }
  return beside;
}

/** The tree's hash as the path from a leaf's hash leads to it; null: a tree of `size` leaves has no such path. */
export function hashAtEndOf(
  path: readonly Uint8Array[],
  leaf: Uint8Array,
  index: number,
  size: number,
): Uint8Array | null {
  if (index < 0 || index >= size) return null;
  const beside = besideTheWay(index, size);
  if (path.length !== beside.length) return null;
  return beside.reduce((way, { start }, step) => {
    const other = path[step] ?? way;
    return start < index ? nodeHash(other, way) : nodeHash(way, other);
  }, leaf);
}

/** Finds the paths of some leaves, while all from one of them or before to the last of the tree go by. */
export type PathFinder = {
  /** The next leaf by its hash. */
  add(leaf: Uint8Array): void;
  /** Once all were added: in the order of `indices`. */
  paths(): readonly (readonly Uint8Array[])[];
};

/** `before`: the peaks of the tree over what comes before the first leaf that is added, none of which is in `indices`. */
export function createPathFinder(before: readonly Subtree[], indices: readonly number[], size: number): PathFinder {
  const ways = indices.map((index) => besideTheWay(index, size));
  const found = new Map<number, Uint8Array | null>(ways.flat().map((beside) => [keyOf(beside), null]));
  const run = createLeafRun(0, (subtree) => {
    const key = keyOf(subtree);
    if (found.has(key)) found.set(key, subtree.hash);
  });
  for (const subtree of before) run.append(subtree);

  function hashOf(beside: Beside): Uint8Array {
    const { start, whole } = beside;
    if (!whole) return treeHash(run.subtrees().filter((subtree) => subtree.start >= start));
    const hash = found.get(keyOf(beside));
    assert(hash, 'every leaf of the tree was added');
    return hash;
  }

  return {
    add: (leaf) => run.add(leaf),
    paths: () => ways.map((way) => way.map(hashOf)),
  };
}

/** One number for a subtree: levels are below 64. */
function keyOf({ start, level }: Pick<Beside, 'start' | 'level'>): number {
  return start * 64 + level;
}
