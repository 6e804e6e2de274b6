/** Makes a report: counts, writes the documents, signs them, and tells the ledger that they were given out. */
import { hash, type KeyObject } from 'node:crypto';
import type { Clock, WallMs } from '../../base/clock.ts';
import type { LedgerDraft } from '../../ledger/ledger-entry.ts';
import {
  MANIFEST_FILE,
  type Manifest,
  manifestText,
  type NamedFile,
  signedManifest,
} from '../../ledger/report/manifest.ts';
import type { Report } from '../../ledger/report/report.ts';
import { reportDocuments } from '../../ledger/report/report-documents.ts';
import type { ReportLanguage } from '../../ledger/report/report-language.ts';
import { reportSubject } from '../../ledger/report/report-subject.ts';
import { exportDraft } from '../../ledger/system-drafts.ts';
import type { Connection } from '../connection.ts';
import { openLedger } from '../ledger-writer.ts';
import { collectReport, type OnCounted, type ReportOrder } from './collect-report.ts';

/** The chain of the ledger that all reports write, of whatever process: they wait for one another. */
const REPORTS_CHAIN = 'reports';

/** In which language, and by which key. */
export type ReportSigning = { readonly language: ReportLanguage; readonly privateKey: KeyObject };

/** A report with all its files, the manifest the last of them. */
export type MadeReport = {
  readonly report: Report;
  readonly manifest: Manifest;
  readonly files: readonly NamedFile[];
  /** SHA-256 of the manifest's octets, as the ledger has it. */
  readonly sha256: string;
};

/** Counts, writes and signs; nothing is told to the ledger yet. Rejects as {@link collectReport} does. */
export async function draftReport(
  connection: Connection,
  order: ReportOrder,
  { language, privateKey }: ReportSigning,
  onCounted?: OnCounted,
): Promise<MadeReport> {
  const report = await collectReport(connection, order, onCounted);
  const documents = await reportDocuments(report, language, privateKey);
  const { id, madeAt, madeBy } = report;
  const terms = { kind: 'report' as const, id, madeAt, madeBy, subject: reportSubject(report, language) };
  const manifest = signedManifest(terms, documents, privateKey);
  const octets = Buffer.from(manifestText(manifest));
  return {
    ...{ report, manifest, files: [...documents, { name: MANIFEST_FILE, octets }] },
    sha256: hash('sha256', octets, 'hex'),
  };
}

/** Within the caller's transaction: the `export` entry of a report. */
export async function tellExport(connection: Connection, { report, sha256 }: MadeReport, clock: Clock): Promise<void> {
  const { period, campaign, total } = report;
  const { kind, number, from, to } = period;
  const which = kind === 'window' ? `window ${number}` : kind;
  const what = `report ${report.id} of campaign ${campaign.name}, ${which}`;
  const rows = total.calls + Object.values(total.notGuarded).reduce((sum, calls) => sum + calls, 0);
  await tellEntry(connection, exportDraft({ what, from, to, rows, sha256 }), clock.now().wallMs);
}

/** Within the caller's transaction: one entry of the chain that all reports write. */
export async function tellEntry(connection: Connection, draft: LedgerDraft, at: WallMs): Promise<void> {
  await waitForReportsChain(connection);
  const ledger = await openLedger(connection, REPORTS_CHAIN, []);
  ledger.append([draft], at);
  ledger.finish();
}

/** One writer of the chain at a time: SQLite's transaction is that already. */
export async function waitForReportsChain(connection: Connection): Promise<void> {
  if (connection.kind === 'postgresql')
    await connection.execute('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`chain ${REPORTS_CHAIN}`]);
}

/** A report for whoever asks for one now: it is given out, and not kept. */
export async function makeReport(
  connection: Connection,
  order: ReportOrder,
  signing: ReportSigning,
  clock: Clock,
  onCounted?: OnCounted,
): Promise<MadeReport> {
  const made = await draftReport(connection, order, signing, onCounted);
  await connection.transaction(() => tellExport(connection, made, clock));
  return made;
}
