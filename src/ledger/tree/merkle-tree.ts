/**
 * Merkle trees (RFC 6962 §2.1) that grow at their end. Of any number of leaves that follow one another no more is kept than the
 * fewest whole subtrees that they make up: some 2 · log2 of them. Pure.
 */
import { hash } from 'node:crypto';

/** The `2 ** level` leaves from `start` on, which is a multiple of that, under one hash. */
export type Subtree = { readonly start: number; readonly level: number; readonly hash: Uint8Array };

/** Leaves that follow one another, as the fewest whole subtrees. */
export type LeafRun = {
  /** How far it reaches: the place of the next leaf. */
  readonly end: number;
  /** The next leaf by its {@link leafHash}. */
  add(hash: Uint8Array): void;
  /** The leaves of a subtree that begins where this ends. */
  append(subtree: Subtree): void;
  /** In the order of their leaves; of a run from 0 on the peaks of its tree, the largest first. */
  subtrees(): readonly Subtree[];
};

/** Of a tree of as many leaves as a safe integer counts. */
const LEVEL_MAX = 52;

/** An empty run; `onNode` hears of every subtree as it comes to be, leaves included. */
export function createLeafRun(start: number, onNode: (subtree: Subtree) => void = () => {}): LeafRun {
  const whole: Subtree[] = [];
  let end = start;

  function append(subtree: Subtree): void {
    end += 2 ** subtree.level;
    let last = subtree;
    onNode(last);
    for (let before = whole.at(-1); before !== undefined && areHalves(before, last); before = whole.at(-1)) {
      whole.pop();
      last = { start: before.start, level: before.level + 1, hash: nodeHash(before.hash, last.hash) };
      onNode(last);
    }
    whole.push(last);
  }

  return {
    get end() {
      return end;
    },
    add: (leaf) => append({ start: end, level: 0, hash: leaf }),
    append,
    subtrees: () => whole,
  };
}

/** Of one subtree: the first is on the left of it. */
function areHalves(first: Subtree, second: Subtree): boolean {
  return first.level === second.level && first.start % 2 ** (first.level + 1) === 0;
}

/** MTH, the hash over all leaves of neighbouring subtrees, where each but the last is larger than what is on its right. */
export function treeHash(subtrees: readonly Pick<Subtree, 'hash'>[]): Uint8Array {
  const last = subtrees.at(-1);
  if (last === undefined) return hash('sha256', '', 'buffer');
  return subtrees.slice(0, -1).reduceRight<Uint8Array>((right, { hash: left }) => nodeHash(left, right), last.hash);
}

/** The peaks of a tree of `size` leaves by their hashes, the largest first; null: it has another number of them. */
export function peaksOf(size: number, hashes: readonly Uint8Array[]): readonly Subtree[] | null {
  const peaks: Subtree[] = [];
  let start = 0;
  for (let level = LEVEL_MAX; level >= 0; level--) {
    if (start + 2 ** level > size) continue;
    const peak = hashes[peaks.length];
    if (peak === undefined) return null;
    peaks.push({ start, level, hash: peak });
    start += 2 ** level;
  }
  return peaks.length === hashes.length ? peaks : null;
}

/** SHA-256 of what a leaf holds, which begins with an octet 0x00 for it. */
export function leafHash(marked: Uint8Array): Uint8Array {
  return hash('sha256', marked, 'buffer');
}

const nodeOctets = Buffer.alloc(65, 0x01);

/** SHA-256 of 0x01 and both halves: no node can be taken for a leaf. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeOctets.set(left, 1);
  nodeOctets.set(right, 33);
  return hash('sha256', nodeOctets, 'buffer');
}
