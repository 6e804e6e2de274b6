/** What the thread that makes reports is asked and answers: plain data, and the signing key. */
import type { KeyObject } from 'node:crypto';
import type { DueMade, ReportFiles, ReportRequest } from '../../guard/report-port.ts';
import type { ReportBook } from '../../ledger/report/report-book.ts';
import type { DatabasePlace } from '../database-place.ts';

/** What every report is made with. */
export type ReportTask = {
  readonly place: DatabasePlace;
  readonly book: ReportBook;
  readonly madeBy: { readonly version: string; readonly process: string };
  readonly privateKey: KeyObject;
};

/** One question. */
export type ReportQuestion = { readonly ask: 'make'; readonly request: ReportRequest } | { readonly ask: 'make-due' };

/** Its answer. */
export type ReportSaid = { readonly made: ReportFiles } | { readonly due: DueMade };

/** From the thread; `code`: of an AppError. */
export type ReportReply = ReportSaid | { readonly problem: string; readonly code: string | null };
