/** The thread of one question about reports: a minute of counting holds up neither calls nor the store. */
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../base/assert.ts';
import { systemClock } from '../../base/clock.ts';
import { AppError, describeError } from '../../base/errors.ts';
import { answerReport } from './report-answers.ts';
import type { ReportQuestion, ReportReply, ReportTask } from './report-message.ts';

assert(parentPort !== null, 'the report worker runs in a thread');
const port = parentPort;
const { task, question } = workerData as { task: ReportTask; question: ReportQuestion };
const reply = (message: ReportReply) => port.postMessage(message);

/**
 * Added to the niceness that the process has: about a tenth of a core that the threads of calls want too. No more, because what it
 * writes at its end (some ms) keeps the store's own writes waiting with SQLite.
 */
const NICER_BY = 10;
const NICENESS_MAX = 19;

giveWay();
try {
  reply(await answerReport(task, question, systemClock));
} catch (thrown) {
  reply({ problem: describeError(thrown), code: thrown instanceof AppError ? thrown.code : null });
}
port.close();

/** On Linux the niceness set from a thread is the thread's own; elsewhere it would be the whole process's. */
function giveWay(): void {
  if (process.platform === 'linux') setPriority(Math.min(getPriority() + NICER_BY, NICENESS_MAX));
}
