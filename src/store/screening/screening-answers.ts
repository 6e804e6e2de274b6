/** Answers one question about cleared lists on a connection of its own. */
import { assert } from '../../base/assert.ts';
import { systemClock, type WallMs } from '../../base/clock.ts';
import { createNumberDigests } from '../../base/number-digest.ts';
import { ok, type Result } from '../../base/result.ts';
import { uuidV7 } from '../../base/uuid.ts';
import type {
  ImportProgress,
  ImportRefusal,
  ImportReport,
  ImportRequest,
  ScreeningAnswer,
  ScreeningList,
} from '../../guard/screening-port.ts';
import { usableUntil } from '../../policy/rules/screening.ts';
import { digestBlocks } from '../../policy/screening/digest-blocks.ts';
import { bareNumber } from '../../policy/screening/number-octets.ts';
import { toE164 } from '../../policy/telephone-number.ts';
import type { Connection } from '../connection.ts';
import { joinDatabase } from '../open-database.ts';
import type { ScreeningListsTable } from '../schema.ts';
import { readList } from './read-list.ts';
import { lookUpScreening } from './screening-look-up.ts';
import type { AskScreening, ScreeningSaid, ScreeningTask } from './screening-message.ts';
import { selectListOf, selectLists } from './screening-queries.ts';
import { removeList, writeList } from './write-list.ts';

/** In the calling thread, which it holds up: for threads of its own, and for tests. Rejects with the database's errors. */
export const answerScreening: AskScreening = async (task, octets, onProgress) => {
  const database = await joinDatabase(task.place, 'screening', systemClock);
  try {
    return await answer(await database.connection(), task, octets, onProgress);
  } finally {
    await database.close();
  }
};

async function answer(
  connection: Connection,
  task: ScreeningTask,
  octets: AsyncIterable<Uint8Array>,
  onProgress: (progress: ImportProgress) => void,
): Promise<ScreeningSaid> {
  const { question } = task;
  switch (question.ask) {
    case 'import':
      return { said: 'imported', result: await importList(connection, task, question.request, octets, onProgress) };
    case 'remove': {
      const { controller, reference } = question;
      const removed = await removeList(connection, controller, reference, systemClock);
      return { said: 'removed', list: removed === null ? null : asList(removed) };
    }
    case 'lists':
      return { said: 'lists', lists: (await connection.all(selectLists, {})).map(asList) };
    case 'check':
      return { said: 'checked', answer: await check(connection, task, question.controller, question.number) };
  }
}

async function importList(
  connection: Connection,
  { keys, plan, listDaysMax }: ScreeningTask,
  { controller, checkedAt, fileName, form, column }: ImportRequest,
  octets: AsyncIterable<Uint8Array>,
  onProgress: (progress: ImportProgress) => void,
): Promise<Result<ImportReport, ImportRefusal>> {
  const [key] = keys;
  assert(key !== undefined, 'numbers are digested under at least one key');
  const read = await readList(octets, key, { plan, form, column }, (progress) =>
    onProgress({ phase: 'reading', ...progress, written: 0 }),
  );
  if (!read.ok) return read;
  const { findings, sha256, digests } = read.value;
  const list = {
    list: uuidV7(systemClock.now().wallMs),
    controller,
    checkedAt,
    expiresAt: usableUntil(checkedAt, listDaysMax),
    fileName,
    sha256,
    keyId: key.id,
    findings,
  };
  const { lines, numbers } = findings;
  const written = await writeList(connection, list, digestBlocks(digests.drain()), systemClock, (count) =>
    onProgress({ phase: 'writing', octets: 0, lines, numbers, written: count }),
  );
  return ok({ ...list, numbers, ...written });
}

async function check(
  connection: Connection,
  { keys, plan }: ScreeningTask,
  controller: string,
  number: string,
): Promise<ScreeningAnswer | null> {
  const [list] = await connection.all(selectListOf, { controller });
  if (list === undefined) return null;
  const digests = createNumberDigests(keys).all(toE164(bareNumber(number) ?? number, plan));
  const found = await lookUpScreening(connection, controller, digests);
  return found === null ? null : { cleared: found.cleared, list: asList(list) };
}

function asList(row: ScreeningListsTable): ScreeningList {
  return {
    list: row.list_id,
    controller: row.controller,
    checkedAt: row.checked_at_ms as WallMs,
    expiresAt: row.expires_at_ms as WallMs,
    importedAt: row.imported_at_ms as WallMs,
    numbers: row.numbers,
    sha256: row.sha256,
    fileName: row.file_name === '' ? null : row.file_name,
    keyId: row.key_id,
  };
}
