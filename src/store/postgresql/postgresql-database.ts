/** The database on a PostgreSQL server, which several Brusio processes may share. */
import { type Clock, elapsedMs, type MonotonicMs } from '../../base/clock.ts';
import { AppError, describeError } from '../../base/errors.ts';
import type { Connection } from '../connection.ts';
import { cannotOpen, type Database } from '../database.ts';
import { migrate, type SchemaVersion } from '../migrate.ts';
import { connectToPostgresql, type PostgresqlConnection } from './postgresql-connection.ts';
import { lockKeyOf, takeProcessLock } from './process-lock.ts';

/** The oldest that has all we use (`pg_terminate_backend` with a time to wait). */
export const POSTGRESQL_MIN = 14;

/** What is opened. */
export type PostgresqlPlace = {
  /** `postgres://…` */
  readonly url: string;
  /** Name of this process, and whatever tells this run of it from every other. */
  readonly process: string;
  readonly run: string;
  readonly connectTimeoutMs: number;
  /** See `SessionOptions`. */
  readonly answerTimeoutMs: number;
};

/** A row that another process has locked for so long is left for the next attempt. */
const LOCK_TIMEOUT = "SET lock_timeout = '5s';";

/**
 * For every session of ours. Our look-ups go by an index, also while a new table has no statistics yet. Where there is none the
 * planner takes a scan of ten rows for the dearest there is (PostgreSQL 17 and before), and would compile it each time, in some
 * ten milliseconds. What is left of a session that was cut off keeps its rows locked for a moment only.
 */
const SESSION = `
  SET standard_conforming_strings = on;
  SET default_transaction_isolation = 'read committed';
  SET enable_seqscan = off;
  SET jit = off;
  ${LOCK_TIMEOUT}
  SET idle_in_transaction_session_timeout = '10s';
  SELECT set_config(name, wanted, false) FROM (VALUES
    ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3')) AS s (name, wanted);
  -- A commit is on the disk when it returns, whatever the server's default.
  SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
`;

/**
 * Opens the database for the process that writes to it: takes its name, brings the schema forward. A lost connection is
 * replaced, and the name taken again. Rejects with AppError `store.cannot-open`.
 */
export function openPostgresqlDatabase(place: PostgresqlPlace, clock: Clock): Promise<Database> {
  const applicationName = applicationNameOf('writer', place);
  return reconnecting(async () => {
    const connection = await connect(place, applicationName, clock);
    return closedOnError(connection, async () => {
      await checkServer(connection);
      await takeProcessLock(connection, place.process, applicationName);
      await migrateAlone(connection, place.answerTimeoutMs);
    });
  }, clock);
}

/** Another connection of this process, beside the one that writes; `role` names it in `pg_stat_activity`. */
export function joinPostgresqlDatabase(place: PostgresqlPlace, role: string, clock: Clock): Promise<Database> {
  return reconnecting(() => openSession(place, role, clock), clock);
}

/** One session beside all others, which is not replaced when it is lost. Rejects with AppError `store.cannot-open`. */
export function openSession(place: PostgresqlPlace, role: string, clock: Clock): Promise<PostgresqlConnection> {
  return connect(place, applicationNameOf(role, place), clock);
}

/** PostgreSQL cuts it at 63 octets; what tells runs apart comes first. */
function applicationNameOf(role: string, { process, run }: PostgresqlPlace): string {
  return `brusio ${role} ${run} ${process}`.slice(0, 63);
}

/** After a session could not be opened, what is asked within so long is told the same, and does not try again, ms. */
const RECONNECT_PAUSE_MS = 50;

