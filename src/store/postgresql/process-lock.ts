/**
 * Keeps two processes of one name off one database: an advisory lock that lives as long as the session that took it. A
 * session whose network was cut may live on in the server, and would keep its own successor out: it is ended.
 */
import { createHash } from 'node:crypto';
import type { Connection } from '../connection.ts';
import { cannotOpen } from '../database.ts';

/** How long a session of ours that is no more may take to end, ms. */
const END_MS = 2_000;

/** The lock's key: 64 bits of the name's SHA-256, as a decimal number. */
export function lockKeyOf(purpose: string): string {
  return lockKey(purpose).readBigInt64BE().toString();
}

function lockKey(purpose: string): Buffer {
  return createHash('sha256').update(`brusio ${purpose}`).digest();
}

/** Takes the lock of `process` for this session; rejects with AppError `store.cannot-open` when another process has it. */
export async function takeProcessLock(connection: Connection, process: string, applicationName: string): Promise<void> {
  if (await tryLock(connection, process)) return;
  // The name has this very program's own random part: nobody else's session has it.
  const own = await connection.execute(
    'SELECT pg_terminate_backend(pid, $2::bigint) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()',
    [applicationName, END_MS],
  );
  if (await tryLock(connection, process)) return;
  if (own.rows.length > 0) throw cannotOpen('PostgreSQL has not ended our lost session yet');
  throw cannotOpen(
    `another Brusio process is "${process}" on this database: each needs a name of its own (database.process)`,
  );
}

/** Whether nobody has the name at the moment. */
export async function isProcessNameFree(connection: Connection, process: string): Promise<boolean> {
  const key = lockKey(`process ${process}`);
  // A key of 64 bits stands in two columns of 32 (PostgreSQL's manual, pg_locks).
  const { rows } = await connection.execute(
    `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND classid = $1::bigint::oid AND objid = $2::bigint::oid
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [key.readUInt32BE(0), key.readUInt32BE(4)],
  );
  return rows.length === 0;
}

async function tryLock(connection: Connection, process: string): Promise<boolean> {
  const { rows } = await connection.execute('SELECT pg_try_advisory_lock($1::bigint) AS taken', [
    lockKeyOf(`process ${process}`),
  ]);
  return rows[0]?.taken === true;
}
