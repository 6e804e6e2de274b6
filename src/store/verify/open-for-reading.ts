/** A connection that only reads, beside whatever else has the database open. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import { AppError, describeError } from '../../base/errors.ts';
import type { Connection } from '../connection.ts';
import { cannotOpen } from '../database.ts';
import type { DatabasePlace } from '../database-place.ts';
import { migrations } from '../migrations.ts';
import { sqliteConnection } from '../sqlite/sqlite-connection.ts';
import { DATABASE_FILE } from '../sqlite/sqlite-database.ts';

/** Opens it. Rejects with AppError `store.cannot-open` when there is none, or one of another version of Brusio. */
export async function openForReading(place: DatabasePlace, clock: Clock): Promise<Connection> {
  const connection = place.url === null ? openFile(place) : await openSession(place, clock);
  try {
    const [row] = (await connection.execute(versionSql(connection))).rows;
    const taken = Number(row?.version ?? 0);
    const known = migrations(connection.kind).length;
    if (taken !== known)
      throw cannotOpen(`the database has schema version ${taken}, this Brusio reads ${known}: start that one first`);
    return connection;
  } catch (thrown) {
    await connection.close();
    if (thrown instanceof AppError) throw thrown;
    throw cannotOpen(`the database cannot be read: ${describeError(thrown)}`, thrown);
  }
}

function versionSql({ kind }: Connection): string {
  return kind === 'sqlite'
    ? 'SELECT user_version AS version FROM pragma_user_version'
    : 'SELECT version FROM brusio_schema';
}

function openFile({ dataDir, busyTimeoutMs }: DatabasePlace): Connection {
  const path = join(dataDir, DATABASE_FILE);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) throw cannotOpen(`there is no ${path}`);
  try {
    return sqliteConnection(new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs }));
  } catch (thrown) {
    throw cannotOpen(`${path} cannot be opened: ${describeError(thrown)}`, thrown);
  }
}

async function openSession(place: DatabasePlace, clock: Clock): Promise<Connection> {
  const { joinDatabase } = await import('../open-database.ts');
  const database = await joinDatabase(place, 'verify', clock);
  const connection = await database.connection();
  await connection.execute('SET default_transaction_read_only = on');
  return connection;
}
