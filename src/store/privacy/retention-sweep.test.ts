import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { openSqliteDatabase } from '../sqlite/sqlite-database.ts';
import { SWEEP_ROWS_MAX, sweepBatch } from './retention-sweep.ts';

describe('what has been kept long enough', () => {
  let dataDir: string;
  let database: Database;
  let connection: Connection;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'brusio-sweep-'));
    database = await openSqliteDatabase({ dataDir, busyTimeoutMs: 1_000, process: 'guard-1' });
    connection = await database.connection();
  });
  afterEach(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true });
  });

  const sweep = (numbersBefore: number, webhooksBefore: number) =>
    connection.transaction(() =>
      sweepBatch(connection, { numbersBefore: numbersBefore as WallMs, webhooksBefore: webhooksBefore as WallMs }),
    );
  const addNumber = (id: string, atMs: number) =>
    connection.execute('INSERT INTO call_numbers (call_id, digest, number, at_ms) VALUES (?, ?, ?, ?)', [
      id,
      'd',
      '+39333',
      atMs,
    ]);
  const addWebhook = (id: string, createdAtMs: number, deliveredAtMs: number | null, deadAtMs: number | null = null) =>
    connection.execute(
      `INSERT INTO webhooks (id, call_id, type, endpoint, body, next_attempt_at_ms, created_at_ms, delivered_at_ms, dead_at_ms) VALUES (?, 'c', 't', 'e', '{}', 1, ?, ?, ?)`,
      [id, createdAtMs, deliveredAtMs, deadAtMs],
    );
  const ids = async (sql: string) => (await connection.execute(sql, [])).rows.map((row) => Object.values(row)[0]);

  it('goes: numbers by the age of their call, webhooks by theirs when they were delivered or given up', async () => {
    await addNumber('old', 99);
    await addNumber('young', 100);
    await addWebhook('delivered', 49, 60);
    await addWebhook('dead', 49, null, 60);
    await addWebhook('waiting', 49, null);
    await addWebhook('young', 50, 60);
    expect(await sweep(100, 50)).toEqual({ numbers: 1, webhooks: 2, more: false });
    expect(await ids('SELECT call_id FROM call_numbers')).toEqual(['young']);
    expect(await ids('SELECT id FROM webhooks ORDER BY id')).toEqual(['waiting', 'young']);
  });

  it('goes in batches, the oldest first, and tells that there is more', async () => {
    await connection.transaction(async () => {
      for (let n = 0; n <= SWEEP_ROWS_MAX; n += 1) await addNumber(`c${n}`, 1_000 - (n % 500));
    });
    await addNumber('youngest', 1_001);
    expect(await sweep(2_000, 0)).toEqual({ numbers: SWEEP_ROWS_MAX, webhooks: 0, more: true });
    expect(await ids('SELECT max(at_ms) FROM call_numbers')).toEqual([1_001]);
    expect(await sweep(2_000, 0)).toEqual({ numbers: 2, webhooks: 0, more: false });
  });
});