async function reconnecting(open: () => Promise<PostgresqlConnection>, clock: Clock): Promise<Database> {
  let current: PostgresqlConnection | null = await open();
  let failed: { readonly thrown: unknown; readonly at: MonotonicMs } | null = null;

  async function reopen(): Promise<PostgresqlConnection> {
    if (failed !== null && elapsedMs(failed.at, clock.monotonicMs()) < RECONNECT_PAUSE_MS) throw failed.thrown;
    try {
      return await open();
    } catch (thrown) {
      failed = { thrown, at: clock.monotonicMs() };
      throw thrown;
    }
  }

  /** Its session may be there still, with our name: what takes the name next ends it. */
  function leave(): void {
    current?.close();
    current = null;
  }

  return {
    async connection() {
      if (current?.isLost()) leave();
      current ??= await reopen();
      return current;
    },
    suspect: leave,
    async close() {
      await current?.close();
      current = null;
    },
  };
}

async function connect(place: PostgresqlPlace, applicationName: string, clock: Clock): Promise<PostgresqlConnection> {
  let connection: PostgresqlConnection;
  try {
    connection = await connectToPostgresql({ ...place, applicationName, clock });
  } catch (thrown) {
    throw cannotOpen(`PostgreSQL cannot be reached: ${whyNot(thrown)}`, thrown);
  }
  return closedOnError(connection, async () => {
    await connection.execute(SESSION);
  });
}

/** A name with several addresses fails with one error for each, and none in words of its own. */
function whyNot(thrown: unknown): string {
  return thrown instanceof AggregateError ? thrown.errors.map(describeError).join('; ') : describeError(thrown);
}

async function closedOnError<C extends Connection>(connection: C, prepare: () => Promise<void>): Promise<C> {
  try {
    await prepare();
    return connection;
  } catch (thrown) {
    await connection.close();
    if (thrown instanceof AppError) throw thrown;
    throw cannotOpen(`the PostgreSQL database cannot be used: ${describeError(thrown)}`, thrown);
  }
}

/** What the server must be. Rejects with AppError `store.cannot-open`. */
async function checkServer(connection: Connection): Promise<void> {
  const { rows } = await connection.execute(`
    SELECT current_setting('server_version_num')::int / 10000 AS version, current_setting('server_encoding') AS encoding,
           pg_is_in_recovery() AS standby`);
  const { version, encoding, standby } = rows[0] ?? {};
  if (Number(version) < POSTGRESQL_MIN)
    throw cannotOpen(`PostgreSQL ${version} is too old: ${POSTGRESQL_MIN} or later is needed`);
  if (encoding !== 'UTF8') throw cannotOpen(`the PostgreSQL database has the encoding ${encoding}, UTF8 is needed`);
  if (standby === true) throw cannotOpen('this PostgreSQL server is a standby, which cannot be written to');
}

/** Processes that start together bring the schema forward one after the other, however long that takes. */
async function migrateAlone(connection: PostgresqlConnection, answerTimeoutMs: number): Promise<void> {
  const key = lockKeyOf('schema');
  connection.waitForAnswers(Number.POSITIVE_INFINITY);
  await connection.execute('SET lock_timeout = 0');
  await connection.execute('SELECT pg_advisory_lock($1::bigint)', [key]);
  await connection.execute('CREATE TABLE IF NOT EXISTS brusio_schema (version BIGINT NOT NULL)');
  await migrate(connection, schemaVersion(connection), 'the PostgreSQL database');
  await connection.execute('SELECT pg_advisory_unlock($1::bigint)', [key]);
  await connection.execute(LOCK_TIMEOUT);
  connection.waitForAnswers(answerTimeoutMs);
}

/** How far the schema is; null: there is none yet. */
export async function readSchemaVersion(connection: Connection): Promise<number | null> {
  const there = await connection.execute("SELECT to_regclass('brusio_schema') IS NOT NULL AS there");
  if (there.rows[0]?.there !== true) return null;
  const { rows } = await connection.execute('SELECT coalesce(max(version), 0) AS version FROM brusio_schema');
  return Number(rows[0]?.version);
}

function schemaVersion(connection: Connection): SchemaVersion {
  return {
    read: async () => (await readSchemaVersion(connection)) ?? 0,
    async write(version) {
      await connection.execute(`DELETE FROM brusio_schema; INSERT INTO brusio_schema VALUES (${version})`);
    },
  };
}
