/** The SQL of reservations, which PostgreSQL alone has: room in one table for all processes, and who may take some next. */
import { sql } from 'kysely';
import { integer, parameter, query, text, textOrNull } from '../query.ts';
import type { ReservationsTable } from '../schema.ts';
import { listed } from '../value-list.ts';

/** Waits for every other process's rulings on these names (campaigns, numbers), until the end of the transaction. PostgreSQL. */
export const lockNames = query({ names: text }, (db, { names }) =>
  db
    .selectFrom(listed('postgresql', 'named', names))
    .select(sql`pg_advisory_xact_lock(hashtextextended(value, 0))`.as('locked')),
);

export const insertReservation = query(
  {
    ...{ callId: text, process: text, scope: text, controller: text, digest: text, campaign: text },
    ...{ at: integer, day: text, lastDay: text, answeredDay: textOrNull },
    ...{ agent: parameter<ReservationsTable['agent']>(), counted: integer },
  },
  (db, { callId, process, scope, controller, digest, campaign, at, day, lastDay, answeredDay, agent, counted }) =>
    db
      .insertInto('reservations')
      .values({
        ...{ call_id: callId, process, scope, controller, digest, campaign, agent, counted },
        ...{ at_ms: at, day, last_day: lastDay, answered_day: answeredDay },
      })
      .onConflict((conflict) => conflict.column('call_id').doNothing()),
);
export const deleteReservation = query({ callId: text }, (db, { callId }) =>
  db.deleteFrom('reservations').where('call_id', '=', callId),
);
export const deleteReservationsOf = query({ process: text }, (db, { process }) =>
  db.deleteFrom('reservations').where('process', '=', process),
);
export const setAnswered = query({ callId: text, day: text }, (db, { callId, day }) =>
  db.updateTable('reservations').set({ answered_day: day }).where('call_id', '=', callId),
);
export const setCounted = query({ callId: text, counted: integer }, (db, { callId, counted }) =>
  db.updateTable('reservations').set({ counted }).where('call_id', '=', callId),
);
export const setWithoutAgent = query({ callId: text }, (db, { callId }) =>
  db.updateTable('reservations').set({ agent: 'none' }).where('call_id', '=', callId),
);
