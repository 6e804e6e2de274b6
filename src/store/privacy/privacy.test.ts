/** What is dropped of people, and the digest keys, on either database. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Insertable } from 'kysely';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../../base/clock.ts';
import { SILENT_LOG } from '../../testing/fake-ports.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../../testing/postgresql-server.ts';
import { startWithoutThread } from '../../testing/store-without-thread.ts';
import { outcomeEntry, sampleCallId } from '../../testing/stored-calls.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { databasePlace } from '../database-place.ts';
import { kyselyOn } from '../kysely-on.ts';
import { openDatabase } from '../open-database.ts';
import type { Schema } from '../schema.ts';
import { DATABASE_FILE } from '../sqlite/sqlite-database.ts';
import { createDatabaseStore } from '../store.ts';
import { eraseNumber } from './number-erasure.ts';
import { numberKeyNeeds, useNumberKeys } from './number-keys.ts';
import { SWEEP_ROWS_MAX, sweepBatch } from './retention-sweep.ts';

const DIGEST = 'a'.repeat(32);
const OTHER_DIGEST = 'b'.repeat(32);
const NUMBER = '+393331234567';
const OTHER = '+393337654321';
const MASKED = '+39333•••4567';
const HOUR_MS = 3_600_000;
const FAR = (Date.now() + 86_400_000) as WallMs;
const at = (hours: number) => (1_795_000_000_000 + hours * HOUR_MS) as WallMs;

let server: PostgresqlServer;
beforeAll(async () => {
  server = await startPostgresqlServer();
  return () => server.remove();
});

describe.each(['SQLite', 'PostgreSQL'])('on %s', (name) => {
  let dataDir: string;
  let url: string | null = null;
  let database: Database;
  let connection: Connection;

  beforeAll(async () => {
    if (name === 'PostgreSQL') url = await server.createDatabase();
  });
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'brusio-privacy-'));
    database = await openDatabase(databasePlace({ url, dataDir, process: 'guard-1' }), systemClock);
    connection = await database.connection();
  });
  afterEach(async () => {
    await database.close();
    if (url !== null) await server.empty(url);
    rmSync(dataDir, { recursive: true });
  });

  const add = <T extends keyof Schema>(table: T, row: Insertable<Schema[T]>) =>
    kyselyOn(connection)
      .insertInto(table)
      .values(row as never)
      .execute();
  const column = async (sql: string) => (await connection.execute(sql, [])).rows.map((row) => Object.values(row)[0]);
  const addCall = (id: string, call: Partial<Insertable<Schema['outcomes']>> = {}) =>
    add('outcomes', {
      call_id: id,
      chain: 'guard-1',
      seq: Number(id.replace(/\D/g, '')),
      dialer_call_id: `d-${id}`,
      campaign: 'luce',
      controller: 'enel',
      digest: DIGEST,
      kind: 'guarded',
      network: 'answered',
      handling: 'silent',
      invited_at_ms: at(0),
      ended_at_ms: at(0),
      record: JSON.stringify({ callId: id }),
      ...call,
    });
  const addNumber = (id: string, number = NUMBER, digest: string | null = DIGEST, atMs: number = at(0)) =>
    add('call_numbers', { call_id: id, digest, number, at_ms: atMs });
  const addWebhook = (
    id: string,
    callId: string,
    state: 'waiting' | 'delivered' | 'dead',
    number = MASKED,
    createdAtMs: number = at(0),
  ) =>
    add('webhooks', {
      id,
      process: 'guard-1',
      call_id: callId,
      type: 'call.outcome',
      endpoint: 'crm',
      body: JSON.stringify({ type: 'call.outcome', data: { callId, number, class: 'A' } }),
      next_attempt_at_ms: 1,
      created_at_ms: createdAtMs,
      delivered_at_ms: state === 'delivered' ? at(1) : null,
      dead_at_ms: state === 'dead' ? at(1) : null,
    });
  const addLock = (id: string, silentAtMs: number) =>
    add('recall_locks', { scope: 's', digest: id, until_ms: 0, silent_at_ms: silentAtMs, call_id: id });

  describe('a number that is erased', () => {
    const erase = (controller: string | null = null) =>
      connection.transaction(() =>
        eraseNumber(connection, { digests: ['c'.repeat(32), DIGEST], spellings: [NUMBER, '3331234567'], controller }),
      );

    it("loses its row and its delivered and dead webhooks; other people's stay, and so do outcome, digest and lock", async () => {
      await addCall('c1');
      await addNumber('c1');
      await addCall('c2', { digest: OTHER_DIGEST });
      await addNumber('c2', OTHER, OTHER_DIGEST);
      await addWebhook('w1', 'c1', 'delivered');
      await addWebhook('w2', 'c1', 'dead');
      await addWebhook('w3', 'c2', 'delivered');
      await addLock(DIGEST, at(0));
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
      await addNumber('c1');
      await addCall('c2', { controller: 'eni' });
      await addNumber('c2');
      expect(await erase('eni')).toMatchObject({ calls: 1, numbers: 1 });
      expect(await column('SELECT call_id FROM call_numbers')).toEqual(['c1']);
    });

    it('is found by how it is written where an older Brusio kept no digest, and goes from the record that no hash covers', async () => {
      const record = JSON.stringify({ callId: 'c1', number: MASKED, class: 'A' });
      await addCall('c1', { digest: null, chain: null, seq: null, record });
      await addNumber('c1', '3331234567', null);
      expect(await erase()).toMatchObject({ calls: 1, numbers: 1 });
      const [stored] = await column('SELECT record FROM outcomes');
      expect(JSON.parse(String(stored))).toEqual({ callId: 'c1', number: '•••', class: 'A' });
    });

    it('says how many calls to it live: their numbers can go when they have ended', async () => {
      const live = (id: string, number: string) =>
        add('open_calls', {
          call_id: id,
          process: 'guard-1',
          dossier: JSON.stringify({ callId: id, number }),
          state: '{}',
        });
      await live('l1', '3331234567');
      await live('l2', OTHER);
      expect(await erase()).toMatchObject({ calls: 0, live: 1 });
    });

    it('finds nothing more the second time', async () => {
      await addCall('c1');
      await addNumber('c1');
      await erase();
      expect(await erase()).toEqual({ calls: 1, numbers: 0, webhooks: 0, masked: 0, live: 0 });
    });

    if (name === 'SQLite')
      it('is in no file of the data folder afterwards, among others that came and went', async () => {
        for (let batch = 0; batch < 2; batch += 1) {
          await connection.transaction(async () => {
            for (let n = 0; n < 700; n += 1) {
              const id = `c${batch * 1_000 + n}`;
              const mine = n % 7 === 0;
              await addCall(id, { digest: mine ? DIGEST : OTHER_DIGEST });
              await addNumber(id, mine ? NUMBER : OTHER, mine ? DIGEST : OTHER_DIGEST);
              await addWebhook(`w-${id}`, id, 'delivered', mine ? MASKED : '+39333•••4321');
              const dossier = JSON.stringify({ number: mine ? NUMBER : OTHER });
              await add('open_calls', { call_id: id, process: 'guard-1', dossier, state: '{}' });
            }
          });
          await connection.transaction(async () => void (await connection.execute('DELETE FROM open_calls')));
        }
        expect(filesWith(dataDir, '3331234567')).not.toEqual([]);
        expect(await erase()).toMatchObject({ calls: 200, numbers: 200, webhooks: 200 });
        await connection.execute('PRAGMA wal_checkpoint(TRUNCATE)');
        for (const trace of ['3331234567', MASKED]) expect(filesWith(dataDir, trace)).toEqual([]);
        expect(filesWith(dataDir, OTHER)).not.toEqual([]);
      });
  });

  describe('what has been kept long enough', () => {
    const sweep = (numbers: number, webhooks: number, locks = 0) => {
      const limits = { numbersBefore: numbers as WallMs, webhooksBefore: webhooks as WallMs };
      return connection.transaction(() => sweepBatch(connection, { ...limits, locksBefore: locks as WallMs }));
    };

    it('goes: numbers by the age of their call, webhooks by theirs when they were delivered or given up', async () => {
      await addNumber('old', NUMBER, DIGEST, 99);
      await addNumber('young', NUMBER, DIGEST, 100);
      await addWebhook('delivered', 'c', 'delivered', MASKED, 49);
      await addWebhook('dead', 'c', 'dead', MASKED, 49);
      await addWebhook('waiting', 'c', 'waiting', MASKED, 49);
      await addWebhook('young', 'c', 'delivered', MASKED, 50);
      expect(await sweep(100, 50)).toEqual({ numbers: 1, webhooks: 2, locks: 0, more: false });
      expect(await column('SELECT call_id FROM call_numbers')).toEqual(['young']);
      expect(await column('SELECT id FROM webhooks ORDER BY id')).toEqual(['waiting', 'young']);
    });

    it('goes in batches, the oldest first, and tells that there is more', async () => {
      await connection.transaction(async () => {
        for (let n = 0; n <= SWEEP_ROWS_MAX; n += 1) await addNumber(`c${n}`, NUMBER, DIGEST, 1_000 - (n % 500));
      });
      await addNumber('youngest', NUMBER, DIGEST, 1_001);
      expect(await sweep(2_000, 0)).toMatchObject({ numbers: SWEEP_ROWS_MAX, webhooks: 0, more: true });
      expect(await column('SELECT max(at_ms) FROM call_numbers')).toEqual([1_001]);
      expect(await sweep(2_000, 0)).toMatchObject({ numbers: 2, webhooks: 0, more: false });
    });

    it('goes: locks that ended by the clock, in batches, and none that waits for an agent', async () => {
      const lock = (digest: string, until: number, after: 'free' | null) =>
        connection.execute(
          `INSERT INTO recall_locks (scope, digest, until_ms, silent_at_ms, call_id, "after")
             VALUES ('acme', '${digest}', ${until}, 0, 'c', ${after === null ? 'NULL' : `'${after}'`})`,
        );
      await lock('ended', 99, 'free');
      await lock('ends', 100, 'free');
      await lock('waits-for-an-agent', 99, null);
      expect(await sweep(0, 0, 100)).toEqual({ numbers: 0, webhooks: 0, locks: 1, more: false });
      expect(await column('SELECT digest FROM recall_locks ORDER BY digest')).toEqual(['ends', 'waits-for-an-agent']);
      await connection.transaction(async () => {
        for (let n = 0; n <= SWEEP_ROWS_MAX; n += 1) await lock(`n${n}`, n, 'free');
      });
      expect(await sweep(0, 0, 2_000)).toMatchObject({ locks: SWEEP_ROWS_MAX, more: true });
      expect(await sweep(0, 0, 2_000)).toMatchObject({ locks: 2, more: false });
      expect(await column('SELECT digest FROM recall_locks')).toEqual(['waits-for-an-agent']);
    });
  });

  describe('the digest keys', () => {
    const use = (ids: readonly string[], hours: number) => useNumberKeys(connection, ids, at(hours));

    it('are those it was used with: another file is refused in plain words, the same and a rotated one are not', async () => {
      await use(['k1'], 0);
      await use(['k1'], 1);
      await expect(use(['k9'], 2)).rejects.toThrow(
        /last used with the number key k1, which the key file does not have \(it has k9\)/,
      );
      await use(['k2', 'k1'], 3);
    });

    it('refuse a copy from before the rotation: its process would not see the locks of the others', async () => {
      await use(['k1'], 0);
      await use(['k2', 'k1'], 1);
      await expect(use(['k1'], 2)).rejects.toThrow('number key k2');
    });

    it('are needed as long as a lock, a list in force or a reported call may be found by them', async () => {
      await use(['k1'], 0);
      await use(['k2', 'k1'], 10);
      await addLock('within its last hour', at(0.5));
      await addLock('after the rotation', at(11));
      const list = (id: string, keyId: string, expires: number, current: 0 | 1) =>
        add('screening_lists', {
          list_id: id,
          controller: id,
          checked_at_ms: 0,
          expires_at_ms: at(expires),
          numbers: 1,
          sha256: '',
          file_name: '',
          imported_at_ms: 0,
          key_id: keyId,
          current,
        });
      await list('in force', 'k1', 30, 1);
      await list('replaced', 'k1', 30, 0);
      await list('expired', 'k1', 15, 1);
      await list('new key', 'k2', 30, 1);
      await addCall('c1', { invited_at_ms: at(-20) });
      await addCall('c2', { invited_at_ms: at(-1) });
      await addCall('c3', { invited_at_ms: at(11) });
      expect(await numberKeyNeeds(connection, ['k2', 'k1', 'k0'], at(20), at(-10))).toEqual([
        { keyId: 'k1', lastUsedAt: at(0), use: 'over', locks: 1, optOuts: 0, lists: 1, calls: 1 },
        { keyId: 'k0', lastUsedAt: null, use: 'over', locks: 0, optOuts: 0, lists: 0, calls: 0 },
      ]);
    });
  });
});

describe('a request, from the store to the ledger', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'brusio-request-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));
  const storeWith = (ids: readonly string[]) =>
    createDatabaseStore({
      place: databasePlace({ url: null, dataDir, process: 'guard-1' }),
      log: SILENT_LOG,
      clock: systemClock,
      numberKeyIds: () => ids,
      startThread: startWithoutThread,
    });

  it('drops the number of stored calls, which are still found by their digest, and is an entry of a chain that is whole', async () => {
    const store = storeWith(['k1']);
    await store.start();
    await store.recordOutcome({ ...outcomeEntry(1), digest: DIGEST });
    await store.recordOutcome({ ...outcomeEntry(2), digest: OTHER_DIGEST });
    const erasure = { digests: [DIGEST], spellings: [NUMBER], controller: null };
    expect(await store.eraseNumber(erasure)).toMatchObject({ calls: 1, numbers: 1, live: 0 });
    expect(await store.callsByDigest([DIGEST])).toMatchObject([{ callId: sampleCallId(1), number: '•••' }]);
    expect(await store.callsByDigest([OTHER_DIGEST])).toMatchObject([{ callId: sampleCallId(2), number: MASKED }]);
    await store.recordOutcome({ ...outcomeEntry(3), digest: DIGEST });
    const swept = await store.sweep({ numbersBefore: FAR, webhooksBefore: FAR, locksBefore: FAR });
    expect(swept).toMatchObject({ numbers: 2, more: false });
    expect(filesWith(dataDir, NUMBER)).toEqual([]);
    await store.stop();

    const db = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true });
    const rows = db.prepare('SELECT * FROM ledger ORDER BY seq').all();
    db.close();
    const told = rows.filter(({ kind }) => kind === 'erasure').map(({ body }) => JSON.parse(String(body)));
    expect(told).toEqual([
      { v: 1, cause: 'request', before: null, digests: [DIGEST], controller: null, numbers: 1, webhooks: 0 },
      {
        v: 1,
        cause: 'retention',
        before: new Date(FAR).toISOString(),
        digests: [],
        controller: null,
        numbers: 2,
        webhooks: 0,
      },
    ]);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_row, index) => index + 1));
  });

  it('is not taken by a store whose keys are not those of the database', async () => {
    const first = storeWith(['k1']);
    await first.start();
    await first.stop();
    const other = storeWith(['k2']);
    await expect(other.start()).rejects.toMatchObject({
      code: 'store.cannot-open',
      message: expect.stringContaining('number key k1'),
    });
    const rotated = storeWith(['k2', 'k1']);
    await rotated.start();
    await rotated.stop();
  });
});

/** Files of a folder that hold this text in UTF-8. */
function filesWith(folder: string, trace: string): readonly string[] {
  return readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(trace));
}
