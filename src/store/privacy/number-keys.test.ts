import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { openSqliteDatabase } from '../sqlite/sqlite-database.ts';
import { numberKeyNeeds, useNumberKeys } from './number-keys.ts';

const HOUR = 3_600_000;
const at = (hours: number) => (1_795_000_000_000 + hours * HOUR) as WallMs;

describe('the digest keys of a database', () => {
  let dataDir: string;
  let database: Database;
  let connection: Connection;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'brusio-keys-'));
    database = await openSqliteDatabase({ dataDir, busyTimeoutMs: 1_000, process: 'guard-1' });
    connection = await database.connection();
  });
  afterEach(async () => {
    await database.close();
    rmSync(dataDir, { recursive: true });
  });

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
    const lock = (id: string, hours: number) =>
      connection.execute(
        'INSERT INTO recall_locks (scope, digest, until_ms, silent_at_ms, call_id) VALUES (?, ?, 0, ?, ?)',
        ['s', id, at(hours), id],
      );
    await lock('within its last hour', 0.5);
    await lock('after the rotation', 11);
    const list = (id: string, keyId: string, expires: number, current: number) =>
      connection.execute(
        `INSERT INTO screening_lists (list_id, controller, checked_at_ms, expires_at_ms, numbers, sha256, file_name, imported_at_ms, key_id, "current") VALUES (?, ?, 0, ?, 1, '', '', 0, ?, ?)`,
        [id, id, at(expires), keyId, current],
      );
    await list('in force', 'k1', 30, 1);
    await list('replaced', 'k1', 30, 0);
    await list('expired', 'k1', 15, 1);
    await list('new key', 'k2', 30, 1);
    const call = (id: string, hours: number) =>
      connection.execute(
        `INSERT INTO outcomes (call_id, dialer_call_id, campaign, digest, network, handling, invited_at_ms, ended_at_ms, record) VALUES (?, ?, 'c', 'd', 'n', 'h', ?, 0, '{}')`,
        [id, id, at(hours)],
      );
    await call('before the reports', -20);
    await call('reported', -1);
    await call('after the rotation', 11);
    expect(await numberKeyNeeds(connection, ['k2', 'k1', 'k0'], at(20), at(-10))).toEqual([
      { keyId: 'k1', lastUsedAt: at(0), locks: 1, lists: 1, calls: 1 },
      { keyId: 'k0', lastUsedAt: null, locks: 0, lists: 0, calls: 0 },
    ]);
  });
});
