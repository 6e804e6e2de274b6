/** Whose fault a failed PostgreSQL query is, by its SQLSTATE (PostgreSQL's manual, appendix A). */
import { DatabaseError } from 'pg';
import type { Fault } from '../connection.ts';

/** Classes that blame the values: data exceptions, broken constraints, rows too large for an index. */
const ENTRY_CLASSES = new Set(['22', '23', '54']);
/**
 * Classes and codes after which another connection may do better: it is gone or the server is going, it is a standby since a
 * failover, what was prepared on it is gone, or the schema is no longer the one that it was opened on (42: the next one says so).
 */
const CONNECTION_CLASSES = new Set(['08', '42', 'XX']);
const CONNECTION_CODES = new Set([
  '0A000', // feature_not_supported: "cached plan must not change result type"
  '25006', // read_only_sql_transaction
  '25P03', // idle_in_transaction_session_timeout
  '26000', // invalid_sql_statement_name
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
]);

/**
 * For a connection that still stands; of what is not PostgreSQL's own error only the values can be the cause then. All other
 * SQLSTATEs (a full disk, locks, deadlocks, too many sessions) may pass, and cost nobody an entry.
 */
export function faultOf(thrown: unknown): Fault {
  if (!(thrown instanceof DatabaseError) || thrown.code === undefined) return 'entry';
  const sqlClass = thrown.code.slice(0, 2);
  if (ENTRY_CLASSES.has(sqlClass)) return 'entry';
  return CONNECTION_CLASSES.has(sqlClass) || CONNECTION_CODES.has(thrown.code) ? 'connection' : 'world';
}
