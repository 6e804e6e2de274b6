/** One transaction for everything that arrived while the last one was on its way to the disk. */
import type { DatabaseSync } from 'node:sqlite';
import { describeError } from '../base/errors.ts';
import { isEntryAtFault } from './sqlite-problem.ts';
import type { Statements } from './statements.ts';
import type { StoreWrite } from './store-message.ts';

/** An entry that can never be written, by its place in the group. */
export type RejectedEntry = { readonly index: number; readonly problem: string };

/**
 * Commits the group and returns the entries that could not be part of it because they are wrong themselves. Throws
 * SQLite's error, with nothing committed, when the disk or another program is in the way.
 */
export function commitGroup(
  db: DatabaseSync,
  statements: Statements,
  group: readonly StoreWrite[],
): readonly RejectedEntry[] {
  try {
    inTransaction(db, () => {
      for (const change of group) statements.write(change);
    });
    return [];
  } catch (thrown) {
    if (!isEntryAtFault(thrown)) throw thrown;
  }
  // One entry is poisoned: once more, each under a savepoint of its own, so that only the wrong ones are left out.
  const rejected: RejectedEntry[] = [];
  inTransaction(db, () => {
    for (const [index, change] of group.entries()) {
      db.exec('SAVEPOINT entry');
      try {
        statements.write(change);
      } catch (thrown) {
        if (!isEntryAtFault(thrown)) throw thrown;
        db.exec('ROLLBACK TO entry');
        rejected.push({ index, problem: describeError(thrown) });
      }
      db.exec('RELEASE entry');
    }
  });
  return rejected;
}

function inTransaction(db: DatabaseSync, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (thrown) {
    // SQLite rolls back by itself after some errors (FULL, IOERR); a second ROLLBACK would hide the first problem.
    if (db.isTransaction) db.exec('ROLLBACK');
    throw thrown;
  }
}
