/** One transaction for everything that arrived while the last one was on its way to the disk. */
import { describeError } from '../base/errors.ts';
import type { Connection } from './connection.ts';
import { query, text } from './query.ts';
import type { ChangeGroup, RejectedEntry, StoreWrite } from './store-message.ts';
import { openChangeWriter } from './store-writes.ts';

/** The last group that this process committed. */
const selectLastGroup = query({ process: text }, (db, { process }) =>
  db.selectFrom('last_groups').select(['token', 'rejected']).where('process', '=', process),
);
const upsertLastGroup = query({ process: text, token: text, rejected: text }, (db, { process, token, rejected }) =>
  db
    .insertInto('last_groups')
    .values({ process, token, rejected })
    .onConflict((conflict) =>
      conflict
        .column('process')
        .doUpdateSet(({ ref }) => ({ token: ref('excluded.token'), rejected: ref('excluded.rejected') })),
    ),
);

/**
 * Commits the group and resolves with the entries that could not be part of it because they are wrong themselves. A group
 * that was committed before, by a connection that was lost before it could say so, is not written again. Rejects with the
 * database's error when the world is in the way; then nothing is committed, or nobody knows.
 */
export async function commitGroup(
  connection: Connection,
  process: string,
  group: ChangeGroup,
): Promise<readonly RejectedEntry[]> {
  try {
    return await connection.transaction(() => writeOnce(connection, process, group, writeTogether));
  } catch (thrown) {
    if (connection.faultOf(thrown) !== 'entry') throw thrown;
  }
  // One entry is poisoned: once more, each under a savepoint of its own, so that only the wrong ones are left out.
  return connection.transaction(() => writeOnce(connection, process, group, writeOneByOne));
}

type WriteChanges = typeof writeTogether;

async function writeOnce(
  connection: Connection,
  process: string,
  { token, changes }: ChangeGroup,
  writeChanges: WriteChanges,
): Promise<readonly RejectedEntry[]> {
  const [last] = await connection.all(selectLastGroup, { process });
  if (last?.token === token) return JSON.parse(last.rejected) as RejectedEntry[];
  const rejected = await writeChanges(connection, process, changes);
  connection.post(upsertLastGroup, { process, token, rejected: JSON.stringify(rejected) });
  return rejected;
}

async function writeTogether(
  connection: Connection,
  process: string,
  changes: readonly StoreWrite[],
): Promise<readonly RejectedEntry[]> {
  const writer = await openChangeWriter(connection, process, changes);
  for (const change of changes) writer.write(change);
  return [];
}

async function writeOneByOne(
  connection: Connection,
  process: string,
  changes: readonly StoreWrite[],
): Promise<readonly RejectedEntry[]> {
  const writer = await openChangeWriter(connection, process, changes);
  const rejected: RejectedEntry[] = [];
  for (const [index, change] of changes.entries()) {
    try {
      await connection.savepoint(async () => writer.write(change));
    } catch (thrown) {
      if (connection.faultOf(thrown) !== 'entry') throw thrown;
      writer.undone(change);
      rejected.push({ index, problem: describeError(thrown) });
    }
  }
  return rejected;
}
