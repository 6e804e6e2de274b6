/** Brings a database to the present schema. */
import type { Connection } from './connection.ts';
import { cannotOpen } from './database.ts';
import { migrations } from './migrations.ts';

/** How each database keeps the number of steps it has taken. */
export type SchemaVersion = {
  /** Steps taken so far; 0 for an empty database. Rejects with AppError `store.cannot-open` for another program's. */
  read(): Promise<number>;
  /** Within the step's transaction. */
  write(version: number): Promise<void>;
};

/** `place` names the database in messages. Rejects with AppError `store.cannot-open` when a newer Brusio wrote it. */
export async function migrate(connection: Connection, version: SchemaVersion, place: string): Promise<void> {
  const steps = migrations(connection.kind);
  const taken = await version.read();
  if (taken > steps.length)
    throw cannotOpen(`${place} has schema version ${taken}, this Brusio knows up to ${steps.length}: it is older`);
  for (const [index, sql] of steps.entries()) {
    if (index < taken) continue;
    // One transaction a step: a crash in the middle leaves the step before it.
    await connection.transaction(async () => {
      // Another process may have come first.
      if ((await version.read()) > index) return;
      await connection.execute(sql);
      await version.write(index + 1);
    });
  }
}
