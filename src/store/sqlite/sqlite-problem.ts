/**
 * Whose fault a failed statement is. A full or broken disk, or another program's lock, concerns everything that waits
 * and may pass; a broken constraint concerns one entry, is our bug, and would fail again for ever.
 */
import type { Fault } from '../connection.ts';

/** Primary result codes (https://www.sqlite.org/rescode.html) that blame the entry, not the world. */
const ENTRY_AT_FAULT = new Set([
  18, // SQLITE_TOOBIG
  19, // SQLITE_CONSTRAINT
  20, // SQLITE_MISMATCH
  21, // SQLITE_MISUSE
  25, // SQLITE_RANGE
]);

/** Result codes after which the connection itself is not to be trusted: a fresh one may work when the cause is gone. */
const CONNECTION_AT_FAULT = new Set([
  8, // SQLITE_READONLY
  10, // SQLITE_IOERR
  11, // SQLITE_CORRUPT
  14, // SQLITE_CANTOPEN
  26, // SQLITE_NOTADB
]);

/** SQLITE_BUSY: another connection holds the lock. */
export const SQLITE_BUSY = 5;
/** SQLITE_NOTADB: the file is something else. */
export const SQLITE_NOTADB = 26;

/** SQLite's primary result code (the low octet of the extended one), or null when SQLite did not throw this. */
export function sqliteCode(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return null;
  return thrown.errcode & 0xff;
}

/**
 * Whose fault it is. `entry`: also whatever is not SQLite's (a value that cannot be bound). `connection`: the database is to
 * be opened anew before the next attempt.
 */
export function faultOf(thrown: unknown): Fault {
  const code = sqliteCode(thrown);
  if (code === null || ENTRY_AT_FAULT.has(code)) return 'entry';
  return CONNECTION_AT_FAULT.has(code) ? 'connection' : 'world';
}
