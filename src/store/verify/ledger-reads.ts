/** What `brusio verify-ledger` reads. */
import { type Kysely, type SqlBool, sql } from 'kysely';
import { OUTCOME_TEXTS, OUTCOME_TIMES } from '../../ledger/verify/outcome-check.ts';
import type { DatabaseKind } from '../migrations.ts';
import { integer, query, text } from '../query.ts';
import type { Schema } from '../schema.ts';

const hexOf = (kind: DatabaseKind, column: string) =>
  kind === 'sqlite' ? sql<string>`lower(hex(${sql.ref(column)}))` : sql<string>`encode(${sql.ref(column)}, 'hex')`;

const part = { chain: text, from: integer, to: integer, limit: integer };

/** The first entries of a part of a chain, in the order of `StoredEntry`. */
export const selectEntries = query(part, (db, { chain, from, to, limit }, kind) =>
  db
    .selectFrom('ledger')
    .select(['seq', 'at_ms', 'kind', 'call_id', 'body', hexOf(kind, 'hash').as('hash')])
    .where('chain', '=', chain)
    .where('seq', '>=', from)
    .where('seq', '<=', to)
    .orderBy('seq')
    .limit(limit),
);
/** One entry's hash. */
export const selectHash = query({ chain: text, seq: integer }, (db, { chain, seq }, kind) =>
  db.selectFrom('ledger').select(hexOf(kind, 'hash').as('hash')).where('chain', '=', chain).where('seq', '=', seq),
);
/** Some entries (a JSON array of numbers) of a chain. */
export const selectBodies = query({ chain: text, seqs: text }, (db, { chain, seqs }, kind) =>
  db
    .selectFrom('ledger')
    .select(['seq', 'at_ms', 'call_id', 'body'])
    .where('chain', '=', chain)
    .where(
      kind === 'sqlite'
        ? sql<SqlBool>`seq in (select value from json_each(${seqs}))`
        : sql<SqlBool>`seq = any(array(select jsonb_array_elements_text(${seqs}::jsonb)::bigint))`,
    ),
);
/** The outcomes that say they have their entry in that part, in the order of `StoredOutcome`. */
export const selectOutcomes = query(part, (db, { chain, from, to, limit }) =>
  db
    .selectFrom('outcomes')
    .select(['seq', 'record', ...OUTCOME_TEXTS, ...OUTCOME_TIMES])
    .where('chain', '=', chain)
    .where('seq', '>=', from)
    .where('seq', '<=', to)
    .orderBy('seq')
    .limit(limit),
);
/** The same of corrections, in the order of `StoredCorrection`. */
export const selectCorrectionRows = query(part, (db, { chain, from, to, limit }) =>
  db
    .selectFrom('outcome_corrections')
    .select(['seq', 'call_id', 'sequence', 'at_ms', 'correction', 'class'])
    .where('chain', '=', chain)
    .where('seq', '>=', from)
    .where('seq', '<=', to)
    .orderBy('seq')
    .limit(limit),
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

/** How many outcomes there are, and how many of them have an entry: counted by indexes, where the table is large. */
export const selectOutcomeCounts = query({}, (db) =>
  db
    .selectFrom('outcomes')
    .select(({ fn, selectFrom }) => [
      fn.countAll<number>().as('outcomes'),
      selectFrom('outcomes').select(fn.countAll<number>().as('rows')).where('chain', 'is not', null).as('chained'),
    ]),
);
/** When the last of those ended that have none: of a time before the ledger, or cut off from it. */
export const selectLastUnchained = query({}, (db) =>
  db
    .selectFrom('outcomes')
    .select(({ fn }) => fn.max('ended_at_ms').as('last_ended_at_ms'))
    .where('chain', 'is', null),
);
export const selectDays = query({}, (db) =>
  db
    .selectFrom('campaign_days')
    .select(['campaign', 'day', 'silent', 'handled', 'machines'])
    .select(['machines_heard as machinesHeard', 'hung_up as hungUp']),
);
export const selectStarts = query({}, (db) =>
  db.selectFrom('campaigns').select(['campaign', 'controller', 'first_day as firstDay', 'first_at_ms as firstAt']),
);
export const selectLocks = query({}, (db) =>
  db
    .selectFrom('recall_locks')
    .select(['scope', 'digest', 'call_id as callId', 'until_ms as until', 'silent_at_ms as silentAt', 'after']),
);
export const selectOptOutRows = query({}, (db) =>
  db
    .selectFrom('opt_outs')
    .select(['chain', 'seq', 'scope', 'digest', 'at_ms as at', 'source', 'call_id as callId', 'reference']),
);
