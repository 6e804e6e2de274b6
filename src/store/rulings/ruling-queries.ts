/**
 * What a ruling looks up. What many calls ask at once is asked for all of them in one query: `…s` parameters are JSON arrays. SQLite
 * is asked one by one, PostgreSQL for all of it in one statement: what it finds is of one moment, and the driver has a fifth less to do.
 */
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { DatabaseKind } from '../migrations.ts';
import { optOutsOf } from '../opt-outs/opt-out-queries.ts';
import { integer, query, text } from '../query.ts';
import type { Schema } from '../schema.ts';
import { isInList, listed } from '../value-list.ts';

type Db = Kysely<Schema>;

/** What calls in flight are counted by: the columns of an index that has them in this order. */
const IN_FLIGHT_KEY = ['campaign', 'day', 'last_day', 'answered_day', 'agent', 'counted'] as const;

/** How many calls of each campaign are in flight, without some, by the days on which they may be or were answered. PostgreSQL. */
const inFlight = (db: Db, campaigns: string, except: string) =>
  db
    .selectFrom('reservations')
    .select(IN_FLIGHT_KEY)
    .select(({ fn }) => fn.countAll<number>().as('calls'))
    .where(isInList('postgresql', 'campaign', campaigns))
    .where(({ not }) => not(isInList('postgresql', 'call_id', except)))
    .groupBy(IN_FLIGHT_KEY);

/** The calls in flight to these numbers. PostgreSQL. */
const inFlightTo = (db: Db, digests: string) =>
  db
    .selectFrom('reservations')
    .select(['call_id', 'scope', 'controller', 'digest', 'campaign', 'at_ms'])
    .where(isInList('postgresql', 'digest', digests));

/**
 * Of these numbers in these scopes the lock that ends latest, of each kind (of those that end together, of the latest silent call): a row for each, without times where it has none. The
 * latest alone: a number that is called all day, by a load's generator or where locks are only observed, has thousands.
 */
const locks = (db: Db, { scopes, digests }: { scopes: string; digests: string }, kind: DatabaseKind) =>
  db.selectFrom([listed(kind, 'one', scopes), listed(kind, 'number', digests)]).select((eb) => {
    const latest = (column: 'until_ms' | 'silent_at_ms', isOfKind: RawBuilder<SqlBool>) =>
      eb
        .selectFrom('recall_locks')
        .select(column)
        .whereRef('scope', '=', 'one.value')
        .whereRef('digest', '=', 'number.value')
        .where(isOfKind)
        .orderBy('until_ms', 'desc')
        .orderBy('silent_at_ms', 'desc')
        .limit(sql.lit(1));
    const [lasting, free] = [sql<SqlBool>`"after" is null`, sql<SqlBool>`"after" = 'free'`];
    return [
      ...(['one.value as scope', 'number.value as digest'] as const),
      latest('until_ms', lasting).as('until'),
      latest('silent_at_ms', lasting).as('silent_at'),
      latest('until_ms', free).as('free_until'),
      latest('silent_at_ms', free).as('free_silent_at'),
    ];
  });

/** Calls that were placed to these numbers and are over, those of them that are still held left out: SQLite is told which. */
const calls = (
  db: Db,
  { digests, held, dayFrom, weekFrom }: { digests: string; held: string; dayFrom: number; weekFrom: number },
  kind: DatabaseKind,
) =>
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
    .where(({ not, selectFrom }) =>
      not(
        kind === 'sqlite'
          ? isInList(kind, 'call_id', held)
          : sql<SqlBool>`call_id in (${selectFrom('reservations')
              .select('call_id')
              .where(isInList(kind, 'digest', digests))})`,
      ),
    )
    .groupBy(['digest', 'controller', 'campaign']);

const firstDays = (db: Db, campaigns: string, kind: DatabaseKind) =>
  db
    .selectFrom('campaigns')
    .select(['campaign', 'first_day'])
    .where(isInList(kind, 'campaign', campaigns));
const tallies = (db: Db, { campaigns, from }: { campaigns: string; from: string }, kind: DatabaseKind) =>
  db
    .selectFrom('campaign_days')
    .select(['campaign', 'day', 'silent', 'handled', 'machines', 'machines_heard as machinesHeard'])
    .where(isInList(kind, 'campaign', campaigns))
    .where('day', '>=', from);
