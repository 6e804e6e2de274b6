import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_DIGESTS_MAX, blockHolds, digestBlocks, LIST_DIGEST_OCTETS } from './digest-blocks.ts';
import { createDigestTable } from './digest-table.ts';

const word = fc.integer({ min: 0, max: 0xffffffff });
const hex = ([high, low]: readonly [number, number]) =>
  high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');

function filled(digests: readonly (readonly [number, number])[]) {
  const table = createDigestTable();
  const isNew = digests.map(([high, low]) => table.add(high, low));
  return { table, isNew };
}

describe('a table of digests', () => {
  it('knows what it had before, and gives all of them in order', () => {
    // Few values, so that they come again, and words at the edges of what a signed integer holds.
    const edge = fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.oneof(edge, word), fc.oneof(edge, word))), (digests) => {
        const { table, isNew } = filled(digests);
        const seen = new Set<string>();
        for (const [index, digest] of digests.entries()) {
          expect(isNew[index]).toBe(!seen.has(hex(digest)));
          seen.add(hex(digest));
        }
        expect(table.size()).toBe(seen.size);
        let drained = '';
        for (const piece of table.drain()) drained += Buffer.from(piece).toString('hex');
        expect(drained).toBe([...seen].sort().join(''));
      }),
    );
  });

  it('grows: a hundred thousand digests with as many repetitions', () => {
    const digests = Array.from({ length: 100_000 }, (_, n) => [Math.imul(n, 0x9e3779b1) >>> 0, n] as const);
    const { table, isNew } = filled([...digests, ...digests]);
    expect(isNew.filter(Boolean)).toHaveLength(100_000);
    expect(isNew.slice(100_000).some(Boolean)).toBe(false);
    let count = 0;
    for (const piece of table.drain()) count += piece.length / LIST_DIGEST_OCTETS;
    expect(count).toBe(100_000);
  });
});

describe('blocks of digests', () => {
  it('are full but for the last, in order, and hold exactly what was put in', () => {
    const digests = Array.from(
      { length: 3 * BLOCK_DIGESTS_MAX + 1 },
      (_, n) => [Math.imul(n, 0x9e3779b1) >>> 0, n] as const,
    );
    const blocks = [...digestBlocks(filled(digests).table.drain())];
    expect(blocks.map(({ digests: { length } }) => length / LIST_DIGEST_OCTETS)).toEqual([
      BLOCK_DIGESTS_MAX,
      BLOCK_DIGESTS_MAX,
      BLOCK_DIGESTS_MAX,
      1,
    ]);
    const blockOf = (key: string) => blocks.findLast(({ first }) => first <= key);
    for (const digest of digests) {
      const key = hex(digest);
      const near = hex([digest[0], digest[1] + 100_000]);
      expect(blockHolds(blockOf(key)?.digests ?? Buffer.alloc(0), Buffer.from(key, 'hex'))).toBe(true);
      expect(blockHolds(blockOf(near)?.digests ?? Buffer.alloc(0), Buffer.from(near, 'hex'))).toBe(false);
    }
    expect([...digestBlocks([])]).toEqual([]);
  });
});
