/**
 * Who belongs to whom, one to one, so that the sum of costs is the least there is: the Hungarian method with potentials (Kuhn 1955,
 * Munkres 1957), O(n²·m). Nobody has to be paired. Pure.
 */

/**
 * @param costs of pairing row i with column j; infinite: never
 * @param alone what a pair's two being left alone costs together: a pairing that costs more is not made
 * @returns for each row its column, or −1
 */
export function cheapestPairs(costs: readonly (readonly number[])[], alone: number): readonly number[] {
  const rows = costs.length;
  const columns = costs[0]?.length ?? 0;
  if (rows === 0 || columns === 0) return costs.map(() => -1);
  if (rows > columns) return ofColumns(cheapestPairs(transposed(costs, columns), alone), rows);
  // What a pairing saves against leaving both alone, below 0; whoever is given a column for nothing is alone.
  const gains = Float64Array.from(costs.flat(), (cost) => Math.min(cost - alone, 0));
  const columnOf = assigned(rows, columns, gains);
  return columnOf.map((column, row) => (isPair(costs[row]?.[column], alone) ? column : -1));
}

function isPair(cost: number | undefined, alone: number): boolean {
  return cost !== undefined && cost <= alone;
}

/** Every row has a column, columns being as many or more. Rows and columns count from 1 within, 0 being nobody. */
function assigned(rows: number, columns: number, costs: Float64Array): number[] {
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  const before = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    let column = 0;
    const least = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
    const isUsed = new Uint8Array(columns + 1);
    do {
      isUsed[column] = 1;
      const taken = rowOf[column] as number;
      const ofRow = (taken - 1) * columns - 1;
      const potential = rowPotential[taken] as number;
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let to = 1; to <= columns; to++) {
        if (isUsed[to] === 1) continue;
        const reduced = (costs[ofRow + to] as number) - potential - (columnPotential[to] as number);
        if (reduced < (least[to] as number)) {
          least[to] = reduced;
          before[to] = column;
        }
        if ((least[to] as number) < delta) {
          delta = least[to] as number;
          next = to;
        }
      }
      for (let to = 0; to <= columns; to++) {
        if (isUsed[to] === 1) {
          rowPotential[rowOf[to] as number] = (rowPotential[rowOf[to] as number] as number) + delta;
          columnPotential[to] = (columnPotential[to] as number) - delta;
        } else least[to] = (least[to] as number) - delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      const previous = before[column] as number;
      rowOf[column] = rowOf[previous] as number;
      column = previous;
    }
  }
  const columnOf: number[] = new Array(rows).fill(-1);
  for (let column = 1; column <= columns; column++) {
    const row = rowOf[column] as number;
    if (row !== 0) columnOf[row - 1] = column - 1;
  }
  return columnOf;
}

function transposed(costs: readonly (readonly number[])[], columns: number): readonly (readonly number[])[] {
  return Array.from({ length: columns }, (_, column) => costs.map((row) => row[column] as number));
}

function ofColumns(rowOfColumn: readonly number[], rows: number): readonly number[] {
  const columnOf: number[] = new Array(rows).fill(-1);
  for (const [column, row] of rowOfColumn.entries()) if (row !== -1) columnOf[row] = column;
  return columnOf;
}
