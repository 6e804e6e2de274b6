import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { liveThroughAYear } from '../../../scripts/recount/year.ts';
import { type Clock, systemClock, type WallMs } from '../../base/clock.ts';
import type { DueMade } from '../../guard/report-port.ts';
import { checkManifest, MANIFEST_FILE } from '../../ledger/report/manifest.ts';
import { publicKeyNote } from '../../ledger/report/public-key-note.ts';
import { chosenJurisdiction } from '../../policy/jurisdictions/chosen-jurisdiction.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../../testing/postgresql-server.ts';
import { startWithoutThread } from '../../testing/store-without-thread.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { databasePlace } from '../database-place.ts';
import { joinDatabase } from '../open-database.ts';
import { createDatabaseStore, type DatabaseStore } from '../store.ts';
import { verifyLedger } from '../verify/verify-ledger.ts';
import { deleteKeptReport, keptReport, keptReports } from './keep-reports.ts';
import { answerReport } from './report-answers.ts';
import type { ReportTask } from './report-message.ts';

const LAW = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: null, calleeHangUp: null });
const privateKey = generateKeyPairSync('ed25519').privateKey;

const clockAt = (iso: string): Clock => ({
  ...systemClock,
  now: () => ({ monotonicMs: systemClock.monotonicMs(), wallMs: Date.parse(iso) as WallMs }),
});
const NOW = clockAt('2028-10-01T12:00:00Z');

let server: PostgresqlServer;
const engines = [
  { name: 'SQLite', begin: async () => {}, url: async () => null, end: async () => {} },
  {
    name: 'PostgreSQL',
    begin: async () => {
      server = await startPostgresqlServer();
    },
    url: () => server.createDatabase(),
    end: () => server.remove(),
  },
];

