import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../src/base/clock.ts';
import type { WantedPeriod } from '../src/ledger/report/report-period.ts';
import { chosenJurisdiction } from '../src/policy/jurisdictions/chosen-jurisdiction.ts';
import type { Connection } from '../src/store/connection.ts';
import type { Database } from '../src/store/database.ts';
import { databasePlace } from '../src/store/database-place.ts';
import { joinDatabase } from '../src/store/open-database.ts';
import { draftReport } from '../src/store/report/make-report.ts';
import { createDatabaseStore, type DatabaseStore } from '../src/store/store.ts';
import { startWithoutThread } from '../src/testing/store-without-thread.ts';
import { countAgain } from './recount/report/again.ts';
import { compareFigures } from './recount/report/compare.ts';
import { sqliteRows } from './recount/rows.ts';
import { liveThroughAYear } from './recount/year.ts';
import { recountReport } from './recount-report.ts';

const LAW = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: null, calleeHangUp: null });
const OTHERWISE = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: 'A', calleeHangUp: 'B' });
const PERIODS: readonly WantedPeriod[] = [
  { kind: 'window', number: 1 },
  { kind: 'window', number: 21 },
  { kind: 'day', day: '2028-02-29' },
  // The clock is set back, and forward.
  { kind: 'range', from: '2027-10-29', to: '2027-11-04' },
  { kind: 'range', from: '2028-03-20', to: '2028-04-02' },
];

let dataDir: string;
let store: DatabaseStore;
let database: Database;
let connection: Connection;
let rows: DatabaseSync;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'brusio-recount-report-'));
  const place = databasePlace({ url: null, dataDir, process: 'guard-1' });
  store = createDatabaseStore({
    ...{ place, log: pino({ level: 'silent' }), clock: systemClock, startThread: startWithoutThread },
  });
  await store.start();
  await liveThroughAYear(store, LAW, 3_000, 83);
  database = await joinDatabase(place, 'test', systemClock);
  connection = await database.connection();
  rows = new DatabaseSync(join(dataDir, 'brusio.db'));
}, 60_000);

afterAll(async () => {
  rows.close();
  await database.close();
  await store.stop();
  await rm(dataDir, { recursive: true });
});

/** As `report.json` has it. */
async function reportOn(wanted: WantedPeriod, campaign = 'gas', law = LAW) {
  const order = {
    ...{ campaign, wanted, law, endsOn: null, today: '2028-10-01', id: '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10' },
    madeAt: Date.UTC(2028, 9, 1, 12) as WallMs,
    madeBy: { version: '0.1.0', process: 'guard-1' },
    machineFalsePositive: { percent: 4.5, evidence: '200 recordings' },
  };
  const signing = { language: 'en', privateKey: generateKeyPairSync('ed25519').privateKey } as const;
  const { files } = await draftReport(connection, order, signing);
  return JSON.parse(Buffer.from(files.find(({ name }) => name === 'report.json')?.octets ?? []).toString());
}

