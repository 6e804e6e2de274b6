/** Signed reports: for whoever asks, and those of every day and window, which are kept. */
import type { KeyObject } from 'node:crypto';
import type { Clock } from './base/clock.ts';
import type { Logger } from './base/log.ts';
import { reportKeyOf, reportKeyPath } from './config/report-key.ts';
import { reportBook } from './config/report-terms.ts';
import type { Settings } from './config/settings.ts';
import { createReportKeeper } from './guard/report-keeper.ts';
import type { Reports } from './guard/report-port.ts';
import { type PublicKeyNote, publicKeyNote } from './ledger/report/public-key-note.ts';
import type { DatabasePlace } from './store/database-place.ts';
import { createReports } from './store/report/reports.ts';

/** Reports of a running Brusio. */
export type InstallationReports = {
  readonly reports: Reports;
  /** With which they are signed. */
  readonly key: PublicKeyNote;
  /** Makes those that are due, from here on; not where the settings keep none. */
  start(): void;
  stop(): void;
};

/** Reads the signing key, or makes one; `version`: of Brusio. Throws AppError `config.report-key`. */
export function installationReports(
  settings: Settings,
  version: string,
  place: DatabasePlace,
  clock: Clock,
  log: Logger,
): InstallationReports {
  const privateKey: KeyObject = reportKeyOf(reportKeyPath(settings));
  const key = publicKeyNote(privateKey);
  const book = reportBook(settings);
  const madeBy = { version, process: settings.database.process };
  const reports = createReports({ place, book, madeBy, privateKey }, clock);
  const keeper = createReportKeeper({ reports, timeZone: book.others.law.timeZone, clock, log });
  log.info({ fingerprint: key.fingerprint }, 'reports are signed with the key of this fingerprint');
  return { reports, key, start: () => settings.reports.keep && keeper.start(), stop: () => keeper.stop() };
}
