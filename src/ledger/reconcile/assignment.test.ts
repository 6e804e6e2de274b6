import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cheapestPairs } from './assignment.ts';

/** The least cost by trying everything: code that shares nothing with the other. */
function leastCost(costs: readonly (readonly number[])[], alone: number): number {
  const columns = costs[0]?.length ?? 0;
  const memo = new Map<string, number>();
  const from = (row: number, taken: number): number => {
    if (row === costs.length) return 0;
    const key = `${row} ${taken}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    let least = from(row + 1, taken);
    for (let column = 0; column < columns; column++) {
      if ((taken & (1 << column)) !== 0) continue;
      const cost = (costs[row]?.[column] as number) - alone;
      if (cost <= 0) least = Math.min(least, cost + from(row + 1, taken | (1 << column)));
    }
    memo.set(key, least);
    return least;
  };
  return from(0, 0);
}

describe('the cheapest pairs', () => {
  it('cost no more than any other pairing, and nobody is paired twice', () => {
    const cost = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.constant(Number.POSITIVE_INFINITY));
    const matrix = fc
      .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
      .chain(([rows, columns]) =>
        fc.array(fc.array(cost, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
      );
    fc.assert(
      fc.property(matrix, fc.integer({ min: 0, max: 25 }), (costs, alone) => {
        const columnOf = cheapestPairs(costs, alone);
        const paired = columnOf.filter((column) => column !== -1);
        expect(new Set(paired).size).toBe(paired.length);
        const sum = columnOf.reduce(
          (all, column, row) => (column === -1 ? all : all + (costs[row]?.[column] as number) - alone),
          0,
        );
        expect(sum).toBe(leastCost(costs, alone));
      }),
      { numRuns: 500 },
    );
  });

  it('are not those of whoever comes first: the first call leaves its best fit to the one that fits nothing else', () => {
    expect(
      cheapestPairs(
        [
          [1, 2],
          [1, Number.POSITIVE_INFINITY],
        ],
        10,
      ),
    ).toEqual([1, 0]);
    expect(cheapestPairs([], 1)).toEqual([]);
    expect(cheapestPairs([[5], [3]], 4)).toEqual([-1, 0]);
  });
});
