/** The SQL of opt-outs. */
import { type Kysely, sql } from 'kysely';
import type { OptOutSource } from '../../policy/opt-out-source.ts';
import type { DatabaseKind } from '../migrations.ts';
import { integer, parameter, query, text, textOrNull } from '../query.ts';
import type { Schema } from '../schema.ts';
import { isInList } from '../value-list.ts';

/** The row of an entry that adds one … */
export const insertOptOut = query(
  {
    ...{ chain: text, seq: integer, scope: text, digest: text, at: integer },
    ...{ source: parameter<OptOutSource>(), callId: textOrNull, reference: textOrNull },
  },
  (db, { chain, seq, scope, digest, at, source, callId, reference }) =>
    db.insertInto('opt_outs').values({ chain, seq, scope, digest, at_ms: at, source, call_id: callId, reference }),
);
/** … and of one that was taken back. */
export const deleteOptOut = query({ chain: text, seq: integer }, (db, { chain, seq }) =>
  db.deleteFrom('opt_outs').where('chain', '=', chain).where('seq', '=', seq),
);

const COLUMNS = [
  ...(['chain', 'seq', 'scope', 'digest', 'at_ms as at', 'source', 'call_id as callId', 'reference'] as const),
] as const;

/** Those of numbers (a JSON array of digests), whoever they are for, the latest first. */
export const optOutsOf = (db: Kysely<Schema>, digests: string, kind: DatabaseKind) =>
  db
    .selectFrom('opt_outs')
    .select(COLUMNS)
    .where(isInList(kind, 'digest', digests))
    .orderBy('at_ms', 'desc')
    .orderBy('chain', 'desc')
    .orderBy('seq', 'desc');
export const selectOptOutsOf = query({ digests: text }, (db, { digests }, kind) => optOutsOf(db, digests, kind));
/** A page of all, the latest first; `before…`: the last of the page before. */
export const selectOptOutPage = query(
  { beforeAt: integer, beforeChain: text, beforeSeq: integer, most: integer },
  (db, { beforeAt, beforeChain, beforeSeq, most }) =>
    db
      .selectFrom('opt_outs')
      .select(COLUMNS)
      .where(sql<boolean>`(at_ms, chain, seq) < (${beforeAt}, ${beforeChain}, ${beforeSeq})`)
      .orderBy('at_ms', 'desc')
      .orderBy('chain', 'desc')
      .orderBy('seq', 'desc')
      .limit(most),
);

/** The number of a call that is over, by our id or the dialer leg's Call-ID. */
export const selectCalled = query({ ref: text }, (db, { ref }) =>
  db
    .selectFrom('outcomes')
    .select(['call_id as callId', 'digest', 'controller'])
    .where(({ or, eb }) => or([eb('call_id', '=', ref), eb('dialer_call_id', '=', ref)]))
    .orderBy('ended_at_ms', 'desc')
    .limit(1),
);
/** What was decided on a call that may still go on. */
export const selectDecision = query({ callId: text }, (db, { callId }) =>
  db
    .selectFrom('ledger')
    .select('body')
    // In the words of the partial index of entries about calls.
    .where('call_id', 'is not', null)
    .where('call_id', '=', callId)
    .where('kind', '=', 'decision')
    .limit(1),
);