describe.each(engines)('kept reports on $name', ({ begin, url, end }) => {
  let dataDir: string;
  let store: DatabaseStore;
  let database: Database;
  let connection: Connection;
  let task: ReportTask;

  beforeAll(begin, 60_000);
  afterAll(end);

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'brusio-kept-'));
    const place = databasePlace({ url: await url(), dataDir, process: 'guard-1' });
    store = createDatabaseStore({
      ...{ place, log: pino({ level: 'silent' }), clock: systemClock, startThread: startWithoutThread },
    });
    await store.start();
    await liveThroughAYear(store, LAW, 5, 3);
    database = await joinDatabase(place, 'test', systemClock);
    connection = await database.connection();
    const others = { law: LAW, endsOn: null, machineFalsePositive: null, language: 'it' } as const;
    task = { place, book: { named: new Map(), others }, madeBy: { version: '0.1.0', process: 'guard-1' }, privateKey };
  });

  afterEach(async () => {
    await database.close();
    await store.stop();
    await rm(dataDir, { recursive: true });
  });

  async function makeDue(clock: Clock): Promise<DueMade> {
    const said = await answerReport(task, { ask: 'make-due' }, clock);
    return 'due' in said ? said.due : { made: 0, more: false };
  }

  it('are made of every day and window with calls, also long after, once; signed, in the ledger, and as they were', async () => {
    const first = await makeDue(NOW);
    const made = first.made + (first.more ? (await makeDue(NOW)).made : 0);
    const kept = await keptReports(connection, null);
    expect(kept).toHaveLength(made);
    expect(new Set(kept.map(({ period }) => period))).toEqual(new Set(['day', 'window']));
    expect(new Set(kept.map(({ keepUntil, revision }) => `${keepUntil} ${revision}`))).toEqual(
      new Set(['2030-10-01 1']),
    );
    expect(await makeDue(NOW)).toEqual({ made: 0, more: false });

    const [one] = kept;
    const files = (await keptReport(connection, one?.id ?? ''))?.files ?? [];
    expect(files.map(({ name }) => name)).toEqual(['report.csv', 'report.json', 'report.pdf', MANIFEST_FILE]);
    const octetsOf = (name: string) => files.find((file) => file.name === name)?.octets ?? null;
    expect(
      checkManifest(octetsOf(MANIFEST_FILE) ?? Buffer.alloc(0), octetsOf, publicKeyNote(privateKey)).problems,
    ).toEqual([]);

    const exports = await connection.execute("SELECT body FROM ledger WHERE kind = 'export'");
    const told = exports.rows.map(({ body }) => JSON.parse(String(body)).sha256);
    expect(told.sort()).toEqual(kept.map(({ sha256 }) => sha256).sort());
    expect(await verifyLedger(task.place, systemClock)).toMatchObject({ faults: [], tables: [] });
  });

  it('are made again, beside the first, when a count has moved since', async () => {
    while ((await makeDue(NOW)).more);
    const before = await keptReports(connection, null);
    const day = before.find(({ period, silent, handled }) => period === 'day' && silent + handled > 0);
    await connection.execute(
      `UPDATE campaign_days SET handled = handled + 1 WHERE campaign = '${day?.campaign}' AND day = '${day?.from}'`,
    );
    expect(await makeDue(NOW)).toEqual({ made: 2, more: false });
    const later = (await keptReports(connection, day?.campaign ?? '')).filter(({ revision }) => revision === 2);
    expect(later.map(({ period }) => period).sort()).toEqual(['day', 'window']);
    expect(await keptReports(connection, null)).toHaveLength(before.length + 2);
    expect(await makeDue(NOW)).toEqual({ made: 0, more: false });
  });

  it('are not deleted before the law lets it, and then with an entry', async () => {
    await makeDue(NOW);
    const [one] = await keptReports(connection, null);
    const id = one?.id ?? '';
    await expect(deleteKeptReport(connection, id, LAW, clockAt('2030-09-30T12:00:00Z'))).rejects.toThrow(
      `report ${id} is kept until 2030-10-01: Garante, decision 83/2014, point 5`,
    );
    expect(await keptReport(connection, id)).not.toBeNull();
    await deleteKeptReport(connection, id, LAW, clockAt('2030-10-01T12:00:00Z'));
    expect(await keptReport(connection, id)).toBeNull();
    const { rows } = await connection.execute("SELECT body FROM ledger WHERE kind = 'deletion'");
    expect(rows.map(({ body }) => JSON.parse(String(body)).sha256)).toEqual([one?.sha256]);
    await expect(deleteKeptReport(connection, id, LAW, NOW)).rejects.toMatchObject({ code: 'report.unknown' });
  });

  it('are made of the other campaigns when one has rows that cannot be counted, and that one is told of', async () => {
    const [first] = (await connection.execute('SELECT campaign FROM campaigns ORDER BY campaign')).rows;
    await connection.execute(
      `UPDATE outcomes SET record = replace(record, 'it-garante-83-2014@1', 'no-such-rules@1') WHERE campaign = '${first?.campaign}'`,
    );
    const untilDone = async () => {
      while ((await makeDue(NOW)).made > 0);
    };
    await expect(untilDone()).rejects.toThrow(`campaign ${first?.campaign}: this version knows no rules`);
    const campaigns = new Set((await keptReports(connection, null)).map(({ campaign }) => campaign));
    expect(campaigns.size).toBeGreaterThan(0);
    expect(campaigns).not.toContain(first?.campaign);
  });

  it('are not touched by the retention sweep', async () => {
    await makeDue(NOW);
    const before = await keptReports(connection, null);
    const farAhead = Date.UTC(2099, 0, 1) as WallMs;
    await store.sweep({ numbersBefore: farAhead, webhooksBefore: farAhead, locksBefore: farAhead });
    expect(await keptReports(connection, null)).toEqual(before);
  });
});

describe('several processes on one PostgreSQL', () => {
  it('make no report twice', async () => {
    const own = await startPostgresqlServer();
    const dataDir = await mkdtemp(join(tmpdir(), 'brusio-kept-'));
    try {
      const place = databasePlace({ url: await own.createDatabase(), dataDir, process: 'guard-1' });
      const store = createDatabaseStore({
        ...{ place, log: pino({ level: 'silent' }), clock: systemClock, startThread: startWithoutThread },
      });
      await store.start();
      await liveThroughAYear(store, LAW, 6, 4);
      const others = { law: LAW, endsOn: null, machineFalsePositive: null, language: 'en' } as const;
      const tasks = ['guard-1', 'guard-2', 'guard-3'].map((process) => ({
        ...{ place: { ...place, process }, book: { named: new Map(), others }, privateKey },
        madeBy: { version: '0.1.0', process },
      }));
      await Promise.all(tasks.map((task) => answerReport(task, { ask: 'make-due' }, NOW)));
      const database = await joinDatabase(place, 'test', systemClock);
      const kept = await keptReports(await database.connection(), null);
      const periods = kept.map(({ campaign, period, from }) => `${campaign} ${period} ${from}`);
      expect(new Set(periods).size).toBe(periods.length);
      expect(periods.length).toBeGreaterThan(5);
      await database.close();
      await store.stop();
    } finally {
      await own.remove();
      await rm(dataDir, { recursive: true });
    }
  }, 60_000);
});
