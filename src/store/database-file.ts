/**
 * The database on the disk: found or created, locked for this process, brought to the present schema.
 *
 * The lock is a second, empty SQLite file held in an exclusive transaction: the kernel frees it with the process,
 * however that ends. The database itself stays open to readers (`brusio report`, the sqlite3 shell, a backup).
 */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError, describeError } from '../base/errors.ts';
import { migrations } from './migrations.ts';
import { SQLITE_BUSY, SQLITE_NOTADB, sqliteCode } from './sqlite-problem.ts';

/** File name of the database in the data folder. */
export const DATABASE_FILE = 'brusio.db';
/** File name of the lock in the data folder; it stays, empty, when the process is gone. */
export const LOCK_FILE = 'brusio.lock';

/** An open database that no other Brusio process has. */
export type DatabaseFile = {
  /** The present connection; another one after `reopen`. */
  db(): DatabaseSync;
  /** False when the file was moved, deleted or replaced under us: writes would go to a file nobody can find. */
  isInPlace(): boolean;
  /** Closes the connection and opens the same file again; throws AppError `store.cannot-open`. */
  reopen(): void;
  /** Closes both files, which writes the WAL back and frees the lock. */
  close(): void;
};

/**
 * Opens or creates the database in `dataDir` (mode 0700 when created; its files 0600). Throws AppError
 * `store.cannot-open` with a plain message.
 */
export function openDatabaseFile(dataDir: string, busyTimeoutMs: number): DatabaseFile {
  const path = join(dataDir, DATABASE_FILE);
  makeFolder(dataDir);
  const lock = takeLock(dataDir);
  let db: DatabaseSync;
  try {
    makePrivateFile(path);
    db = openAndMigrate(path, busyTimeoutMs);
  } catch (thrown) {
    lock.close();
    throw thrown;
  }
  const inode = statSync(path).ino;
  const isInPlace = () => statSync(path, { throwIfNoEntry: false })?.ino === inode;

  return {
    db: () => db,
    isInPlace,
    reopen() {
      if (!isInPlace()) throw cannotOpen(`${path} was moved, deleted or replaced`);
      if (db.isOpen) db.close();
      db = openAndMigrate(path, busyTimeoutMs);
    },
    close() {
      if (db.isOpen) db.close();
      lock.close();
    },
  };
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

function openAndMigrate(path: string, busyTimeoutMs: number): DatabaseSync {
  let db: DatabaseSync | null = null;
  try {
    db = new DatabaseSync(path, { timeout: busyTimeoutMs });
    // FULL: a commit is on the disk when it returns, also in WAL mode.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    migrate(db, path);
    return db;
  } catch (thrown) {
    if (db?.isOpen) db.close();
    if (thrown instanceof AppError) throw thrown;
    const code = sqliteCode(thrown);
    if (code === SQLITE_NOTADB) throw cannotOpen(`${path} is not a SQLite database`, thrown);
    if (code === SQLITE_BUSY) throw cannotOpen(`${path} is locked by another program`, thrown);
    throw cannotOpen(`${path} cannot be opened: ${describeError(thrown)}`, thrown);
  }
}

function migrate(db: DatabaseSync, path: string): void {
  const taken = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (taken > migrations.length) {
    throw cannotOpen(`${path} has schema version ${taken}, this Brusio knows up to ${migrations.length}: it is older`);
  }
  if (taken === 0 && db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined) {
    throw cannotOpen(`${path} is a database of another program`);
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < taken) continue;
    // One transaction a step: a crash in the middle leaves the step before it.
    db.exec('BEGIN IMMEDIATE');
    try {
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${index + 1}`);
      db.exec('COMMIT');
    } catch (thrown) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw thrown;
    }
  }
}

function cannotOpen(message: string, cause?: unknown): AppError {
  return new AppError('store.cannot-open', message, { cause });
}
