/** Opens the database that the settings name; only the code of that one is loaded. */
import type { Clock } from '../base/clock.ts';
import type { Database } from './database.ts';
import type { DatabasePlace } from './database-place.ts';

/**
 * For the one thread that writes: makes the database where there is none, brings its schema forward, and keeps other
 * processes of this name (SQLite: all others) away from it. Rejects with AppError `store.cannot-open`.
 */
export async function openDatabase(place: DatabasePlace, clock: Clock): Promise<Database> {
  const { url } = place;
  if (url === null) return (await import('./sqlite/sqlite-database.ts')).openSqliteDatabase(place);
  return (await import('./postgresql/postgresql-database.ts')).openPostgresqlDatabase({ ...place, url }, clock);
}

/**
 * For another thread, once the first has opened it: its own connection, statements and transactions. `role`: one lower-case
 * word that names it in PostgreSQL's `pg_stat_activity`. Rejects with AppError `store.cannot-open`.
 */
export async function joinDatabase(place: DatabasePlace, role: string, clock: Clock): Promise<Database> {
  const { url } = place;
  if (url === null) return (await import('./sqlite/sqlite-database.ts')).joinSqliteDatabase(place);
  return (await import('./postgresql/postgresql-database.ts')).joinPostgresqlDatabase({ ...place, url }, role, clock);
}
