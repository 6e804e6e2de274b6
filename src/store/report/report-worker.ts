/** The thread of one question about reports: a minute of counting holds up neither calls nor the store. */
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

try {
  reply(await answerReport(task, question, systemClock));
} catch (thrown) {
  reply({ problem: describeError(thrown), code: thrown instanceof AppError ? thrown.code : null });
}
port.close();
