/**
 * Which digest keys a database has been used with. A process with other keys would find neither locks nor lists, and quietly: so
 * its start is refused.
 */
import type { WallMs } from '../../base/clock.ts';
import type { Connection } from '../connection.ts';
import { cannotOpen } from '../database.ts';
import { integer, query, text } from '../query.ts';

const selectKeys = query({}, (db) =>
  db
    .selectFrom('number_keys')
    .select(['key_id', 'first_used_at_ms', 'last_used_at_ms'])
    .orderBy('first_used_at_ms', 'desc'),
);
const upsertKey = query({ id: text, at: integer }, (db, { id, at }) =>
  db
    .insertInto('number_keys')
    .values({ key_id: id, first_used_at_ms: at, last_used_at_ms: at })
    .onConflict((conflict) => conflict.column('key_id').doUpdateSet({ last_used_at_ms: at })),
);

/**
 * Notes that the newest of these keys is in use, within the caller's transaction.
 *
 * @param ids of the process's keys, newest first
 * @throws AppError `store.cannot-open` when the key that the database was last used with is not among them
 */
export async function useNumberKeys(connection: Connection, ids: readonly string[], now: WallMs): Promise<void> {
  const [newest = ''] = ids;
  const [latest] = await connection.all(selectKeys, {});
  if (latest !== undefined && !ids.includes(latest.key_id)) {
    throw cannotOpen(
      `this database was last used with the number key ${latest.key_id}, which the key file does not have (it has ${ids.join(', ')}): ` +
        'copy the file of the process that used it (privacy.keyFile), or put it back from your backup; without it no lock, screening list or report finds its numbers',
    );
  }
  await connection.run(upsertKey, { id: newest, at: now });
}

/** The key that the database was last used with, without which no process is let at it; null: it was used with none. */
export async function latestNumberKey(connection: Connection): Promise<string | null> {
  const [latest] = await connection.all(selectKeys, {});
  return latest?.key_id ?? null;
}

/** What still needs a key that was rotated away. */
export type KeyNeed = {
  readonly keyId: string;
  /** Its last use, as far as the database knows; null: never used with it. */
  readonly lastUsedAt: WallMs | null;
  /** `latest`: no start without it. `maybe`: a process that was not started again since the rotation may use it. `over`: nobody does. */
  readonly use: 'latest' | 'maybe' | 'over';
  /** Locks and guaranteed-agent duties, opt-outs, which have no end, cleared lists in force, and calls whose report must still be found by their number. */
  readonly locks: number;
  readonly optOuts: number;
  readonly lists: number;
  readonly calls: number;
};

const countLocks = query({ before: integer }, (db, { before }) =>
  db
    .selectFrom('recall_locks')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('silent_at_ms', '<=', before),
);
const countOptOuts = query({ before: integer }, (db, { before }) =>
  db
    .selectFrom('opt_outs')
    .leftJoin('outcomes', 'outcomes.call_id', 'opt_outs.call_id')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    // One that was told of a call long after it has that call's digest.
    .where(({ or, eb }) => or([eb('opt_outs.at_ms', '<=', before), eb('outcomes.invited_at_ms', '<=', before)])),
);
const countLists = query({ keyId: text, at: integer }, (db, { keyId, at }) =>
  db
    .selectFrom('screening_lists')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('key_id', '=', keyId)
    .where('current', '=', 1)
    .where('expires_at_ms', '>', at),
);
const countCalls = query({ after: integer, before: integer }, (db, { after, before }) =>
  db
    .selectFrom('outcomes')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('digest', 'is not', null)
    .where('invited_at_ms', '>', after)
    .where('invited_at_ms', '<=', before),
);

/**
 * How long after its last note a key may still have been used: a running process notes it every hour (`retention.ts`), and one that
 * was killed did so less than that before.
 */
const NOTE_EVERY_MS = 3_600_000;

/**
 * What needs each of these keys but the newest, which everything does.
 *
 * @param reportsSince calls before it have no report that must be kept
 */
export async function numberKeyNeeds(
  connection: Connection,
  ids: readonly string[],
  now: WallMs,
  reportsSince: WallMs,
): Promise<readonly KeyNeed[]> {
  const rows = await connection.all(selectKeys, {});
  const known = new Map(rows.map((row) => [row.key_id, row]));
  const needs: KeyNeed[] = [];
  for (const keyId of ids.slice(1)) {
    const row = known.get(keyId);
    const lists = await countOf(connection.all(countLists, { keyId, at: now }));
    if (row === undefined) {
      needs.push({ keyId, lastUsedAt: null, use: 'over', locks: 0, optOuts: 0, lists, calls: 0 });
      continue;
    }
    // Which key a digest was made with is not written beside it: what is no younger than the key's last use may be its.
    const before = row.last_used_at_ms + NOTE_EVERY_MS;
    const locks = await countOf(connection.all(countLocks, { before }));
    const optOuts = await countOf(connection.all(countOptOuts, { before }));
    const calls = await countOf(connection.all(countCalls, { after: reportsSince, before }));
    const use = row === rows[0] ? 'latest' : now <= before ? 'maybe' : 'over';
    needs.push({ keyId, lastUsedAt: row.last_used_at_ms as WallMs, use, locks, optOuts, lists, calls });
  }
  return needs;
}

async function countOf(rows: Promise<readonly { readonly n: number }[]>): Promise<number> {
  const [row] = await rows;
  return Number(row?.n ?? 0);
}
