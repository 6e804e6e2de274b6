/** Has the latest root signed by a timestamp authority, beside whatever else has the database open. */
import { sql } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import { AppError, describeError } from '../../base/errors.ts';
import { randomOctets } from '../../base/random.ts';
import type { LedgerBody } from '../../ledger/ledger-body.ts';
import type { LedgerPosition } from '../../ledger/ledger-entry.ts';
import { timestampDraft } from '../../ledger/system-drafts.ts';
import { timestampAnswer, timestampQuery } from '../../ledger/timestamp/timestamp-protocol.ts';
import type { Connection } from '../connection.ts';
import type { DatabasePlace } from '../database-place.ts';
import { openLedger } from '../ledger-writer.ts';
import { joinDatabase } from '../open-database.ts';
import { query } from '../query.ts';

/** Timestamps have a chain of their own: whoever asks for one is no process that writes calls. */
const TIMESTAMP_CHAIN = 'timestamps';
/** How long the authority may take, ms. */
const ANSWER_MS_MAX = 20_000;
/** A token with its certificates has some kilobytes. */
const ANSWER_OCTETS_MAX = 1_048_576;

/** What was signed. */
export type SignedRoot = { readonly day: string; readonly root: LedgerPosition; readonly time: string };

const selectLastRoot = query({}, (db, _, kind) =>
  db
    .selectFrom('ledger')
    .select(['chain', 'seq', 'body'])
    .select(kind === 'sqlite' ? sql<string>`lower(hex(hash))`.as('hash') : sql<string>`encode(hash, 'hex')`.as('hash'))
    .where('kind', '=', 'root')
    .orderBy('at_ms', 'desc')
    .orderBy('seq', 'desc')
    .limit(1),
);

/**
 * Asks `url` (RFC 3161 §3.4, over HTTP) and writes the token to the ledger. Rejects with AppError `ledger.no-root`,
 * `ledger.no-timestamp` or `store.…`.
 */
export async function timestampLastRoot(place: DatabasePlace, url: string, clock: Clock): Promise<SignedRoot> {
  const database = await joinDatabase(place, 'timestamp', clock);
  try {
    const connection = await database.connection();
    const [row] = await connection.all(selectLastRoot, {});
    if (row === undefined)
      throw new AppError('ledger.no-root', 'the ledger has no root yet: one is written at midnight');
    const { root: imprint, day } = JSON.parse(row.body) as LedgerBody<'root'>;
    const root = { chain: row.chain, seq: Number(row.seq), hash: row.hash };
    const question = { imprint: Buffer.from(imprint, 'hex'), nonce: randomOctets(8) };
    const answer = timestampAnswer(await ask(url, timestampQuery(question)), question);
    if ('problem' in answer) throw new AppError('ledger.no-timestamp', `${url}: ${answer.problem}`);
    const { time, serial, token } = answer;
    const said = { root, imprint, authority: url, time, serial, token: token.toString('base64') };
    await append(connection, said, clock);
    return { day, root, time };
  } finally {
    await database.close();
  }
}

async function append(connection: Connection, said: Omit<LedgerBody<'timestamp'>, 'v'>, clock: Clock): Promise<void> {
  await connection.transaction(async () => {
    // One writer of the chain at a time: SQLite's transaction is that already.
    if (connection.kind === 'postgresql')
      await connection.execute('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`chain ${TIMESTAMP_CHAIN}`]);
    const ledger = await openLedger(connection, TIMESTAMP_CHAIN, []);
    ledger.append([timestampDraft(said)], clock.now().wallMs);
    ledger.finish();
    await connection.sent();
  });
}

async function ask(url: string, question: Buffer): Promise<Buffer> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
      body: new Uint8Array(question),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const octets = Buffer.from(await answer.arrayBuffer());
    if (octets.length > ANSWER_OCTETS_MAX) throw new Error(`${octets.length} octets are no timestamp`);
    return octets;
  } catch (thrown) {
    throw new AppError('ledger.no-timestamp', `${url}: ${describeError(thrown)}`, { cause: thrown });
  }
}
