/** The ruling thread's own connection, made ready for rulings. */
import type { Connection } from '../connection.ts';
import { reservationsTable } from '../migrations.ts';

/**
 * Once for each new connection. SQLite: the table of calls in flight is in memory, since one process has the file.
 * PostgreSQL: reservations need no disk; after a crash of the server each process makes its own anew.
 */
export async function prepareForRulings(connection: Connection): Promise<void> {
  if (connection.kind === 'postgresql') await connection.execute('SET synchronous_commit = off');
  else await connection.execute(`ATTACH ':memory:' AS inflight; ${reservationsTable('sqlite', 'inflight')}`);
}
