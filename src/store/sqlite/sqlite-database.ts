/**
 * The database on the disk: found or created, locked for this process, brought to the present schema.
 *
 * The lock is a second, empty SQLite file held in an exclusive transaction: the kernel frees it with the process,
 * however that ends. The database itself stays open to readers (`brusio report`, the sqlite3 shell, a backup).
 */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, describeError } from '../../base/errors.ts';
import type { Connection } from '../connection.ts';
import { cannotOpen, type Database } from '../database.ts';
import { migrate } from '../migrate.ts';
import { query, text } from '../query.ts';
import { sqliteConnection } from './sqlite-connection.ts';
import { SQLITE_BUSY, SQLITE_NOTADB, sqliteCode } from './sqlite-problem.ts';

/** File name of the database in the data folder. */
export const DATABASE_FILE = 'brusio.db';
/** File name of the lock in the data folder; it stays, empty, when the process is gone. */
export const LOCK_FILE = 'brusio.lock';

/** What is opened. */
export type SqlitePlace = {
  /** Folder of the database; made with mode 0700 when it is not there, its files 0600. */
  readonly dataDir: string;
  /** How long a commit waits for another program's lock, ms. */
  readonly busyTimeoutMs: number;
  /** Name of this process; what another name left open in this file is this process's as well, since the file is. */
  readonly process: string;
};

/** Opens or creates the database, for this process alone. Rejects with AppError `store.cannot-open`. */
export async function openSqliteDatabase({ dataDir, busyTimeoutMs, process }: SqlitePlace): Promise<Database> {
  const path = join(dataDir, DATABASE_FILE);
  makeFolder(dataDir);
  const lock = takeLock(dataDir);
  let connection: Connection;
  try {
    makePrivateFile(path);
    connection = await openFile(path, busyTimeoutMs);
    await takeOver(connection, process);
  } catch (thrown) {
    lock.close();
    throw thrown;
  }
  const inode = statSync(path).ino;
  let suspected = false;

  return {
    async connection() {
      // Writes to a file that was moved away would go where nobody can find them.
      if (statSync(path, { throwIfNoEntry: false })?.ino !== inode)
        throw cannotOpen('the database file was moved, deleted or replaced');
      if (suspected) {
        await connection.close();
        connection = await openFile(path, busyTimeoutMs);
        suspected = false;
      }
      return connection;
    },
    suspect() {
      suspected = true;
    },
    async close() {
      // Writes the WAL back.
      await connection.close();
      lock.close();
    },
  };
}

/** Another connection of this process to the database that {@link openSqliteDatabase} has open. */
export function joinSqliteDatabase({ dataDir, busyTimeoutMs }: Omit<SqlitePlace, 'process'>): Database {
  const path = join(dataDir, DATABASE_FILE);
  const open = (): Connection => {
    try {
      return sqliteConnection(connect(path, busyTimeoutMs));
    } catch (thrown) {
      throw cannotOpen(`${path} cannot be opened: ${describeError(thrown)}`, thrown);
    }
  };
  let current: Connection | null = open();
  return {
    async connection() {
      current ??= open();
      return current;
    },
    suspect() {
      current?.close();
      current = null;
    },
    async close() {
      await current?.close();
      current = null;
    },
  };
}

function connect(path: string, busyTimeoutMs: number): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    // FULL: a commit is on the disk when it returns, also in WAL mode. A number that was dropped leaves no octets behind.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;');
    return db;
  } catch (thrown) {
    db.close();
    throw thrown;
  }
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw cannotOpen(`the data folder ${dataDir} cannot be created: ${describeError(thrown)}`, thrown);
  }
}

/** Creates the file before SQLite does, so that numbers are at no moment readable by others; WAL files follow it. */
function makePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
  } catch (thrown) {
    throw cannotOpen(`${path} cannot be written: ${describeError(thrown)}`, thrown);
  }
}

function takeLock(dataDir: string): DatabaseSync {
  const path = join(dataDir, LOCK_FILE);
  makePrivateFile(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (thrown) {
    lock.close();
    throw sqliteCode(thrown) === SQLITE_BUSY
      ? cannotOpen(`another Brusio process is using the data folder ${dataDir}`, thrown)
      : cannotOpen(`${path} cannot be locked: ${describeError(thrown)}`, thrown);
  }
}

async function openFile(path: string, busyTimeoutMs: number): Promise<Connection> {
  let connection: Connection | null = null;
  try {
    const db = connect(path, busyTimeoutMs);
    connection = sqliteConnection(db);
    await migrate(connection, schemaVersion(db, path), path);
    return connection;
  } catch (thrown) {
    await connection?.close();
    if (thrown instanceof AppError) throw thrown;
    const code = sqliteCode(thrown);
    if (code === SQLITE_NOTADB) throw cannotOpen(`${path} is not a SQLite database`, thrown);
    if (code === SQLITE_BUSY) throw cannotOpen(`${path} is locked by another program`, thrown);
    throw cannotOpen(`${path} cannot be opened: ${describeError(thrown)}`, thrown);
  }
}

function schemaVersion(db: DatabaseSync, path: string) {
  return {
    async read() {
      const taken = Number(db.prepare('PRAGMA user_version').get()?.user_version);
      if (taken === 0 && db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined)
        throw cannotOpen(`${path} is a database of another program`);
      return taken;
    },
    async write(version: number) {
      db.exec(`PRAGMA user_version = ${version}`);
    },
  };
}

const renameCalls = query({ process: text }, (db, { process }) =>
  db.updateTable('open_calls').set({ process }).where('process', '<>', process),
);
const renameWebhooks = query({ process: text }, (db, { process }) =>
  db
    .updateTable('webhooks')
    .set({ process })
    .where('process', '<>', process)
    .where('delivered_at_ms', 'is', null)
    .where('dead_at_ms', 'is', null),
);

async function takeOver(connection: Connection, process: string): Promise<void> {
  await connection.transaction(async () => {
    await connection.run(renameCalls, { process });
    await connection.run(renameWebhooks, { process });
  });
}
