/** Reports behind their port: each made in a thread that ends with it. */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../base/clock.ts';
import { AppError, describeError } from '../../base/errors.ts';
import { threadUrl } from '../../base/thread-url.ts';
import type { Reports } from '../../guard/report-port.ts';
import type { Connection } from '../connection.ts';
import { joinDatabase } from '../open-database.ts';
import { keptReport, keptReports } from './keep-reports.ts';
import type { ReportQuestion, ReportReply, ReportSaid, ReportTask } from './report-message.ts';

/** Reports that are made at a time for whoever asks: each is a thread that reads a campaign's calls. */
const MADE_AT_ONCE_MAX = 2;

/** Asks in a thread. */
export type AskReports = (task: ReportTask, question: ReportQuestion) => Promise<ReportSaid>;

/** See above; `ask` is for tests. */
export function createReports(task: ReportTask, clock: Clock, ask: AskReports = askInThread): Reports {
  let making = 0;

  /** What is kept is found in a moment: on a connection of its own, since the writer's is the calls'. */
  async function on<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const database = await joinDatabase(task.place, 'reports', clock);
    try {
      return await work(await database.connection());
    } finally {
      await database.close();
    }
  }

  return {
    async make(request) {
      if (making >= MADE_AT_ONCE_MAX)
        throw new AppError('report.busy', `${making} reports are being made: ask again when they are`);
      making++;
      try {
        const said = await ask(task, { ask: 'make', request });
        if ('made' in said) return said.made;
        throw new AppError('store.cannot-read', 'the report thread answered another question');
      } finally {
        making--;
      }
    },
    async makeDue() {
      const said = await ask(task, { ask: 'make-due' });
      if ('due' in said) return said.due;
      throw new AppError('store.cannot-read', 'the report thread answered another question');
    },
    kept: (campaign) => on((connection) => keptReports(connection, campaign)),
    find: (id) => on((connection) => keptReport(connection, id)),
  };
}

/** Rejects with the thread's own AppErrors, `store.cannot-read` and `store.thread-gone`. */
const askInThread: AskReports = async (task, question) => {
  const worker = new Worker(threadUrl('report-worker', import.meta.url), {
    workerData: { task, question },
    name: 'brusio-report',
  });
  const answered = Promise.withResolvers<ReportSaid>();
  worker.on('message', (reply: ReportReply) => {
    if ('problem' in reply) answered.reject(new AppError(reply.code ?? 'store.cannot-read', reply.problem));
    else answered.resolve(reply);
  });
  worker.on('error', (thrown) =>
    answered.reject(new AppError('store.thread-gone', `the report thread failed: ${describeError(thrown)}`)),
  );
  worker.on('exit', () => answered.reject(new AppError('store.thread-gone', 'the report thread has ended')));
  return answered.promise;
};
