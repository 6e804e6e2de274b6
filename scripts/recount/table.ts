/** Tallies as text, and what is not the same in two of them. */

/** By what is counted. */
export type Table = Map<string, string>;

/** Something that is not as it was counted again. */
export type Difference = { readonly what: string; readonly kept: string; readonly counted: string };

/** Every key whose texts differ, those that only one of the tables has included. */
export function compare(
  what: string,
  kept: ReadonlyMap<string, string>,
  counted: ReadonlyMap<string, string>,
): readonly Difference[] {
  const differences: Difference[] = [];
  for (const key of new Set([...kept.keys(), ...counted.keys()])) {
    const both = { kept: kept.get(key) ?? 'none', counted: counted.get(key) ?? 'none' };
    if (both.kept !== both.counted) differences.push({ what: `${what} ${key}`, ...both });
  }
  return differences;
}
