/** The SQL of the outbox. */
import type { ExpressionBuilder } from 'kysely';
import { integer, query, text } from './query.ts';
import type { Schema } from './schema.ts';

/** One webhook that waits, due at once. */
export const insertWebhook = query(
  { id: text, process: text, callId: text, type: text, endpoint: text, body: text, at: integer },
  (db, { id, process, callId, type, endpoint, body, at }) =>
    db.insertInto('webhooks').values({
      id,
      process,
      call_id: callId,
      type,
      endpoint,
      body,
      next_attempt_at_ms: at,
      created_at_ms: at,
    }),
);

/** Delivered, for good. */
export const markDelivered = query({ id: text, at: integer }, (db, { id, at }) =>
  db
    .updateTable('webhooks')
    .set((eb) => ({ delivered_at_ms: at, attempts: eb('attempts', '+', 1) }))
    .where('id', '=', id)
    .where('delivered_at_ms', 'is', null),
);

/** To be tried again at `next`. The same `next` twice is the same attempt: it is counted once. */
export const markFailed = query({ id: text, next: integer, problem: text }, (db, { id, next, problem }) =>
  db
    .updateTable('webhooks')
    .set((eb) => ({ next_attempt_at_ms: next, problem, attempts: eb('attempts', '+', 1) }))
    .where('id', '=', id)
    .where('next_attempt_at_ms', '<>', next)
    .where('delivered_at_ms', 'is', null),
);

/** Given up. */
export const markDead = query({ id: text, at: integer, problem: text }, (db, { id, at, problem }) =>
  db
    .updateTable('webhooks')
    .set((eb) => ({ dead_at_ms: at, problem, attempts: eb('attempts', '+', 1) }))
    .where('id', '=', id)
    .where('dead_at_ms', 'is', null)
    .where('delivered_at_ms', 'is', null),
);

/** The oldest due ones of an endpoint, at most one of each call. */
export const selectDue = query(
  { process: text, endpoint: text, at: integer, limit: integer },
  (db, { process, endpoint, at, limit }) =>
    db
      .selectFrom('webhooks as w')
      .select(['w.id', 'w.call_id', 'w.type', 'w.endpoint', 'w.body', 'w.attempts'])
      .where('w.process', '=', process)
      .where('w.endpoint', '=', endpoint)
      .where('w.next_attempt_at_ms', '<=', at)
      .where(isNextOfItsCall)
      .orderBy('w.next_attempt_at_ms')
      .orderBy('w.seq')
      .limit(limit),
);

/** When the next of those falls due. */
export const selectNextDue = query({ process: text, endpoint: text }, (db, { process, endpoint }) =>
  db
    .selectFrom('webhooks as w')
    .select('w.next_attempt_at_ms as next')
    .where('w.process', '=', process)
    .where('w.endpoint', '=', endpoint)
    .where(isNextOfItsCall)
    .orderBy('w.next_attempt_at_ms')
    .orderBy('w.seq')
    .limit(1),
);

/**
 * Order within a call: one that waits behind an earlier one is not due, whatever its own time says. Asked as a value, not as
 * NOT EXISTS: PostgreSQL makes a join of that, which is quadratic as long as it has no statistics of the table.
 */
function isNextOfItsCall({ and, eb, selectFrom }: ExpressionBuilder<Schema & { w: Schema['webhooks'] }, 'w'>) {
  return and([
    eb('w.delivered_at_ms', 'is', null),
    eb('w.dead_at_ms', 'is', null),
    eb(
      'w.seq',
      '=',
      selectFrom('webhooks as waiting')
        .select(({ fn }) => fn.min('waiting.seq').as('first'))
        .whereRef('waiting.call_id', '=', 'w.call_id')
        .whereRef('waiting.endpoint', '=', 'w.endpoint')
        .where('waiting.delivered_at_ms', 'is', null)
        .where('waiting.dead_at_ms', 'is', null),
    ),
  ]);
}
