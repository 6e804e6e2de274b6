/** The database as a command uses it, beside a running Brusio or without one. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { cannotOpen, type Database } from './database.ts';
import type { DatabasePlace } from './database-place.ts';
import { migrations } from './migrations.ts';
import { joinDatabase, openDatabase } from './open-database.ts';
import { DATABASE_FILE } from './sqlite/sqlite-database.ts';

/**
 * Sees to it that the database is there and at this program's schema: made or brought forward if nobody else has it; refused
 * when a running Brusio of another version has. Afterwards `joinDatabase` gives connections to it. Rejects with AppError
 * `store.cannot-open`.
 */
export async function visitDatabase(place: DatabasePlace, clock: Clock): Promise<void> {
  const known = migrations(place.url === null ? 'sqlite' : 'postgresql').length;
  const taken = await schemaVersionOf(place, clock);
  if (taken > known) {
    throw cannotOpen(`the database has schema version ${taken}, this Brusio knows up to ${known}: it is older`);
  }
  if (taken === known) return;
  // On PostgreSQL under a name of our own: the settings' name may belong to a Brusio that runs.
  const name = place.url === null ? place.process : `visit-${place.run}`;
  await (await openDatabase({ ...place, process: name }, clock)).close();
}

/** 0: there is none. */
async function schemaVersionOf(place: DatabasePlace, clock: Clock): Promise<number> {
  // Joining would make an empty file.
  if (place.url === null && !existsSync(join(place.dataDir, DATABASE_FILE))) return 0;
  const database: Database = await joinDatabase(place, 'visit', clock);
  try {
    const connection = await database.connection();
    if (connection.kind === 'postgresql') {
      const { readSchemaVersion } = await import('./postgresql/postgresql-database.ts');
      return (await readSchemaVersion(connection)) ?? 0;
    }
    const { rows } = await connection.execute('PRAGMA user_version');
    return Number(rows[0]?.user_version);
  } finally {
    await database.close();
  }
}
