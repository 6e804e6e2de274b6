/** Looks at a PostgreSQL as Brusio would use it, and changes nothing. */
import type { Clock } from '../../base/clock.ts';
import { migrations } from '../migrations.ts';
import { openSession, POSTGRESQL_MIN, readSchemaVersion } from './postgresql-database.ts';
import { isProcessNameFree } from './process-lock.ts';

/** What was found. */
export type PostgresqlReport = {
  /** Major version, such as 15, and the oldest that will do. */
  readonly version: number;
  readonly versionMin: number;
  /** `server_encoding`; UTF8 is needed. */
  readonly encoding: string;
  readonly isStandby: boolean;
  /** Steps of the schema that the database has taken (null: none yet), and that this Brusio knows. */
  readonly schemaVersion: number | null;
  readonly schemaVersionKnown: number;
  /** Whether we may make tables there. */
  readonly mayCreate: boolean;
  /** Whether no running process has this name. */
  readonly isNameFree: boolean;
  /** Settings of the server without which a power cut loses what was committed, where they are off. */
  readonly unsafeSettings: readonly string[];
  /** The server's clock less ours, ms; right to half the round trip. */
  readonly clockAheadMs: number;
  /** One question and its answer, ms. */
  readonly roundTripMs: number;
};

/** `process`: the name that is asked for. Rejects with AppError `store.cannot-open` when there is no session to be had. */
export async function inspectPostgresql(
  place: Parameters<typeof openSession>[0],
  clock: Clock,
): Promise<PostgresqlReport> {
  const connection = await openSession(place, 'inspect', clock);
  try {
    const { rows } = await connection.execute(`
      SELECT current_setting('server_version_num')::int / 10000 AS version, current_setting('server_encoding') AS encoding,
             pg_is_in_recovery() AS standby, has_schema_privilege(current_schema(), 'CREATE') AS may_create`);
    const unsafe = await connection.execute(
      "SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off' ORDER BY name",
    );
    const askedAt = clock.now();
    const told = await connection.execute('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now');
    const roundTripMs = clock.monotonicMs() - askedAt.monotonicMs;
    return {
      version: Number(rows[0]?.version),
      versionMin: POSTGRESQL_MIN,
      encoding: String(rows[0]?.encoding),
      isStandby: rows[0]?.standby === true,
      schemaVersion: await readSchemaVersion(connection),
      schemaVersionKnown: migrations('postgresql').length,
      mayCreate: rows[0]?.may_create === true,
      isNameFree: await isProcessNameFree(connection, place.process),
      unsafeSettings: unsafe.rows.map(({ name }) => String(name)),
      clockAheadMs: Number(told.rows[0]?.now) - (askedAt.wallMs + roundTripMs / 2),
      roundTripMs,
    };
  } finally {
    await connection.close();
  }
}
