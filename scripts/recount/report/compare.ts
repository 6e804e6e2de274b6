/** What a report says against what was counted again, figure by figure. */

/** JSON as it was read. */
// biome-ignore lint/suspicious/noExplicitAny: raw JSON that nobody vouches for, and whose every leaf is compared.
export type Tree = { readonly [key: string]: any };
/** A figure that is another than the report says. */
export type FigureDifference = { readonly figure: string; readonly reported: string; readonly counted: string };
/** What was found. */
export type ReportRecount = { readonly compared: number; readonly differences: readonly FigureDifference[] };

/** What the law's text is called and read, and what the report only passes on. */
const NOT_COUNTED = new Set(['citation', 'citations', 'countedFrom']);

/** Every leaf of both. */
export function compareFigures(report: Tree, again: Tree): ReportRecount {
  const differences: FigureDifference[] = [];
  let compared = 0;
  const compare = (path: string, reported: unknown, counted: unknown): void => {
    if (isTree(reported) || isTree(counted)) {
      const [one, other] = [reported ?? {}, counted ?? {}] as [Tree, Tree];
      for (const key of new Set([...Object.keys(one), ...Object.keys(other)]))
        if (!NOT_COUNTED.has(key)) compare(path === '' ? key : `${path}.${key}`, one[key], other[key]);
      return;
    }
    compared++;
    const [said, found] = [textOf(reported), textOf(counted)];
    if (said !== found) differences.push({ figure: path, reported: said, counted: found });
  };
  const { id: _id, format: _format, madeAt: _at, madeBy: _by, machineFalsePositive: _estimate, ...figures } = report;
  compare('', figures, again);
  return { compared, differences };
}

function isTree(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function textOf(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
