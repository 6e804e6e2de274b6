/** What one call's story is read by; each by an index, however large the database. */

import { sql } from 'kysely';
import type { DatabaseKind } from '../migrations.ts';
import { integer, query, text } from '../query.ts';
import { isInList } from '../value-list.ts';

const hexOf = (kind: DatabaseKind, column: string) =>
  kind === 'sqlite' ? sql<string>`lower(hex(${sql.ref(column)}))` : sql<string>`encode(${sql.ref(column)}, 'hex')`;

const textAt = (kind: DatabaseKind, column: string, key: string) =>
  kind === 'sqlite'
    ? sql<string>`${sql.ref(column)} ->> ${sql.lit(key)}`
    : sql<string>`${sql.ref(column)}::json ->> ${sql.lit(key)}`;

/** A call, by our id or by the Call-ID of the dialer's leg, of which the latest is meant. */
export const selectStoryCall = query({ ref: text }, (db, { ref }) =>
  db
    .selectFrom('outcomes')
    .leftJoin('call_numbers', 'call_numbers.call_id', 'outcomes.call_id')
    .select(['outcomes.call_id', 'outcomes.controller', 'outcomes.digest', 'outcomes.invited_at_ms'])
    .select(['outcomes.record', 'call_numbers.number'])
    .where(({ or, eb }) => or([eb('outcomes.call_id', '=', ref), eb('outcomes.dialer_call_id', '=', ref)]))
    .orderBy('outcomes.ended_at_ms', 'desc')
    .limit(1),
);

/** Its entries. */
export const selectCallEntries = query({ callId: text }, (db, { callId }, kind) =>
  db
    .selectFrom('ledger')
    .select(['chain', 'seq', 'at_ms', 'kind', 'call_id', 'body', hexOf(kind, 'hash').as('hash')])
    .where('call_id', 'is not', null)
    .where('call_id', '=', callId)
    .orderBy('at_ms')
    .orderBy('chain')
    .orderBy('seq'),
);

/** Settings as the ledger had them at a moment, the latest first. */
export const selectSettingsEntries = query({ at: integer, most: integer }, (db, { at, most }) =>
  db
    .selectFrom('ledger')
    .select('body')
    .where('call_id', 'is', null)
    .where('kind', '=', 'settings')
    .where('at_ms', '<=', at)
    .orderBy('at_ms', 'desc')
    .orderBy('seq', 'desc')
    .limit(most),
);

/** Calls to a number after a moment, the earliest first. */
export const selectLaterCalls = query({ digest: text, after: integer, most: integer }, (db, { digest, after, most }) =>
  db
    .selectFrom('outcomes')
    .leftJoin('call_numbers', 'call_numbers.call_id', 'outcomes.call_id')
    .select(['outcomes.call_id', 'outcomes.record', 'call_numbers.number'])
    .where('outcomes.digest', 'is not', null)
    .where('outcomes.digest', '=', digest)
    .where('outcomes.invited_at_ms', '>', after)
    .orderBy('outcomes.invited_at_ms')
    .limit(most),
);

/** Webhooks that told of it, in the order in which they were written. */
export const selectCallWebhooks = query({ callId: text }, (db, { callId }) =>
  db
    .selectFrom('webhooks')
    .select(['id', 'type', 'endpoint', 'created_at_ms', 'delivered_at_ms', 'dead_at_ms', 'attempts', 'problem'])
    .where('call_id', '=', callId)
    .orderBy('seq'),
);

/** Calls to a number (a JSON array of its digests) whose INVITE came between two moments. */
export const selectCallsAround = query(
  { digests: text, from: integer, to: integer, most: integer },
  (db, { digests, from, to, most }, kind) =>
    db
      .selectFrom('outcomes')
      .select(['call_id', 'campaign', 'invited_at_ms', 'answered_at_ms', 'ended_at_ms', 'network', 'handling', 'class'])
      .select(textAt(kind, 'record', 'policy').as('policy'))
      .where('digest', 'is not', null)
      .where(isInList(kind, 'digest', digests))
      .where('invited_at_ms', '>=', from)
      .where('invited_at_ms', '<=', to)
      .orderBy('invited_at_ms')
      .limit(most),
);

/** A root as it is read. */
export type RootRow = {
  readonly chain: string;
  readonly seq: number;
  readonly at_ms: number;
  readonly body: string;
  readonly hash: string;
};

/** Roots from a moment on, the earliest first. */
export const selectRootsAfter = query({ after: integer, most: integer }, (db, { after, most }, kind) =>
  db
    .selectFrom('ledger')
    .select(['chain', 'seq', 'at_ms', 'body', hexOf(kind, 'hash').as('hash')])
    .where('call_id', 'is', null)
    .where('kind', '=', 'root')
    .where('at_ms', '>=', after)
    .orderBy('at_ms')
    .limit(most),
);

/** Timestamps, the same. */
export const selectTimestampsAfter = query({ after: integer, most: integer }, (db, { after, most }) =>
  db
    .selectFrom('ledger')
    .select('body')
    .where('call_id', 'is', null)
    .where('kind', '=', 'timestamp')
    .where('at_ms', '>=', after)
    .orderBy('at_ms')
    .limit(most),
);