/** Calls that are not of class A on one of these days, which no agent took, and whose outcome may still be corrected. */
const openOutcomes = (
  db: Db,
  { campaigns, days, endedAfter }: { campaigns: string; days: string; endedAfter: number },
  kind: DatabaseKind,
) =>
  db
    .selectFrom('outcomes')
    .select(['campaign', 'day'])
    .select(({ fn }) => fn.countAll<number>().as('calls'))
    .where(isInList(kind, 'campaign', campaigns))
    .where(isInList(kind, 'day', days))
    .where('ended_at_ms', '>', endedAfter)
    // In the words of its partial index: no parameter would be known to be these.
    .where(sql<SqlBool>`coalesce(class, 'B') = 'B' and counted_as <> 'agent'`)
    .groupBy(['campaign', 'day']);
/**
 * By how much corrections change that, by what each call counts as now. One whose outcome was of class A is at risk once it was corrected
 * to B or to none: it may be corrected back. One of those above that was corrected to class A is in the tally as a silent call
 * already, and no more than that: it is taken off, until it is corrected back.
 */
const corrected = (
  db: Db,
  { campaigns, days, endedAfter }: { campaigns: string; days: string; endedAfter: number },
  kind: DatabaseKind,
) => {
  const isAtRiskNow = sql<SqlBool>`outcomes.class = 'A' and coalesce(latest.class, 'B') = 'B'`;
  const wasAtRisk = sql<SqlBool>`coalesce(outcomes.class, 'B') = 'B' and outcomes.counted_as <> 'agent'
    and latest.class = 'A' and ${isInList(kind, 'outcomes.day', days)}`;
  return db
    .selectFrom('outcome_corrections as latest')
    .innerJoin('outcomes', 'outcomes.call_id', 'latest.call_id')
    .select(['outcomes.campaign', 'outcomes.day'])
    .select(({ fn, case: when }) =>
      fn.sum<number>(when().when(isAtRiskNow).then(sql.lit(1)).else(sql.lit(-1)).end()).as('calls'),
    )
    .where('latest.at_ms', '>', endedAfter)
    .where('latest.sequence', '=', ({ selectFrom }) =>
      selectFrom('outcome_corrections as one')
        .select(({ fn }) => fn.max('one.sequence').as('sequence'))
        .whereRef('one.call_id', '=', 'latest.call_id'),
    )
    .where('outcomes.ended_at_ms', '>', endedAfter)
    .where(isInList(kind, 'outcomes.campaign', campaigns))
    .where(({ or }) => or([isAtRiskNow, wasAtRisk]))
    .groupBy(['outcomes.campaign', 'outcomes.day']);
};

export const selectLocks = query({ scopes: text, digests: text }, locks);
export const countCalls = query({ digests: text, held: text, dayFrom: integer, weekFrom: integer }, calls);
export const selectFirstDays = query({ campaigns: text }, (db, { campaigns }, kind) => firstDays(db, campaigns, kind));
export const selectTallies = query({ campaigns: text, from: text }, tallies);
export const countOpenOutcomes = query({ campaigns: text, days: text, endedAfter: integer }, openOutcomes);
export const countCorrected = query({ campaigns: text, days: text, endedAfter: integer }, corrected);

/**
 * Everything, as it is at one moment: a call that leaves one table for another is seen in one of them, or in both. PostgreSQL.
 *
 * `callsTo` and `optedOut` are the digests again where that is asked for, `own` the calls that are not counted as in flight.
 */
export const selectAll = query(
  {
    ...{ campaigns: text, own: text, from: text, days: text, endedAfter: integer },
    ...{ scopes: text, digests: text, callsTo: text, optedOut: text, dayFrom: integer, weekFrom: integer },
  },
  (db, asked, kind) =>
    db.selectNoFrom([
      jsonArrayFrom(inFlight(db, asked.campaigns, asked.own)).as('inFlight'),
      jsonArrayFrom(inFlightTo(db, asked.digests)).as('numbersInFlight'),
      jsonArrayFrom(firstDays(db, asked.campaigns, kind)).as('firstDays'),
      jsonArrayFrom(tallies(db, asked, kind)).as('tallies'),
      jsonArrayFrom(openOutcomes(db, asked, kind)).as('openOutcomes'),
      jsonArrayFrom(corrected(db, asked, kind)).as('corrected'),
      jsonArrayFrom(locks(db, asked, kind)).as('locks'),
      jsonArrayFrom(calls(db, { ...asked, digests: asked.callsTo, held: '' }, kind)).as('calls'),
      jsonArrayFrom(optOutsOf(db, asked.optedOut, kind)).as('optOuts'),
    ]),
);
