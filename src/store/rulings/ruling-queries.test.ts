import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../../testing/postgresql-server.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { databasePlace } from '../database-place.ts';
import { openDatabase } from '../open-database.ts';
import { prepareForRulings } from './ruling-connection.ts';
import * as queries from './ruling-queries.ts';

/** What a ruling asks of tables that grow with every call. */
const LOOK_UPS = Object.entries(queries).filter(([name]) => /^(select|count)/.test(name));

describe("a ruling's look-up goes by an index, never through a whole table", () => {
  let server: PostgresqlServer;
  let dataDir: string;
  const opened: Database[] = [];
  const connections: Connection[] = [];

  beforeAll(async () => {
    server = await startPostgresqlServer();
    dataDir = await mkdtemp(join(tmpdir(), 'brusio-queries-'));
    for (const url of [null, await server.createDatabase()]) {
      const database = await openDatabase(databasePlace({ url, dataDir, process: 'guard-1' }), systemClock);
      opened.push(database);
      const connection = await database.connection();
      await prepareForRulings(connection);
      connections.push(connection);
    }
  });
  afterAll(async () => {
    for (const database of opened) await database.close();
    await server.remove();
    await rm(dataDir, { recursive: true });
  });

  it.each(LOOK_UPS)('%s', async (_name, look) => {
    for (const connection of connections) {
      const { sql } = look.compiled(connection.kind);
      // What is in flight is PostgreSQL's to say.
      if (connection.kind === 'sqlite' && sql.includes('reservations')) continue;
      const plain = sql.replaceAll(/\?|\$\d+::jsonb/g, '\'["1"]\'').replaceAll(/\$\d+/g, "'1'");
      const explain = connection.kind === 'sqlite' ? 'EXPLAIN QUERY PLAN ' : 'EXPLAIN ';
      const { rows } = await connection.execute(explain + plain);
      const plan = rows.map((row) => String(row.detail ?? row['QUERY PLAN'])).join('\n');
      expect(plan).not.toMatch(/SCAN (outcomes|recall_locks|campaign|reservations|outcome_corrections)/);
      expect(plan).not.toMatch(/Seq Scan on/);
    }
  });
});
