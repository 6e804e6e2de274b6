/** What `brusio verify-ledger` reads. */
import { type Kysely, sql } from 'kysely';
import type { DatabaseKind } from '../migrations.ts';
import { integer, query, text } from '../query.ts';
import type { Schema } from '../schema.ts';

const hexOf = (kind: DatabaseKind, column: string) =>
  kind === 'sqlite' ? sql<string>`lower(hex(${sql.ref(column)}))` : sql<string>`encode(${sql.ref(column)}, 'hex')`;

/** A part of a chain. */
export const selectEntries = query({ chain: text, from: integer, to: integer }, (db, { chain, from, to }, kind) =>
  db
    .selectFrom('ledger')
    .select(['seq', 'at_ms', 'kind', 'call_id', 'body', hexOf(kind, 'hash').as('hash')])
    .where('chain', '=', chain)
    .where('seq', '>=', from)
    .where('seq', '<=', to)
    .orderBy('seq'),
);
/** One entry's hash. */
export const selectHash = query({ chain: text, seq: integer }, (db, { chain, seq }, kind) =>
  db.selectFrom('ledger').select(hexOf(kind, 'hash').as('hash')).where('chain', '=', chain).where('seq', '=', seq),
);
/** The outcomes that say they have their entry in that part. */
export const selectOutcomes = query({ chain: text, from: integer, to: integer }, (db, { chain, from, to }) =>
  db
    .selectFrom('outcomes')
    .select(['seq', 'call_id', 'dialer_call_id', 'carrier_call_id', 'dialer_reference', 'digest', 'campaign'])
    .select(['controller', 'kind', 'class', 'network', 'handling', 'day', 'counted_as'])
    .select(['invited_at_ms', 'answered_at_ms', 'ended_at_ms', 'record'])
    .where('chain', '=', chain)
    .where('seq', '>=', from)
    .where('seq', '<=', to)
    .orderBy('seq'),
);
/** The same of corrections. */
export const selectCorrectionRows = query({ chain: text, from: integer, to: integer }, (db, { chain, from, to }) =>
  db
    .selectFrom('outcome_corrections')
    .select(['seq', 'call_id', 'sequence', 'at_ms', 'correction', 'class'])
    .where('chain', '=', chain)
    .where('seq', '>=', from)
    .where('seq', '<=', to)
    .orderBy('seq'),
);

/**
 * Every chain that the ledger or a row beside it names: its entries, and from where to where they reach. A row that names an
 * entry behind the last one tells of entries that are gone.
 */
export const selectReach = query({}, (db) =>
  db
    .selectFrom(
      db
        .selectFrom('ledger')
        .select(({ fn }) => ['chain', fn.countAll<number>().as('entries'), fn.min('seq').as('first')])
        .select(({ fn }) => fn.max('seq').as('last'))
        .groupBy('chain')
        .unionAll(beside(db, 'outcomes'))
        .unionAll(beside(db, 'outcome_corrections'))
        .as('reaches'),
    )
    .select(({ fn }) => [
      'chain',
      fn.max('entries').as('entries'),
      fn.min('first').as('first'),
      fn.max('last').as('last'),
    ])
    .groupBy('chain')
    .orderBy('chain'),
);

function beside(db: Kysely<Schema>, table: 'outcomes' | 'outcome_corrections') {
  return db
    .selectFrom(table)
    .select([
      sql<string>`chain`.as('chain'),
      sql<number>`0`.as('entries'),
      sql<number>`1`.as('first'),
      sql<number>`max(seq)`.as('last'),
    ])
    .where('chain', 'is not', null)
    .groupBy('chain');
}

/** Outcomes that have no entry: of a time before the ledger, or cut off from it. */
export const selectUnchained = query({}, (db) =>
  db
    .selectFrom('outcomes')
    .select(({ fn }) => [fn.countAll().as('rows'), fn.max('ended_at_ms').as('last_ended_at_ms')])
    .where('chain', 'is', null),
);
export const selectDays = query({}, (db) =>
  db.selectFrom('campaign_days').select(['campaign', 'day', 'silent', 'handled', 'machines', 'hung_up as hungUp']),
);
export const selectStarts = query({}, (db) =>
  db.selectFrom('campaigns').select(['campaign', 'controller', 'first_day as firstDay', 'first_at_ms as firstAt']),
);
export const selectLocks = query({}, (db) =>
  db
    .selectFrom('recall_locks')
    .select(['scope', 'digest', 'call_id as callId', 'until_ms as until', 'silent_at_ms as silentAt', 'after']),
);
