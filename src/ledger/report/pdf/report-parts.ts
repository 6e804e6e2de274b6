/** What every part of a report's pages is made from, and the columns that several of its tables have. */
import type { Report } from '../report.ts';
import type { ReportWords } from '../words/report-words.ts';
import type { PageColumn } from './page-block.ts';
import type { Written } from './written.ts';

/** A report, the words of its language, and how figures are written there. */
export type Parts = { readonly report: Report; readonly words: ReportWords; readonly written: Written };

/** A column of figures. */
export function countColumn(title: string | undefined, share = 12): PageColumn {
  return { title: title ?? '', share, align: 'right' };
}

/** A column of words. */
export function textColumn(title: string | undefined, share: number): PageColumn {
  return { title: title ?? '', share, align: 'left' };
}
