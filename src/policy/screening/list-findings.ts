/** What was found in a list while it was read: counts, and the first lines of each kind of trouble. Pure. */
import type { ListLayout } from './list-layout.ts';
import type { LineProblem } from './list-reader.ts';

/** Lines of each kind that are told one by one; the others are counted. */
export const TOLD_LINES_MAX = 100;

/** Plain data. */
export type ListFindings = {
  /** Blank ones and headings included. */
  readonly lines: number;
  /** Different numbers. */
  readonly numbers: number;
  /** Lines that repeat a number of an earlier line: taken once. */
  readonly duplicates: { readonly count: number; readonly first: readonly number[] };
  /** Lines without a number that could be called: left out. */
  readonly malformed: {
    readonly count: number;
    readonly first: readonly { readonly line: number; readonly problem: LineProblem }[];
  };
  readonly layout: ListLayout;
};

/** Counts as the reader goes on. */
export type FindingsCounter = {
  number(): void;
  duplicate(line: number): void;
  malformed(line: number, problem: LineProblem): void;
  numbers(): number;
  findings(lines: number, layout: ListLayout): ListFindings;
};

/** Nothing found yet. */
export function createFindingsCounter(): FindingsCounter {
  let numbers = 0;
  let duplicates = 0;
  let malformed = 0;
  const firstDuplicates: number[] = [];
  const firstMalformed: { readonly line: number; readonly problem: LineProblem }[] = [];
  return {
    number() {
      numbers += 1;
    },
    duplicate(line) {
      duplicates += 1;
      if (duplicates <= TOLD_LINES_MAX) firstDuplicates.push(line);
    },
    malformed(line, problem) {
      malformed += 1;
      if (malformed <= TOLD_LINES_MAX) firstMalformed.push({ line, problem });
    },
    numbers: () => numbers,
    findings: (lines, layout) => ({
      lines,
      numbers,
      duplicates: { count: duplicates, first: firstDuplicates },
      malformed: { count: malformed, first: firstMalformed },
      layout,
    }),
  };
}

/**
 * Why a list that was read is not to be used; null when it may be. Where more lines are malformed than not, something else
 * is wrong than single lines: another column, another country's numbers, another file.
 */
export function listProblem({ numbers, duplicates, malformed }: ListFindings): string | null {
  const good = numbers + duplicates.count;
  if (good === 0) return 'no line holds a telephone number';
  if (malformed.count <= good) return null;
  return `${malformed.count} of ${good + malformed.count} lines hold no telephone number: this is not a list of cleared numbers, or it is read wrongly`;
}
