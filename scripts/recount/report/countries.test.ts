import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../../../src/base/clock.ts';
import type { WantedPeriod } from '../../../src/ledger/report/report-period.ts';
import { chosenJurisdiction, type JurisdictionChoice } from '../../../src/policy/jurisdictions/chosen-jurisdiction.ts';
import { databasePlace } from '../../../src/store/database-place.ts';
import { joinDatabase } from '../../../src/store/open-database.ts';
import { draftReport } from '../../../src/store/report/make-report.ts';
import { createDatabaseStore } from '../../../src/store/store.ts';
import { SILENT_LOG } from '../../../src/testing/fake-ports.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../../../src/testing/postgresql-server.ts';
import { startWithoutThread } from '../../../src/testing/store-without-thread.ts';
import { recountReport } from '../../recount-report.ts';
import { openRows } from '../rows.ts';
import { liveThroughAYear } from '../year.ts';
import type { Tree } from './compare.ts';

type Case = {
  readonly name: string;
  readonly choice: Partial<JurisdictionChoice> & Pick<JurisdictionChoice, 'jurisdiction'>;
  readonly estimate: number | null;
  readonly on: 'SQLite' | 'PostgreSQL';
  readonly periods: readonly WantedPeriod[];
  /** What makes the case worth its while. */
  readonly has: (first: Tree) => void;
};

const [SPRING, YEAR]: readonly WantedPeriod[] = [
  { kind: 'range', from: '2028-03-20', to: '2028-04-02' },
  { kind: 'range', from: '2027-09-10', to: '2028-08-30' },
];
const DAY: WantedPeriod = { kind: 'day', day: '2028-02-29' };

const CASES: readonly Case[] = [
  {
    name: 'gb, with detection and an estimate',
    ...{ choice: { jurisdiction: 'gb' }, estimate: 4.5, on: 'PostgreSQL', periods: [YEAR as WantedPeriod, DAY] },
    has({ total }: Tree) {
      expect(total.estimate).toMatchObject({ method: 'false-positives', missing: false });
      expect(total.estimate.added).toBeGreaterThan(0);
      expect(total.estimate.machinesHeard).toBeGreaterThan(0);
      expect(total.ratio.silent).toBe(total.silent + total.estimate.added);
    },
  },
  {
    name: 'gb, without detection',
    choice: { jurisdiction: 'gb', machineDetection: 'none', calleeHangUp: 'A' },
    ...{ estimate: null, on: 'SQLite', periods: [YEAR as WantedPeriod, DAY] },
    has({ total }: Tree) {
      expect(total.estimate.method).toBe('agents-machines');
      expect(Number(total.estimate.deducted)).toBeGreaterThan(0);
    },
  },
  {
    name: 'us, in the time of Chicago',
    choice: { jurisdiction: 'us', timeZone: 'America/Chicago' },
    ...{ estimate: 2, on: 'PostgreSQL', periods: [{ kind: 'window', number: 7 }, SPRING as WantedPeriod] },
    has({ total, period }: Tree) {
      expect(total.limit).toMatchObject({ silent: 3, of: 100 });
      expect((Date.parse(period.to) - Date.parse(period.from)) / 86_400_000).toBe(29);
    },
  },
  {
    name: 'ca, in the time of St. John’s',
    choice: { jurisdiction: 'ca', timeZone: 'America/St_Johns' },
    ...{ estimate: null, on: 'SQLite', periods: [{ kind: 'window', number: 6 }, SPRING as WantedPeriod] },
    has({ total, period, hours }: Tree) {
      expect([period.from, period.to]).toEqual(['2028-02-01', '2028-02-29']);
      expect(total.limit).toMatchObject({ silent: 5, of: 100 });
      expect(hours[0].hour).toMatch(/-03:30$/);
    },
  },
  {
    name: 'de',
    choice: { jurisdiction: 'de', machineAnswered: 'A' },
    ...{ estimate: 3, on: 'SQLite', periods: [SPRING as WantedPeriod, DAY] },
    has({ total, windows }: Tree) {
      expect([total.limit, windows]).toEqual([null, []]);
    },
  },
];

let server: PostgresqlServer;
let dataDir: string;
beforeAll(async () => {
  server = await startPostgresqlServer();
}, 60_000);
afterAll(() => server.remove());
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'brusio-recount-countries-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

describe('every figure of a report under the rules of another country', () => {
  it.each(CASES)(
    'agrees with the raw rows: $name ($on)',
    async ({ choice, estimate, on, periods, has }) => {
      const law = chosenJurisdiction({ machineAnswered: null, calleeHangUp: null, ...choice });
      const url = on === 'PostgreSQL' ? await server.createDatabase() : null;
      const place = databasePlace({ url, dataDir, process: 'guard-1' });
      const store = createDatabaseStore({
        place,
        log: SILENT_LOG,
        clock: systemClock,
        startThread: startWithoutThread,
      });
      await store.start();
      await liveThroughAYear(store, law, 450, 310);
      const database = await joinDatabase(place, 'test', systemClock);
      const rows = await openRows(url ?? join(dataDir, 'brusio.db'));
      for (const [index, wanted] of periods.entries()) {
        const { files } = await draftReport(
          await database.connection(),
          {
            ...{ campaign: 'gas', wanted, law, endsOn: null, today: '2028-10-01' },
            ...{ id: '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10', madeBy: { version: '0.1.0', process: 'guard-1' } },
            machineFalsePositive: estimate === null ? null : { percent: estimate, evidence: '200 recordings' },
            madeAt: Date.UTC(2028, 9, 1, 12) as WallMs,
          },
          { language: 'en', privateKey: generateKeyPairSync('ed25519').privateKey },
        );
        const octets = files.find(({ name }) => name === 'report.json')?.octets ?? [];
        const report = JSON.parse(Buffer.from(octets).toString());
        const { compared, differences } = await recountReport(rows, report);
        expect(differences).toEqual([]);
        expect(compared).toBeGreaterThan(100);
        report.total.ratio.silent += 1;
        expect((await recountReport(rows, report)).differences.map(({ figure }) => figure)).toEqual([
          'total.ratio.silent',
        ]);
        report.total.ratio.silent -= 1;
        if (index === 0) has(report);
      }
      await rows.close();
      await database.close();
      await store.stop();
    },
    120_000,
  );
});
