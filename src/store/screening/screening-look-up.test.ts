import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BLOCK_DIGESTS_MAX, digestBlocks } from '../../policy/screening/digest-blocks.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { openSqliteDatabase } from '../sqlite/sqlite-database.ts';
import { lookUpScreening } from './screening-look-up.ts';
import { insertBlock, insertList, putInForce } from './screening-queries.ts';

let dataDir: string;
let database: Database;
let connection: Connection;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'brusio-screening-'));
  database = await openSqliteDatabase({ dataDir, busyTimeoutMs: 100, process: 'guard-1' });
  connection = await database.connection();
});

afterEach(async () => {
  await database.close();
  rmSync(dataDir, { recursive: true });
});

/** Every third of so many digests, 32 hexadecimal digits as numbers have them. */
const digestOf = (n: number) => (3 * n + 1).toString(16).padStart(16, '0').padEnd(32, '7');

async function write(list: string, controller: string, digests: readonly string[], inForce = true): Promise<void> {
  const octets = Buffer.concat(digests.map((digest) => Buffer.from(digest.slice(0, 16), 'hex')));
  await connection.transaction(async () => {
    const times = { checkedAtMs: 1000, expiresAtMs: 2000, importedAtMs: 1500 };
    const file = { sha256: '', fileName: '', keyId: 'k', numbers: digests.length };
    await connection.run(insertList, { list, controller, ...times, ...file });
    for (const { first, digests: block } of digestBlocks([octets]))
      await connection.run(insertBlock, { list, first: Buffer.from(first, 'hex'), digests: block });
    if (inForce) await connection.run(putInForce, { list, importedAtMs: 1500 });
  });
}

describe('the look-up of a number in the cleared lists', () => {
  it('finds every number of the list, in whatever block it is, and no other', async () => {
    const count = 3 * BLOCK_DIGESTS_MAX + 5;
    const numbers = Array.from({ length: count }, (_, n) => digestOf(n));
    await write('list-1', 'acme', numbers);
    await write('list-2', 'other', [digestOf(count)]);
    for (const digest of numbers) {
      expect(await lookUpScreening(connection, 'acme', [digest])).toEqual({
        cleared: true,
        checkedAt: 1000,
        list: 'list-1',
      });
    }
    const others = [
      digestOf(0).replace('1', '0'),
      digestOf(count),
      ...[2, 3, 499 * 3].map((n) => (3 * n).toString(16).padStart(16, '0')),
    ];
    for (const digest of others) {
      expect(await lookUpScreening(connection, 'acme', [digest])).toMatchObject({ cleared: false, list: 'list-1' });
    }
  });

  it('says that a controller has no list, also while its first one is being written', async () => {
    await write('list-1', 'acme', [digestOf(1)]);
    await write('list-2', 'other', [digestOf(1)], false);
    expect(await lookUpScreening(connection, 'nobody', [digestOf(1)])).toBeNull();
    expect(await lookUpScreening(connection, 'other', [digestOf(1)])).toBeNull();
  });

  it('finds a number under an older key, with which the list was made', async () => {
    await write('list-1', 'acme', [digestOf(1)]);
    expect(await lookUpScreening(connection, 'acme', [digestOf(2), digestOf(1)])).toMatchObject({ cleared: true });
    expect(await lookUpScreening(connection, 'acme', [digestOf(2), digestOf(3)])).toMatchObject({ cleared: false });
  });

  it('reads one row by an index, however long the list is', async () => {
    const { compiled } = await import('./screening-queries.ts').then(({ selectPlaceOf }) => selectPlaceOf);
    const { rows } = await connection.execute(`EXPLAIN QUERY PLAN ${compiled('sqlite').sql}`, [
      Buffer.alloc(8),
      Buffer.alloc(8),
      'acme',
    ]);
    const plan = rows.map(({ detail }) => String(detail));
    expect(plan.filter((step) => step.startsWith('SCAN'))).toEqual([]);
    expect(plan.filter((step) => step.startsWith('SEARCH'))).toHaveLength(2);
    expect(plan.join()).not.toContain('TEMP B-TREE');
  });
});
