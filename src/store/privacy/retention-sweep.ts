/**
 * Drops what has been kept long enough, some rows at a time: the numbers of calls, webhooks that are done with, and locks that
 * ended by the clock (United Kingdom). Locks that wait for an agent have no end, and are lifted by one alone.
 */
import { sql } from 'kysely';
import type { RetentionLimits, Swept } from '../../guard/privacy-port.ts';
import type { Connection } from '../connection.ts';
import { integer, query } from '../query.ts';

/**
 * Rows of each kind in one batch: with `secure_delete` some 20 ms, for which no group is committed.
 */
export const SWEEP_ROWS_MAX = 1_000;

const deleteNumbers = query({ before: integer, most: integer }, (db, { before, most }) =>
  db
    .deleteFrom('call_numbers')
    .where('call_id', 'in', (eb) =>
      eb.selectFrom('call_numbers').select('call_id').where('at_ms', '<', before).orderBy('at_ms').limit(most),
    ),
);

/** Delivered or given up; what still waits after so long is left for the dispatcher. */
const deleteWebhooks = query({ before: integer, most: integer }, (db, { before, most }) =>
  db
    .deleteFrom('webhooks')
    .where('seq', 'in', (eb) =>
      eb
        .selectFrom('webhooks')
        .select('seq')
        .where('created_at_ms', '<', before)
        .where(sql<boolean>`coalesce(delivered_at_ms, dead_at_ms) is not null`)
        .orderBy('created_at_ms')
        .limit(most),
    ),
);

/** `verify-ledger` misses none of these: the ledger says when they ended. */
const deleteEndedLocks = query({ before: integer, most: integer }, (db, { before, most }) =>
  db.deleteFrom('recall_locks').where(({ eb, refTuple, selectFrom }) =>
    eb(
      refTuple('scope', 'digest', 'call_id'),
      'in',
      selectFrom('recall_locks')
        .select(['scope', 'digest', 'call_id'])
        // In the words of its partial index.
        .where(sql<boolean>`"after" = 'free'`)
        .where('until_ms', '<', before)
        .orderBy('until_ms')
        .limit(most)
        .$asTuple('scope', 'digest', 'call_id'),
    ),
  ),
);

/** One batch, within the caller's transaction. */
export async function sweepBatch(connection: Connection, limits: RetentionLimits): Promise<Swept> {
  const most = SWEEP_ROWS_MAX;
  const numbers = await connection.run(deleteNumbers, { before: limits.numbersBefore, most });
  const webhooks = await connection.run(deleteWebhooks, { before: limits.webhooksBefore, most });
  const locks = await connection.run(deleteEndedLocks, { before: limits.locksBefore, most });
  return { numbers, webhooks, locks, more: [numbers, webhooks, locks].includes(most) };
}
