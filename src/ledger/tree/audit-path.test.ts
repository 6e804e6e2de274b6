import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPathFinder, hashAtEndOf } from './audit-path.ts';
import { createLeafRun, type LeafRun, leafHash, peaksOf, treeHash } from './merkle-tree.ts';

const sha256 = (...parts: readonly (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const LEAVES = Array.from({ length: 150 }, (_, n) => sha256(`entry ${n + 1}`));
const ZERO = Uint8Array.of(0);
const ONE = Uint8Array.of(1);

/** RFC 6962 §2.1, word for word. */
function mth(leaves: readonly Uint8Array[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return sha256('');
  if (leaves.length === 1) return sha256(ZERO, only);
  const k = largestPowerBelow(leaves.length);
  return sha256(ONE, mth(leaves.slice(0, k)), mth(leaves.slice(k)));
}

/** RFC 6962 §2.1.1, word for word. */
function path(m: number, leaves: readonly Uint8Array[]): Buffer[] {
  if (leaves.length === 1) return [];
  const k = largestPowerBelow(leaves.length);
  return m < k
    ? [...path(m, leaves.slice(0, k)), mth(leaves.slice(k))]
    : [...path(m - k, leaves.slice(k)), mth(leaves.slice(0, k))];
}

function largestPowerBelow(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

const hashOf = (leaf: Uint8Array = ZERO) => leafHash(Buffer.concat([ZERO, leaf]));

function runOf(from: number, to: number): LeafRun {
  const run = createLeafRun(from);
  for (const leaf of LEAVES.slice(from, to)) run.add(hashOf(leaf));
  return run;
}

const SIZES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 127, 128, 129, 150];

describe('RFC 6962 §2.1: a tree', () => {
  it.each(SIZES)('of %i leaves has the hash of the definition, and as many peaks as the number has ones', (size) => {
    const peaks = runOf(0, size).subtrees();
    expect(Buffer.from(treeHash(peaks))).toEqual(mth(LEAVES.slice(0, size)));
    expect(peaks.length).toBe(size.toString(2).replaceAll('0', '').length);
  });

  it('is the same when it is grown from parts, wherever they are cut', () => {
    fc.assert(
      fc.property(fc.nat(150), fc.nat(150), fc.nat(150), (...cuts) => {
        const [first = 0, second = 0, third = 0] = cuts.sort((a, b) => a - b);
        const whole = runOf(0, first);
        for (const subtree of [...runOf(first, second).subtrees(), ...runOf(second, third).subtrees()])
          whole.append(subtree);
        expect(whole.subtrees()).toEqual(runOf(0, third).subtrees());
        expect(whole.end).toBe(third);
      }),
    );
  });

  it('goes on from the hashes of its peaks', () => {
    for (const size of SIZES) {
      const peaks = runOf(0, size).subtrees();
      const hashes = peaks.map(({ hash }) => hash);
      expect(peaksOf(size, hashes)).toEqual(peaks);
      expect(peaksOf(size, [...hashes, ONE])).toBeNull();
      expect(peaksOf(size, hashes.slice(1))).toEqual(size === 0 ? [] : null);
    }
  });
});

describe('RFC 6962 §2.1.1: the audit path of a leaf', () => {
  const size = fc.integer({ min: 1, max: 150 });

  it('is that of the definition, and leads to the hash of the tree, from whichever peaks it was found', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), fc.nat(), (of, one, other, cut) => {
        const indices = [one % of, other % of];
        const before = cut % (Math.min(...indices) + 1);
        const finder = createPathFinder(runOf(0, before).subtrees(), indices, of);
        for (const leaf of LEAVES.slice(before, of)) finder.add(hashOf(leaf));
        const found = finder.paths();
        for (const [place, index] of indices.entries()) {
          const way = found[place] ?? [];
          expect(way.map((hash) => Buffer.from(hash))).toEqual(path(index, LEAVES.slice(0, of)));
          const top = hashAtEndOf(way, hashOf(LEAVES[index]), index, of);
          expect(Buffer.from(top ?? ZERO)).toEqual(mth(LEAVES.slice(0, of)));
        }
      }),
    );
  });

  it('leads elsewhere from another place, in a tree of another size, or with anything changed', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), (of, at, other) => {
        const index = at % of;
        const way = path(index, LEAVES.slice(0, of));
        const leaf = hashOf(LEAVES[index]);
        const isTop = (top: Uint8Array | null) => top !== null && Buffer.from(top).equals(mth(LEAVES.slice(0, of)));
        expect(isTop(hashAtEndOf(way, leaf, index, of))).toBe(true);
        if (other % of !== index) expect(isTop(hashAtEndOf(way, leaf, other % of, of))).toBe(false);
        expect(isTop(hashAtEndOf(way, hashOf(LEAVES[index + 1]), index, of))).toBe(false);
        expect(hashAtEndOf([...way, leaf], leaf, index, of)).toBeNull();
        expect(hashAtEndOf(way, leaf, index, index)).toBeNull();
      }),
    );
  });

  it('holds over trees of more than 2 ** 32 leaves', () => {
    const of = 2 ** 40 + 5;
    const way = Array.from({ length: 40 }, () => LEAVES[1] ?? ZERO);
    expect(hashAtEndOf(way, LEAVES[0] ?? ZERO, 0, of)).toBeNull();
    expect(hashAtEndOf([...way, LEAVES[2] ?? ZERO], LEAVES[0] ?? ZERO, 0, of)).not.toBeNull();
  });
});
