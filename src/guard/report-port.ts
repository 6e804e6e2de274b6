/** Signed reports of campaigns, as the HTTP API and the daemon's own clock ask for them. */
import type { WallMs } from '../base/clock.ts';
import type { NamedFile } from '../ledger/report/manifest.ts';
import type { ReportLanguage } from '../ledger/report/report-language.ts';
import type { WantedPeriod } from '../ledger/report/report-period.ts';

/** A report that is kept. */
export type KeptReport = {
  readonly id: string;
  readonly campaign: string;
  readonly period: 'window' | 'day' | 'range';
  /** Local days, both included. */
  readonly from: string;
  readonly to: string;
  /** From 1; a later one of the same period tells of what was counted after the one before. */
  readonly revision: number;
  readonly language: string;
  readonly madeAt: WallMs;
  /** The process that made it. */
  readonly madeBy: string;
  /** First local day on which it may be deleted. */
  readonly keepUntil: string;
  readonly policy: string;
  /** Of the key it is signed with. */
  readonly fingerprint: string;
  /** NA and NB. */
  readonly silent: number;
  readonly handled: number;
  /** SHA-256 of its manifest. */
  readonly sha256: string;
};

/** A report with its files, the manifest the last. */
export type ReportFiles = { readonly id: string; readonly files: readonly NamedFile[] };

/** What is asked for. */
export type ReportRequest = {
  readonly campaign: string;
  readonly wanted: WantedPeriod;
  /** Null: that of the settings. */
  readonly language: ReportLanguage | null;
};

/** How many reports were made and kept, and whether more are due. */
export type DueMade = { readonly made: number; readonly more: boolean };

/** Reports, made in a thread of their own. All reject with AppError `store.…` when the database fails. */
export type Reports = {
  /** One for whoever asks, not kept. Rejects with AppError `report.no-campaign`, `report.no-period` and `report.busy`. */
  make(request: ReportRequest): Promise<ReportFiles>;
  /** Makes and keeps some of those that are due. */
  makeDue(): Promise<DueMade>;
  /** Those that are kept, the latest period first; `campaign`: null, of all. */
  kept(campaign: string | null): Promise<readonly KeptReport[]>;
  /** One that is kept; null: there is none. */
  find(id: string): Promise<ReportFiles | null>;
};
