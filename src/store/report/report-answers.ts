/** Makes reports on a connection of its own: for threads of their own, and for tests. Rejects with the database's errors. */
import type { Clock } from '../../base/clock.ts';
import { localTimeOf } from '../../base/local-time.ts';
import { uuidV7 } from '../../base/uuid.ts';
import type { ReportFiles, ReportRequest } from '../../guard/report-port.ts';
import { reportTermsOf } from '../../ledger/report/report-book.ts';
import type { Connection } from '../connection.ts';
import { joinDatabase } from '../open-database.ts';
import { makeDueReports } from './keep-reports.ts';
import { makeReport } from './make-report.ts';
import type { ReportQuestion, ReportSaid, ReportTask } from './report-message.ts';

/** See above. */
export async function answerReport(task: ReportTask, question: ReportQuestion, clock: Clock): Promise<ReportSaid> {
  const database = await joinDatabase(task.place, 'reports', clock);
  try {
    const connection = await database.connection();
    return question.ask === 'make'
      ? { made: await makeNow(connection, task, question.request, clock) }
      : { due: await makeDueReports(connection, task, clock) };
  } finally {
    await database.close();
  }
}

async function makeNow(
  connection: Connection,
  { book, madeBy, privateKey }: ReportTask,
  { campaign, wanted, language }: ReportRequest,
  clock: Clock,
): Promise<ReportFiles> {
  const { law, endsOn, machineFalsePositive, language: usual } = reportTermsOf(book, campaign);
  const madeAt = clock.now().wallMs;
  const { day: today } = localTimeOf(law.timeZone, madeAt);
  const order = { campaign, wanted, law, endsOn, machineFalsePositive, madeAt, madeBy, today, id: uuidV7(madeAt) };
  const { report, files } = await makeReport(connection, order, { language: language ?? usual, privateKey }, clock);
  return { id: report.id, files };
}
