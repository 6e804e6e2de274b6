/** Drops what has been kept long enough, some rows at a time: the numbers of calls, and webhooks that are done with. */
import { sql } from 'kysely';
import type { RetentionLimits, Swept } from '../../guard/privacy-port.ts';
import type { Connection } from '../connection.ts';
import { integer, query } from '../query.ts';

/**
 * Rows of either kind in one batch: with `secure_delete` some 20 ms, for which no group is committed.
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

/** One batch, within the caller's transaction. */
export async function sweepBatch(connection: Connection, limits: RetentionLimits): Promise<Swept> {
  const most = SWEEP_ROWS_MAX;
  const numbers = await connection.run(deleteNumbers, { before: limits.numbersBefore, most });
  const webhooks = await connection.run(deleteWebhooks, { before: limits.webhooksBefore, most });
  return { numbers, webhooks, more: numbers === most || webhooks === most };
}
