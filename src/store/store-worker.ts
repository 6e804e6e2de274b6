/**
 * The store's thread: owns the database, does one thing at a time, in the order in which it was asked. It keeps
 * nothing: what is not committed stays with the main side, which sends it again.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { describeError } from '../base/errors.ts';
import { type DatabaseFile, openDatabaseFile } from './database-file.ts';
import { commitGroup } from './group-commit.ts';
import { isConnectionAtFault } from './sqlite-problem.ts';
import { prepareStatements } from './statements.ts';
import type { GroupResult, StoreReply, StoreRequest, StoreWorkerData, StoreWrite } from './store-message.ts';

assert(parentPort !== null, 'the store worker runs in a thread');
const port = parentPort;
const { dataDir, busyTimeoutMs } = workerData as StoreWorkerData;
const reply = (message: StoreReply) => port.postMessage(message);

function serve(file: DatabaseFile): void {
  let statements = prepareStatements(file.db());
  let connectionSuspect = false;

  function commit(group: readonly StoreWrite[]): GroupResult {
    try {
      if (connectionSuspect) {
        file.reopen();
        statements = prepareStatements(file.db());
        connectionSuspect = false;
      }
      if (!file.isInPlace()) return { committed: false, problem: 'the database file was moved, deleted or replaced' };
      return { committed: true, rejected: commitGroup(file.db(), statements, group) };
    } catch (thrown) {
      connectionSuspect ||= isConnectionAtFault(thrown);
      return { committed: false, problem: describeError(thrown) };
    }
  }

  port.on('message', (request: StoreRequest) => {
    if (request.type === 'commit') {
      reply({ type: 'group', result: commit(request.group) });
    } else if (request.type === 'query') {
      try {
        reply({ type: 'answer', id: request.id, answer: statements.read(request.query) });
      } catch (thrown) {
        reply({ type: 'no-answer', id: request.id, problem: describeError(thrown) });
      }
    } else {
      file.close();
      port.close();
    }
  });
}

try {
  serve(openDatabaseFile(dataDir, busyTimeoutMs));
  reply({ type: 'opened' });
} catch (thrown) {
  reply({ type: 'cannot-open', message: describeError(thrown) });
}
