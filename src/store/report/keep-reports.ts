/** Makes the reports that are due and keeps them; gives them out again; deletes them once the law lets it. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Clock, WallMs } from '../../base/clock.ts';
import { AppError, describeError } from '../../base/errors.ts';
import { addDays, localTimeOf, wallOf } from '../../base/local-time.ts';
import { uuidV7 } from '../../base/uuid.ts';
import type { DueMade, KeptReport, ReportFiles } from '../../guard/report-port.ts';
import type { CampaignStart } from '../../ledger/projection.ts';
import { type DueFacts, type DueReport, dueReports } from '../../ledger/report/due-reports.ts';
import { MANIFEST_FILE } from '../../ledger/report/manifest.ts';
import { reportTermsOf } from '../../ledger/report/report-book.ts';
import { deletionDraft } from '../../ledger/system-drafts.ts';
import type { Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import { campaignDayOf, selectCampaigns, selectDays } from '../campaign-queries.ts';
import type { Connection } from '../connection.ts';
import type { ReportsTable } from '../schema.ts';
import {
  deleteReport,
  deleteReportFiles,
  insertReport,
  insertReportFile,
  selectKept,
  selectKeptFiles,
  selectKeptPeriods,
  selectKeptReport,
  selectLive,
  selectNextAnswered,
  selectNextUnanswered,
} from './kept-queries.ts';
import { draftReport, type MadeReport, tellEntry, tellExport, waitForReportsChain } from './make-report.ts';
import type { ReportTask } from './report-message.ts';

/** Reports made in one go: some seconds of work for calls of a usual size. */
const DUE_AT_ONCE = 20;

/**
 * Makes and keeps up to {@link DUE_AT_ONCE}. Of several processes on one PostgreSQL one does so at a time, and none makes what another
 * has made.
 */
export async function makeDueReports(connection: Connection, task: ReportTask, clock: Clock): Promise<DueMade> {
  if (!(await isMaker(connection))) return { made: 0, more: false };
  const now = clock.now().wallMs;
  const liveSince = await oldestLive(connection);
  let made = 0;
  let failure: unknown = null;
  for (const row of await connection.all(selectCampaigns, {})) {
    const start: CampaignStart = {
      ...{ campaign: row.campaign, controller: row.controller, firstDay: row.first_day },
      firstAt: row.first_at_ms as WallMs,
    };
    const { law, endsOn } = reportTermsOf(task.book, row.campaign);
    const known = { law, endsOn, liveSince: liveSince.get(row.campaign) ?? null };
    try {
      for (const due of dueReports(await dueFacts(connection, start, known), now)) {
        if (made >= DUE_AT_ONCE) return { made, more: true };
        if (await makeAndKeep(connection, row.campaign, due, task, clock)) made++;
      }
    } catch (thrown) {
      // One campaign whose rows cannot be counted keeps no other from its reports.
      if (connection.faultOf(thrown) !== 'entry') throw thrown;
      failure ??= new AppError('report.not-made', `campaign ${row.campaign}: ${describeError(thrown)}`, {
        cause: thrown,
      });
    }
  }
  // Told once all others have theirs, and again every time that nothing else is left to make.
  if (made === 0 && failure !== null) throw failure;
  return { made, more: false };
}

/** Whether this process is the one that makes reports now; for as long as its connection lives. SQLite has one process. */
async function isMaker(connection: Connection): Promise<boolean> {
  if (connection.kind === 'sqlite') return true;
  const { rows } = await connection.execute(
    "SELECT pg_try_advisory_lock(hashtextextended('brusio reports', 0)) AS taken",
  );
  return rows[0]?.taken === true;
}

async function makeAndKeep(
  connection: Connection,
  campaign: string,
  { period, revision }: DueReport,
  { book, madeBy, privateKey }: ReportTask,
  clock: Clock,
): Promise<boolean> {
  const { law, endsOn, machineFalsePositive, language } = reportTermsOf(book, campaign);
  const madeAt = clock.now().wallMs;
  const today = localTimeOf(law.timeZone, madeAt).day;
  const wanted =
    period.kind === 'window'
      ? ({ kind: 'window', number: period.number ?? 0 } as const)
      : ({ kind: 'day', day: period.from } as const);
  const order = { campaign, wanted, law, endsOn, machineFalsePositive, madeAt, madeBy, today, id: uuidV7(madeAt) };
  const report = await draftReport(connection, order, { language, privateKey });
  // Outside of the transaction, which others wait for.
  const contents = report.files.map(({ name, octets }) => ({ name, content: gzipSync(octets) }));
  return connection.transaction(async () => {
    await waitForReportsChain(connection);
    const before = await connection.all(selectKeptPeriods, { campaign });
    const isThere = before.some(
      (one) => one.kind === period.kind && one.from === period.from && one.revision >= revision,
    );
    if (isThere) return false;
    const keepUntil = yearsLater(today, law.statisticsKeptYears.value);
    postReport(connection, report, contents, { revision, language, keepUntil });
    await tellExport(connection, report, clock);
    return true;
  });
}

function postReport(
  connection: Connection,
  { report, manifest, sha256 }: MadeReport,
  contents: readonly { readonly name: string; readonly content: Buffer }[],
  { revision, language, keepUntil }: { revision: number; language: string; keepUntil: string },
): void {
  const { id, campaign, period, madeBy, policies, ledger } = report;
  const { machines, hungUp } = ledger.agreement.projection;
  connection.post(insertReport, {
    ...{
      id,
      campaign: campaign.name,
      kind: period.kind,
      firstDay: period.from,
      lastDay: period.to,
      revision,
      language,
    },
    ...{ madeAt: Date.parse(report.madeAt), madeBy: madeBy.process, keepUntil, policy: policies[0]?.policy ?? '' },
    // As they were kept then: another report is due when these have moved.
    ...{ silent: ledger.agreement.projection.silent, handled: ledger.agreement.projection.handled, machines, hungUp },
    ...{ fingerprint: manifest.key.fingerprint, sha256 },
  });
  for (const { name, content } of contents) connection.post(insertReportFile, { id, name, content });
}

