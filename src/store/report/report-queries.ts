/** What a report reads: the campaign's calls page by page, their corrections and entries, and what is kept beside them. */
import { sql } from 'kysely';
import type { DatabaseKind } from '../migrations.ts';
import { integer, query, text } from '../query.ts';
import { isInList } from '../value-list.ts';

/** A page of calls; `after…`: the last of the page before. Row values make one step in the index, whatever came before. */
const page = { campaign: text, from: integer, to: integer, afterAt: integer, afterCall: text, most: integer } as const;

/** Calls answered between two moments, the second excluded, in the order of their answers. */
export const selectAnswered = query(page, (db, { campaign, from, to, afterAt, afterCall, most }) =>
  db
    .selectFrom('outcomes')
    .select(['call_id', 'answered_at_ms as at_ms', 'chain', 'seq', 'record'])
    .where('campaign', '=', campaign)
    .where('answered_at_ms', 'is not', null)
    .where('answered_at_ms', '>=', from)
    .where('answered_at_ms', '<', to)
    .where(sql<boolean>`(answered_at_ms, call_id) > (${afterAt}, ${afterCall})`)
    .orderBy('answered_at_ms')
    .orderBy('call_id')
    .limit(most),
);

/** Calls that nobody answered, by the time of their INVITE. */
export const selectUnanswered = query(page, (db, { campaign, from, to, afterAt, afterCall, most }) =>
  db
    .selectFrom('outcomes')
    .select(['call_id', 'invited_at_ms as at_ms', 'chain', 'seq', 'record'])
    .where('campaign', '=', campaign)
    .where('answered_at_ms', 'is', null)
    .where('invited_at_ms', '>=', from)
    .where('invited_at_ms', '<', to)
    .where(sql<boolean>`(invited_at_ms, call_id) > (${afterAt}, ${afterCall})`)
    .orderBy('invited_at_ms')
    .orderBy('call_id')
    .limit(most),
);

/** The corrections of these calls (a JSON array of ids). */
export const selectCorrectionsOf = query({ callIds: text }, (db, { callIds }, kind) =>
  db
    .selectFrom('outcome_corrections')
    .select(['call_id', 'correction', 'chain', 'seq'])
    .where(isInList(kind, 'call_id', callIds))
    .orderBy('call_id')
    .orderBy('sequence'),
);

/** The entries about these calls: what they count, and of decisions the whole. */
export const selectEntriesOf = query({ callIds: text }, (db, { callIds }, kind) =>
  db
    .selectFrom('ledger')
    .select(['chain', 'seq', 'kind', 'call_id', hexOf(kind, 'hash').as('hash'), countOf(kind).as('count')])
    .select(sql<string | null>`case when kind = 'decision' then body end`.as('decision'))
    .where('call_id', 'is not', null)
    .where(isInList(kind, 'call_id', callIds)),
);

/** Calls that go on and have their class: their dossiers and these entries. */
export const selectLiveCounts = query({}, (db, _, kind) =>
  db
    .selectFrom('open_calls')
    .innerJoin('ledger', 'ledger.call_id', 'open_calls.call_id')
    .select(['open_calls.call_id', 'dossier', 'state', 'ledger.chain', 'ledger.seq'])
    .select([hexOf(kind, 'ledger.hash').as('hash'), countOf(kind).as('count')])
    .where('ledger.kind', '=', 'class')
    .orderBy('ledger.chain')
    .orderBy('ledger.seq'),
);

/** Roots written between two moments: entries without a call are few, and have an index of their own. */
export const selectRoots = query({ from: integer, to: integer }, (db, { from, to }, kind) =>
  db
    .selectFrom('ledger')
    .select(['chain', 'seq', 'at_ms', 'body', hexOf(kind, 'hash').as('hash')])
    .where('call_id', 'is', null)
    .where('kind', '=', 'root')
    .where('at_ms', '>=', from)
    .where('at_ms', '<=', to)
    .orderBy('at_ms')
    .orderBy('seq'),
);

/** Timestamps of roots since a moment. */
export const selectTimestamps = query({ from: integer }, (db, { from }) =>
  db
    .selectFrom('ledger')
    .select('body')
    .where('call_id', 'is', null)
    .where('kind', '=', 'timestamp')
    .where('at_ms', '>=', from)
    .orderBy('at_ms'),
);

/** One campaign's first day. */
export const selectStart = query({ campaign: text }, (db, { campaign }) =>
  db
    .selectFrom('campaigns')
    .select(['campaign', 'controller', 'first_day as firstDay', 'first_at_ms as firstAt'])
    .where('campaign', '=', campaign),
);

function hexOf(kind: DatabaseKind, column: string) {
  return kind === 'sqlite'
    ? sql<string>`lower(hex(${sql.ref(column)}))`
    : sql<string>`encode(${sql.ref(column)}, 'hex')`;
}

/** JSON of a body's `count`, or null; of kinds that have none too. */
function countOf(kind: DatabaseKind) {
  const value = kind === 'sqlite' ? sql`body -> '$.count'` : sql`(body::json -> 'count')::text`;
  return sql<string | null>`case when kind in ('class', 'outcome', 'correction') then ${value} end`;
}
