import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { databasePlace } from '../database-place.ts';
import { openDatabase } from '../open-database.ts';
import type { Query } from '../query.ts';
import { selectEntries, selectHash } from '../verify/ledger-reads.ts';
import * as queries from './story-queries.ts';

let dataDir: string;
let database: Database;
let connection: Connection;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'brusio-plan-'));
  database = await openDatabase(databasePlace({ url: null, dataDir, process: 'guard-1' }), systemClock);
  connection = await database.connection();
});
afterAll(async () => {
  await database.close();
  await rm(dataDir, { recursive: true });
});

it.each(Object.entries({ ...queries, selectEntries, selectHash }) as [string, Query][])(
  '%s goes by an index, however many calls there are',
  async (_, one) => {
    const { sql, bind } = one.compiled('sqlite');
    const none = bind(new Proxy({}, { get: () => 1 })).map((value) => (value === 1 ? '[]' : value));
    const plan = (await connection.execute(`EXPLAIN QUERY PLAN ${sql}`, none)).rows.map(({ detail }) => String(detail));
    expect(plan.length).toBeGreaterThan(0);
    expect(
      plan.filter((step) => /^SCAN (?:outcomes|ledger|webhooks|call_numbers)/.test(step)),
      plan.join('; '),
    ).toEqual([]);
  },
);
