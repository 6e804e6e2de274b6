import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { openSqliteDatabase } from '../sqlite/sqlite-database.ts';
import { eraseNumber } from './number-erasure.ts';

const DIGEST = 'a'.repeat(32);
const OTHER_DIGEST = 'b'.repeat(32);
const NUMBER = '+393331234567';
const OTHER = '+393337654321';
const MASKED = '+39333•••4567';

describe('a number that is erased', () => {
  let dataDir: string;
  let database: Database;
  let connection: Connection;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'brusio-erasure-'));
    database = await openSqliteDatabase({ dataDir, busyTimeoutMs: 1_000, process: 'guard-1' });
    connection = await database.connection();
  });
  afterEach(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true });
  });

  type Call = {
    readonly digest?: string | null;
    readonly number?: string;
    readonly controller?: string;
    readonly chain?: string | null;
    readonly record?: object;
  };
  async function addCall(
    id: string,
    { digest = DIGEST, number = NUMBER, controller = 'enel', chain = 'guard-1', record = { callId: id } }: Call = {},
  ): Promise<void> {
    await connection.execute(
      `INSERT INTO outcomes (call_id, chain, seq, dialer_call_id, campaign, controller, digest, network, handling, invited_at_ms, ended_at_ms, record)
       VALUES (?, ?, ?, ?, 'luce', ?, ?, 'answered', 'silent', 1, 2, ?)`,
      [
        id,
        chain,
        chain === null ? null : Number(id.replace(/\D/g, '')),
        `d-${id}`,
        controller,
        digest,
        JSON.stringify(record),
      ],
    );
    await connection.execute('INSERT INTO call_numbers (call_id, digest, number, at_ms) VALUES (?, ?, ?, 1)', [
      id,
      digest,
      number,
    ]);
  }
  async function addWebhook(
    id: string,
    callId: string,
    state: 'waiting' | 'delivered' | 'dead',
    number = MASKED,
  ): Promise<void> {
    await connection.execute(
      `INSERT INTO webhooks (id, call_id, type, endpoint, body, next_attempt_at_ms, created_at_ms, delivered_at_ms, dead_at_ms) VALUES (?, ?, 'call.outcome', 'crm', ?, 1, 1, ?, ?)`,
      [
        id,
        callId,
        JSON.stringify({ type: 'call.outcome', data: { callId, number, class: 'A' } }),
        state === 'delivered' ? 2 : null,
        state === 'dead' ? 2 : null,
      ],
    );
  }
  const erase = (controller: string | null = null) =>
    connection.transaction(() =>
      eraseNumber(connection, {
        digests: [OTHER_DIGEST.replace(/b/g, 'c'), DIGEST],
        spellings: [NUMBER, '3331234567'],
        controller,
      }),
    );
  const column = async (sql: string) => (await connection.execute(sql, [])).rows.map((row) => Object.values(row)[0]);

  it("loses its row and its delivered and dead webhooks; other people's stay, and so do outcome, digest and lock", async () => {
    await addCall('c1');
    await addCall('c2', { digest: OTHER_DIGEST, number: OTHER });
    await addWebhook('w1', 'c1', 'delivered');
    await addWebhook('w2', 'c1', 'dead');
    await addWebhook('w3', 'c2', 'delivered');
    await connection.execute(
      'INSERT INTO recall_locks (scope, digest, until_ms, silent_at_ms, call_id) VALUES (?, ?, 9, 1, ?)',
      ['enel', DIGEST, 'c1'],
    );
    expect(await erase()).toEqual({ calls: 1, numbers: 1, webhooks: 2, masked: 0, live: 0 });
    expect(await column('SELECT number FROM call_numbers')).toEqual([OTHER]);
    expect(await column('SELECT id FROM webhooks')).toEqual(['w3']);
    expect(await column('SELECT digest FROM outcomes ORDER BY call_id')).toEqual([DIGEST, OTHER_DIGEST]);
    expect(await column('SELECT digest FROM recall_locks')).toEqual([DIGEST]);
  });

  it('is still told by a webhook that waits, but without the number', async () => {
    await addCall('c1');
    await addWebhook('w1', 'c1', 'waiting');
    expect(await erase()).toMatchObject({ webhooks: 0, masked: 1 });
    const [body] = await column('SELECT body FROM webhooks');
    expect(JSON.parse(String(body))).toEqual({
      type: 'call.outcome',
      data: { callId: 'c1', number: '•••', class: 'A' },
    });
  });

  it('is erased of one controller alone when one is named', async () => {
    await addCall('c1');
    await addCall('c2', { controller: 'eni' });
    expect(await erase('eni')).toMatchObject({ calls: 1, numbers: 1 });
    expect(await column('SELECT call_id FROM call_numbers')).toEqual(['c1']);
  });

  it('is found by how it is written where an older Brusio kept no digest, and goes from the record that no hash covers', async () => {
    await addCall('c1', {
      digest: null,
      number: '3331234567',
      chain: null,
      record: { callId: 'c1', number: MASKED, class: 'A' },
    });
    expect(await erase()).toMatchObject({ calls: 1, numbers: 1 });
    const [record] = await column('SELECT record FROM outcomes');
    expect(JSON.parse(String(record))).toEqual({ callId: 'c1', number: '•••', class: 'A' });
  });

  it('says how many calls to it live: their numbers can go when they have ended', async () => {
    const add = (id: string, number: string) =>
      connection.execute('INSERT INTO open_calls (call_id, dossier, state) VALUES (?, ?, ?)', [
        id,
        JSON.stringify({ callId: id, number }),
        '{}',
      ]);
    await add('l1', '3331234567');
    await add('l2', OTHER);
    expect(await erase()).toMatchObject({ calls: 0, live: 1 });
  });

  it('finds nothing more the second time', async () => {
    await addCall('c1');
    await erase();
    expect(await erase()).toEqual({ calls: 1, numbers: 0, webhooks: 0, masked: 0, live: 0 });
  });

  it('is in no file of the data folder afterwards, among thousands of others that came and went', async () => {
    for (let batch = 0; batch < 3; batch += 1) {
      await connection.transaction(async () => {
        for (let n = 0; n < 700; n += 1) {
          const id = `c${batch * 1_000 + n}`;
          const mine = n % 7 === 0;
          await addCall(id, mine ? {} : { digest: OTHER_DIGEST, number: OTHER });
          await addWebhook(`w-${id}`, id, 'delivered', mine ? MASKED : '+39333•••4321');
          await connection.execute('INSERT INTO open_calls (call_id, dossier, state) VALUES (?, ?, ?)', [
            `o-${id}`,
            JSON.stringify({ number: mine ? NUMBER : OTHER }),
            '{}',
          ]);
        }
      });
      await connection.transaction(() =>
        connection.execute("DELETE FROM open_calls WHERE call_id LIKE 'o-%'", []).then(() => undefined),
      );
    }
    expect(filesWith(dataDir, '3331234567')).not.toEqual([]);
    expect(await erase()).toMatchObject({ calls: 300, numbers: 300, webhooks: 300 });
    await connection.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    for (const trace of ['3331234567', MASKED]) expect(filesWith(dataDir, trace)).toEqual([]);
    expect(filesWith(dataDir, OTHER)).not.toEqual([]);
  });
});

/** Files of a folder that hold this text in UTF-8. */
function filesWith(folder: string, trace: string): readonly string[] {
  return readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(trace));
}
