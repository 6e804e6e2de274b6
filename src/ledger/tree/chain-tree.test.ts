import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashAtEndOf } from './audit-path.ts';
import { createEntryRun, hashOfLeaf, leavesOver, subtreesOf, writtenTree } from './chain-tree.ts';
import { createLeafFinder } from './leaf-finder.ts';

const sha256 = (...parts: readonly (string | Uint8Array)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const HASHES = Array.from({ length: 70 }, (_, n) => sha256(`entry ${n + 1}`));
const SIZES = [1, 15, 16, 17, 31, 32, 33, 64, 65, 70];

/** RFC 6962 §2.1 over leaves of sixteen hashes. */
function treeOver(size: number): Buffer {
  const leaves: Buffer[] = [];
  for (let first = 0; first < size; first += 16)
    leaves.push(sha256(Uint8Array.of(0), ...HASHES.slice(first, Math.min(size, first + 16))));
  const over = (part: readonly Buffer[]): Buffer => {
    const [only] = part;
    if (only !== undefined && part.length === 1) return only;
    let k = 1;
    while (k * 2 < part.length) k *= 2;
    return sha256(Uint8Array.of(1), over(part.slice(0, k)), over(part.slice(k)));
  };
  return over(leaves);
}

describe('the tree over a chain', () => {
  it.each(SIZES)('of %i entries is that of leaves of sixteen, and goes on from what is written of it', (size) => {
    const run = createEntryRun([], 0);
    for (const hash of HASHES.slice(0, size)) run.add(hash);
    expect(run.last).toBe(size);
    const written = writtenTree(run.subtrees(), run.tail());
    expect(written.tree).toBe(treeOver(size).toString('hex'));

    const on = createEntryRun(subtreesOf({ seq: size, ...written }) ?? [], 0);
    expect(on.last).toBe(size - (size % 16));
    for (const hash of HASHES.slice(on.last)) on.addHex(hash.toString('hex'));
    expect(writtenTree(on.subtrees(), on.tail()).tree).toBe(treeOver(HASHES.length).toString('hex'));
  });

  it.each(SIZES)('of %i entries has a way from the leaf of each of them', (size) => {
    for (const seq of [1, 2, 16, 17, size].filter((one) => one <= size)) {
      const finder = createLeafFinder([], [seq, size], size);
      for (const hash of HASHES.slice(0, size)) finder.add(hash);
      const leaves = finder.leaves();
      expect(leaves.length).toBe(new Set([Math.ceil(seq / 16), Math.ceil(size / 16)]).size);
      for (const { leaf, hashes, path } of leaves) {
        expect(hashes).toEqual(
          HASHES.slice(leaf * 16, Math.min(size, leaf * 16 + 16)).map((one) => one.toString('hex')),
        );
        const top = hashAtEndOf(path, hashOfLeaf(hashes), leaf, leavesOver(size));
        expect(Buffer.from(top ?? [])).toEqual(treeOver(size));
      }
    }
  });
});
