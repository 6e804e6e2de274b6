/** What the database of a stopped Brusio says, read as anybody could. */
import { DatabaseSync } from 'node:sqlite';

/** What is compared with what the peers saw. */
export type DatabaseRows = {
  /** `PRAGMA integrity_check`; `ok` when it is. */
  readonly integrity: string;
  /** Ids of all calls with an outcome; each once, by its primary key. */
  readonly outcomes: readonly string[];
  /** Calls and dialogs in the journal: none after all calls are over. */
  readonly open: number;
};

/** Reads it. Throws when the file is no database. */
export function readDatabase(path: string): DatabaseRows {
  return reading(path, (db) => ({
    integrity: String(db.prepare('PRAGMA integrity_check').get()?.integrity_check),
    outcomes: db
      .prepare('SELECT call_id FROM outcomes')
      .all()
      .map((row) => String(row.call_id)),
    open: count(db, 'SELECT (SELECT count(*) FROM open_calls) + (SELECT count(*) FROM open_dialogs) AS n'),
  }));
}

/** Webhooks that have not been delivered. */
export function undelivered(path: string): number {
  return reading(path, (db) => count(db, 'SELECT count(*) AS n FROM webhooks WHERE delivered_at_ms IS NULL'));
}

function reading<T>(path: string, read: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

function count(db: DatabaseSync, sql: string): number {
  return Number(db.prepare(sql).get()?.n);
}