async function dueFacts(
  connection: Connection,
  start: CampaignStart,
  rest: { readonly law: Jurisdiction; readonly endsOn: string | null; readonly liveSince: WallMs | null },
): Promise<DueFacts> {
  const { campaign, firstDay } = start;
  const kept = await connection.all(selectKeptPeriods, { campaign });
  const counts = await connection.all(selectDays, {
    ...{ campaigns: JSON.stringify([campaign]), from: firstDay, to: LAST_DAY },
  });
  // Rows come by their revisions: the last of a period stays.
  const latest = new Map(
    kept.map(({ kind, from, revision, silent, handled, machines, hungUp }) => [
      `${kind} ${from}`,
      { kind, from, revision, counts: { silent, handled, machines, hungUp } },
    ]),
  );
  return {
    ...{ start, ...rest, kept: [...latest.values()] },
    days: await daysWithCalls(connection, start, rest.law.timeZone),
    counts: counts.map(campaignDayOf),
  };
}

/** No local day comes after it. */
const LAST_DAY = '9999-12-31';

async function daysWithCalls(
  connection: Connection,
  { campaign, firstDay }: CampaignStart,
  timeZone: string,
): Promise<readonly string[]> {
  const days: string[] = [];
  for (let from = wallOf(timeZone, firstDay, 0) as number; ; ) {
    const next = await Promise.all([
      connection.all(selectNextAnswered, { campaign, from }),
      connection.all(selectNextUnanswered, { campaign, from }),
    ]);
    const at = Math.min(...next.flat().map((row) => Number(row.at)));
    if (!Number.isFinite(at)) return days;
    const { day } = localTimeOf(timeZone, at as WallMs);
    days.push(day);
    from = wallOf(timeZone, addDays(day, 1), 0);
  }
}

/** By campaign: when the oldest call that goes on was invited. */
async function oldestLive(connection: Connection): Promise<ReadonlyMap<string, WallMs>> {
  const oldest = new Map<string, WallMs>();
  for (const { dossier, state } of await connection.all(selectLive, {})) {
    const { campaign } = JSON.parse(dossier) as { campaign: string };
    const { facts } = JSON.parse(state) as { facts: { invitedAt: { wallMs: WallMs } } };
    const known = oldest.get(campaign);
    if (known === undefined || facts.invitedAt.wallMs < known) oldest.set(campaign, facts.invitedAt.wallMs);
  }
  return oldest;
}

function yearsLater(day: string, years: number): string {
  const shown = `${Number(day.slice(0, 4)) + years}${day.slice(4)}`;
  // 29 February of a year that has none: the day after its last, rather a day more than less.
  return new Date(`${shown}T00:00:00Z`).toISOString().slice(0, 10);
}

/** Those that are kept. */
export async function keptReports(connection: Connection, campaign: string | null): Promise<readonly KeptReport[]> {
  return (await connection.all(selectKept, { campaign })).map(asKept);
}

/** One of them, with its files as they were made. */
export async function keptReport(connection: Connection, id: string): Promise<ReportFiles | null> {
  const rows = await connection.all(selectKeptFiles, { id });
  if (rows.length === 0) return null;
  const files = rows.map(({ name, content }) => ({ name, octets: gunzipSync(content) }));
  // The manifest last, the others by name.
  const order = (name: string) => (name === MANIFEST_FILE ? `~${name}` : name);
  return { id, files: files.sort((one, other) => (order(one.name) < order(other.name) ? -1 : 1)) };
}

/**
 * Deletes a report whose time is over, and tells the ledger. Rejects with AppError `report.unknown`, and `report.must-be-kept` with the
 * law's citation.
 */
export async function deleteKeptReport(
  connection: Connection,
  id: string,
  law: Jurisdiction,
  clock: Clock,
): Promise<void> {
  await connection.transaction(async () => {
    await waitForReportsChain(connection);
    const [row] = await connection.all(selectKeptReport, { id });
    if (row === undefined) throw new AppError('report.unknown', `no report ${id} is kept`);
    const now = clock.now().wallMs;
    if (localTimeOf(law.timeZone, now).day < row.keep_until)
      throw new AppError(
        'report.must-be-kept',
        `report ${id} is kept until ${row.keep_until}: ${law.statisticsKeptYears.citation}`,
      );
    connection.post(deleteReportFiles, { id });
    connection.post(deleteReport, { id });
    const { sha256, keep_until: keptUntil } = row;
    const what = `report ${id} of campaign ${row.campaign}, ${row.kind} ${row.first_day} to ${row.last_day}`;
    await tellEntry(connection, deletionDraft({ what, sha256, keptUntil, reference: null }), now);
  });
}

function asKept(row: ReportsTable): KeptReport {
  const { campaign, revision, language, policy, fingerprint, silent, handled, sha256 } = row;
  return {
    ...{ id: row.report_id, campaign, period: row.kind, from: row.first_day, to: row.last_day, revision, language },
    ...{ madeAt: row.made_at_ms as WallMs, madeBy: row.made_by, keepUntil: row.keep_until },
    ...{ policy, fingerprint, silent, handled, sha256 },
  };
}
