/** The SQL of the ledger and of what moves with its entries. */
import { sql } from 'kysely';
import { integer, octets, parameter, query, text, textOrNull } from './query.ts';
import { isInList } from './value-list.ts';

/** The last entry of a chain. */
export const selectHead = query({ chain: text }, (db, { chain }) =>
  db.selectFrom('ledger').select(['seq', 'hash']).where('chain', '=', chain).orderBy('seq', 'desc').limit(1),
);
/** The last entry of every chain: from one chain to the next, each a step in the primary key, where GROUP BY reads all entries. */
export const selectHeads = query({}, (db) =>
  db
    .withRecursive('chains(chain)', (of) =>
      of
        .selectFrom('ledger')
        .select(({ fn }) => fn.min<string | null>('chain').as('chain'))
        .unionAll(
          of
            .selectFrom('chains')
            .select(({ selectFrom }) =>
              selectFrom('ledger')
                .select(({ fn }) => fn.min<string | null>('ledger.chain').as('next'))
                .whereRef('ledger.chain', '>', 'chains.chain')
                .as('chain'),
            )
            .where('chains.chain', 'is not', null),
        ),
    )
    .selectFrom('chains')
    .innerJoin('ledger', (join) =>
      join.onRef('ledger.chain', '=', 'chains.chain').on('ledger.seq', '=', ({ selectFrom }) =>
        selectFrom('ledger as all')
          .select(({ fn }) => fn.max('all.seq').as('last'))
          .whereRef('all.chain', '=', 'chains.chain'),
      ),
    )
    .select(['ledger.chain', 'ledger.seq', 'ledger.hash'])
    .orderBy('ledger.chain'),
);
/** Entries of a chain after one of them, in their order. */
export const selectHashesAfter = query({ chain: text, seq: integer, limit: integer }, (db, { chain, seq, limit }) =>
  db
    .selectFrom('ledger')
    .select(['seq', 'hash'])
    .where('chain', '=', chain)
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(limit),
);
/** What the entries of these calls (a JSON array of ids) say that may have moved their counts, in the order of time. */
export const selectMoves = query({ callIds: text }, (db, { callIds }, kind) =>
  db
    .selectFrom('ledger')
    .select(['call_id', 'body'])
    .where('call_id', 'is not', null)
    .where(isInList(kind, 'call_id', callIds))
    .where('kind', 'in', ['class', 'outcome', 'correction'])
    .orderBy('at_ms')
    .orderBy('seq'),
);

export const insertEntry = query(
  { chain: text, seq: integer, at: integer, kind: text, callId: textOrNull, body: text, hash: octets },
  (db, { chain, seq, at, kind, callId, body, hash }) =>
    db.insertInto('ledger').values({ chain, seq, at_ms: at, kind, call_id: callId, body, hash }),
);

/** Adds to a day's counts. */
export const addToDay = query(
  {
    ...{ campaign: text, day: text, silent: integer, handled: integer },
    ...{ machines: integer, machinesHeard: integer, hungUp: integer },
  },
  (db, { campaign, day, silent, handled, machines, machinesHeard, hungUp }) =>
    db
      .insertInto('campaign_days')
      .values({ campaign, day, silent, handled, machines, machines_heard: machinesHeard, hung_up: hungUp })
      .onConflict((conflict) =>
        conflict.columns(['campaign', 'day']).doUpdateSet({
          silent: sql`campaign_days.silent + excluded.silent`,
          handled: sql`campaign_days.handled + excluded.handled`,
          machines: sql`campaign_days.machines + excluded.machines`,
          machines_heard: sql`campaign_days.machines_heard + excluded.machines_heard`,
          hung_up: sql`campaign_days.hung_up + excluded.hung_up`,
        }),
      ),
);

/** An earlier start of a campaign than the one that is known. Almost always it is not: then no row is touched or locked. */
export const startCampaign = query(
  { campaign: text, controller: text, firstDay: text, firstAt: integer },
  (db, { campaign, controller, firstDay, firstAt }, kind) => {
    const binary = kind === 'sqlite' ? sql`` : sql` collate "C"`;
    const isFirst = sql<boolean>`(excluded.first_day, excluded.controller${binary}) < (campaigns.first_day, campaigns.controller${binary})`;
    const least = sql.raw(kind === 'sqlite' ? 'min' : 'least');
    return db
      .insertInto('campaigns')
      .columns(['campaign', 'controller', 'first_day', 'first_at_ms'])
      .expression(
        db
          .selectNoFrom([
            sql<string>`cast(${campaign} as text)`.as('campaign'),
            sql<string>`cast(${controller} as text)`.as('controller'),
            sql<string>`cast(${firstDay} as text)`.as('first_day'),
            sql<number>`cast(${firstAt} as bigint)`.as('first_at_ms'),
          ])
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('campaigns')
                  .select(sql`1`.as('one'))
                  .where('campaign', '=', campaign)
                  .where(
                    sql<boolean>`(first_day, controller${binary}) <= (cast(${firstDay} as text), cast(${controller} as text)${binary})`,
                  )
                  .where('first_at_ms', '<=', firstAt),
              ),
            ),
          ),
      )
      .onConflict((conflict) =>
        conflict.column('campaign').doUpdateSet({
          controller: sql`case when ${isFirst} then excluded.controller else campaigns.controller end`,
          first_day: sql`${least}(excluded.first_day, campaigns.first_day)`,
          first_at_ms: sql`${least}(excluded.first_at_ms, campaigns.first_at_ms)`,
        }),
      );
  },
);

export const setLock = query(
  { scope: text, digest: text, callId: text, until: integer, silentAt: integer, after: parameter<'free' | null>() },
  (db, { scope, digest, callId, until, silentAt, after }) =>
    db
      .insertInto('recall_locks')
      .values({ scope, digest, call_id: callId, until_ms: until, silent_at_ms: silentAt, after })
      .onConflict((conflict) =>
        conflict.columns(['scope', 'digest', 'call_id']).doUpdateSet(({ ref }) => ({
          until_ms: ref('excluded.until_ms'),
          silent_at_ms: ref('excluded.silent_at_ms'),
          after: ref('excluded.after'),
        })),
      ),
);
/** Of every silent call up to that moment, but for those that end by the clock alone. */
export const liftLocks = query({ scope: text, digest: text, at: integer }, (db, { scope, digest, at }) =>
  db
    .deleteFrom('recall_locks')
    .where('scope', '=', scope)
    .where('digest', '=', digest)
    .where('silent_at_ms', '<=', at)
    .where('after', 'is', null),
);
/** Of one call. */
export const withdrawLock = query({ scope: text, digest: text, callId: text }, (db, { scope, digest, callId }) =>
  db.deleteFrom('recall_locks').where('scope', '=', scope).where('digest', '=', digest).where('call_id', '=', callId),
);

export const upsertSettingsSeen = query({ name: text, sha256: text }, (db, { name, sha256 }) =>
  db
    .insertInto('settings_seen')
    .values({ name, sha256 })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(({ ref }) => ({ sha256: ref('excluded.sha256') }))),
);
export const selectSettingsSeen = query({}, (db) => db.selectFrom('settings_seen').select(['name', 'sha256']));

/** The last entry that says by whose rules campaigns are run. */
export const selectCampaignPolicies = query({}, (db) =>
  db
    .selectFrom('ledger')
    .select('body')
    .where('kind', '=', 'settings')
    // In the words of the partial index of entries without a call.
    .where('call_id', 'is', null)
    .where('body', 'like', '%"name":"campaign-policy"%')
    .orderBy('at_ms', 'desc')
    .orderBy('seq', 'desc')
    .limit(1),
);
