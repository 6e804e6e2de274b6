/** The SQL of rulings. What many calls ask at once is asked for all of them in one query: `…s` parameters are JSON arrays. */
import { type SqlBool, sql } from 'kysely';
import { integer, parameter, query, text, textOrNull } from '../query.ts';
import type { ReservationsTable } from '../schema.ts';
import { isInList } from '../value-list.ts';

/** Waits for every other process's rulings on these names (campaigns, numbers), until the end of the transaction. PostgreSQL. */
export const lockNames = query({ names: text }, (db, { names }) =>
  db
    .selectFrom(sql<{ name: string }>`jsonb_array_elements_text(${names}::jsonb)`.as<'named'>(sql`named(name)`))
    .select(sql`pg_advisory_xact_lock(hashtextextended(name, 0))`.as('locked')),
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
export const setCounted = query({ callId: text }, (db, { callId }) =>
  db.updateTable('reservations').set({ counted: 1 }).where('call_id', '=', callId),
);
export const setWithoutAgent = query({ callId: text }, (db, { callId }) =>
  db.updateTable('reservations').set({ agent: 'none' }).where('call_id', '=', callId),
);

/** What calls in flight are counted by: the columns of an index that has them in this order. */
const IN_FLIGHT_KEY = ['campaign', 'day', 'last_day', 'answered_day', 'agent', 'counted'] as const;

/** How many calls of each campaign are in flight, by the days on which they may be or were answered. */
export const countInFlight = query({ campaigns: text }, (db, { campaigns }, kind) =>
  db
    .selectFrom('reservations')
    .select(IN_FLIGHT_KEY)
    .select(({ fn }) => fn.countAll<number>().as('calls'))
    .where(isInList(kind, 'campaign', campaigns))
    .groupBy(IN_FLIGHT_KEY),
);
/** The same without some of them. */
export const countOthersInFlight = query({ campaigns: text, except: text }, (db, { campaigns, except }, kind) =>
  db
    .selectFrom('reservations')
    .select(IN_FLIGHT_KEY)
    .select(({ fn }) => fn.countAll<number>().as('calls'))
    .where(isInList(kind, 'campaign', campaigns))
    .where(({ not }) => not(isInList(kind, 'call_id', except)))
    .groupBy(IN_FLIGHT_KEY),
);
/** The calls in flight to these numbers. */
export const selectInFlight = query({ digests: text }, (db, { digests }, kind) =>
  db
    .selectFrom('reservations')
    .select(['call_id', 'scope', 'controller', 'digest', 'campaign', 'at_ms'])
    .where(isInList(kind, 'digest', digests)),
);

/** Locks of these numbers in these scopes. */
export const selectLocks = query({ scopes: text, digests: text }, (db, { scopes, digests }, kind) =>
  db
    .selectFrom('recall_locks')
    .select(['scope', 'digest', 'until_ms', 'silent_at_ms', 'after'])
    .where(isInList(kind, 'scope', scopes))
    .where(isInList(kind, 'digest', digests)),
);
/** Calls that were placed to these numbers and are over, those of them that are still held left out. */
export const countCalls = query(
  { digests: text, dayFrom: integer, weekFrom: integer },
  (db, { digests, dayFrom, weekFrom }, kind) =>
    db
      .selectFrom('outcomes')
      .select(['digest', 'controller', 'campaign'])
      .select(({ fn }) => [
        fn.countAll<number>().as('calls'),
        fn.countAll<number>().filterWhere('invited_at_ms', '>=', dayFrom).as('on_day'),
        fn.countAll<number>().filterWhere('invited_at_ms', '>=', weekFrom).as('in_week'),
      ])
      .where(isInList(kind, 'digest', digests))
      .where('network', '!=', 'blocked')
      .where('kind', '=', 'guarded')
      .where('call_id', 'not in', (eb) =>
        eb
          .selectFrom('reservations')
          .select('call_id')
          .where(isInList(kind, 'digest', digests)),
      )
      .groupBy(['digest', 'controller', 'campaign']),
);

export const selectFirstDays = query({ campaigns: text }, (db, { campaigns }, kind) =>
  db
    .selectFrom('campaigns')
    .select(['campaign', 'first_day'])
    .where(isInList(kind, 'campaign', campaigns)),
);
export const selectTallies = query({ campaigns: text, from: text }, (db, { campaigns, from }, kind) =>
  db
    .selectFrom('campaign_days')
    .select(['campaign', 'day', 'silent', 'handled'])
    .where(isInList(kind, 'campaign', campaigns))
    .where('day', '>=', from),
);
/** Calls that are not of class A on one of these days, which no agent took, and whose outcome may still be corrected. */
export const countOpenOutcomes = query(
  { campaigns: text, days: text, endedAfter: integer },
  (db, { campaigns, days, endedAfter }, kind) =>
    db
      .selectFrom('outcomes')
      .select(['campaign', 'day'])
      .select(({ fn }) => fn.countAll<number>().as('calls'))
      .where(isInList(kind, 'campaign', campaigns))
      .where(isInList(kind, 'day', days))
      .where('ended_at_ms', '>', endedAfter)
      // In the words of its partial index: no parameter would be known to be these.
      .where(sql<SqlBool>`coalesce(class, 'B') = 'B' and counted_as <> 'agent'`)
      .groupBy(['campaign', 'day']),
);
/** Calls whose outcome was of class A and was corrected to B or to none, and may be corrected back. */
export const countOpenCorrections = query(
  { campaigns: text, correctedAfter: integer, endedAfter: integer },
  (db, { campaigns, correctedAfter, endedAfter }, kind) =>
    db
      .selectFrom('outcome_corrections')
      .innerJoin('outcomes', 'outcomes.call_id', 'outcome_corrections.call_id')
      .select(['outcomes.campaign', 'outcomes.day'])
      .select(({ fn }) => fn.count<number>('outcomes.call_id').distinct().as('calls'))
      .where('outcome_corrections.at_ms', '>', correctedAfter)
      .where(sql<SqlBool>`coalesce(outcome_corrections.class, 'B') = 'B'`)
      .where('outcomes.class', '=', 'A')
      .where('outcomes.ended_at_ms', '>', endedAfter)
      .where(isInList(kind, 'outcomes.campaign', campaigns))
      .groupBy(['outcomes.campaign', 'outcomes.day']),
);