describe('every figure of a report counted again from the raw rows', () => {
  it.each(PERIODS)('agrees: %j', async (wanted) => {
    for (const campaign of ['gas', 'acqua']) {
      const { compared, differences } = await recountReport(sqliteRows(rows), await reportOn(wanted, campaign));
      expect(differences).toEqual([]);
      expect(compared).toBeGreaterThan(300);
    }
  });

  it('sees refusals, comfort noise, corrections and manual calls in what it counts', async () => {
    const { total } = await reportOn({ kind: 'range', from: '2027-09-10', to: '2028-08-30' });
    expect(total.refusals.byLaw).toBeGreaterThan(20);
    expect(total.refusals.byRule.map(({ rule }: { rule: string }) => rule)).toEqual(['recall-lock', 'roc']);
    expect(total.comfortNoise.missing).toBeGreaterThan(20);
    expect(total.comfortNoise.firstPacketMs.p99).toBeGreaterThan(total.comfortNoise.firstPacketMs.p50);
    expect(total.corrected).toBeGreaterThan(20);
    expect(total.notGuarded.manual).toBeGreaterThan(5);
  });

  it('finds every single figure that was changed in the report', async () => {
    const report = await reportOn({ kind: 'day', day: '2028-02-29' });
    const places: (readonly (string | number)[])[] = [];
    const visit = (value: unknown, path: readonly (string | number)[]): void => {
      if (typeof value === 'object' && value !== null) {
        for (const [key, inner] of Object.entries(value))
          visit(inner, [...path, Array.isArray(value) ? Number(key) : key]);
      } else if (typeof value === 'number') places.push(path);
    };
    for (const section of ['total', 'windows', 'days', 'hours', 'policies', 'ledger'])
      visit(report[section], [section]);
    const figures = places.filter((path) => !path.includes('citations'));
    expect(figures.length).toBeGreaterThan(200);
    const again = await countAgain(sqliteRows(rows), report);
    const missed = figures.filter((path) => {
      const changed = structuredClone(report);
      const parent = path.slice(0, -1).reduce((at, key) => at[key], changed);
      parent[path.at(-1) ?? ''] += 1;
      return compareFigures(changed, again).differences.length === 0;
    });
    expect(missed).toEqual([]);
  });

  it.each([
    [
      'the time of an answer',
      `UPDATE outcomes SET record = json_set(record, '$.times.answered', '2027-01-01T12:00:00.000Z') WHERE call_id = $call`,
      'answered',
    ],
    [
      'an entry of the ledger',
      `UPDATE ledger SET body = replace(body, '"seq"', '"Seq"'), at_ms = at_ms + 1 WHERE call_id = $call AND kind = 'outcome'`,
      'ledger',
    ],
    [
      'a kept count',
      `UPDATE campaign_days SET silent = silent + 1 WHERE campaign = 'gas' AND day = $day`,
      'agreement.projection',
    ],
    [
      'a class',
      `UPDATE outcomes SET record = json_set(record, '$.times.bridged', NULL, '$.answeredBy', 'not-classified', '$.waitMs', 3000) WHERE call_id = $bridged`,
      'silent',
    ],
    ['a call', `DELETE FROM outcomes WHERE call_id = $last`, 'calls'],
  ])('finds %s that was changed in the rows after the report', async (_what, sql, figure) => {
    const report = await reportOn({ kind: 'range', from: '2028-03-20', to: '2028-04-22' });
    const { from, to } = report.period;
    const calls = rows
      .prepare(
        "SELECT call_id, record, seq FROM outcomes WHERE campaign = 'gas' AND day BETWEEN ? AND ? AND kind = 'guarded' ORDER BY seq",
      )
      .all(from, to);
    const bridged = calls.find(
      ({ record }) => JSON.parse(String(record)).times.bridged !== null && JSON.parse(String(record)).waitMs < 3000,
    );
    const own = calls.at(-1)?.call_id;
    const values: Record<string, unknown> = {
      $call: own,
      $last: own,
      $bridged: bridged?.call_id,
      $day: report.days[0].day,
    };
    rows.exec('BEGIN; PRAGMA defer_foreign_keys = ON');
    const used = Object.fromEntries(Object.entries(values).filter(([name]) => sql.includes(name)));
    rows.prepare(sql).run(used as Record<string, string>);
    const { differences } = await recountReport(sqliteRows(rows), report);
    const found = differences.map((difference) => difference.figure);
    rows.exec('ROLLBACK');
    expect(
      found.filter((path) => path.includes(figure)),
      found.join(),
    ).not.toEqual([]);
  });

  it('agrees when the options were changed within the period, and by the other reading of all', async () => {
    const { differences } = await recountReport(
      sqliteRows(rows),
      await reportOn({ kind: 'window', number: 21 }, 'gas', OTHERWISE),
    );
    // What kept counts say of alternatives holds where the option did not change; here every window lies within.
    expect(differences).toEqual([]);
  });
});
