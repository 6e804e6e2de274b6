import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../src/base/clock.ts';
import { campaignDetail } from '../src/http/campaign-view.ts';
import { chosenJurisdiction } from '../src/policy/jurisdictions/chosen-jurisdiction.ts';
import { databasePlace } from '../src/store/database-place.ts';
import { createDatabaseStore, type DatabaseStore } from '../src/store/store.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../src/testing/postgresql-server.ts';
import { startWithoutThread } from '../src/testing/store-without-thread.ts';
import { dayNumber, restsUntil, romanDay } from './recount/law.ts';
import { openRows } from './recount/rows.ts';
import { liveThroughAYear } from './recount/year.ts';
import { recount } from './recount.ts';

let dataDir: string;
let store: DatabaseStore;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'brusio-recount-'));
  const place = databasePlace({ url: null, dataDir, process: 'guard-1' });
  const log = pino({ level: 'silent' });
  store = createDatabaseStore({ place, log, clock: systemClock, startThread: startWithoutThread });
  await store.start();
});

afterEach(async () => {
  await store.stop();
  await rm(dataDir, { recursive: true });
});

async function recounted(place = join(dataDir, 'brusio.db')) {
  const rows = await openRows(place);
  try {
    return await recount(rows);
  } finally {
    await rows.close();
  }
}

describe('a year counted again from the rows of its calls', () => {
  it.each([
    { machineAnswered: null, calleeHangUp: null, calls: 4_000, seed: 83 },
    { machineAnswered: 'A', calleeHangUp: 'B', calls: 1_800, seed: 2014 },
  ] as const)('agrees to the call: $machineAnswered, $calleeHangUp', async ({ calls, seed, ...options }) => {
    const law = chosenJurisdiction({ jurisdiction: 'it', ...options });
    await liveThroughAYear(store, law, calls, seed);
    const again = await recounted();
    expect(again.differences).toEqual([]);
    expect(again.calls).toBeGreaterThan(calls * 0.9);
    expect(again.corrections).toBeGreaterThan(calls / 20);
    // A year and five days are up to 38 windows for each of three campaigns, whose last is a short one.
    expect(again.windows).toBeGreaterThanOrEqual(3 * 37);
    expect(again.locks).toBeGreaterThan(100);

    const terms = { endsOn: null, machineFalsePositive: null };
    for (const start of await store.campaigns()) {
      const days = await store.campaignDays(start.campaign, start.firstDay);
      const { windows } = campaignDetail(start, days, '2028-09-05', terms, law);
      for (const { from, silent, handled } of windows)
        expect(again.periods.get(`${start.campaign} from ${from}`) ?? '0/0', from).toBe(`${silent}/${handled}`);
    }
  });

  it.each([
    { jurisdiction: 'gb', calleeHangUp: null, calls: 1_500, windows: 0, locks: 200 },
    { jurisdiction: 'us', calleeHangUp: 'A', calls: 1_500, windows: 3 * 12, locks: 0 },
    { jurisdiction: 'ca', calleeHangUp: null, calls: 1_000, windows: 3 * 12, locks: 0 },
  ] as const)('agrees to the call under the rules of $jurisdiction', async (year) => {
    const { jurisdiction, calleeHangUp, calls } = year;
    const law = chosenJurisdiction({ jurisdiction, machineAnswered: null, calleeHangUp });
    await liveThroughAYear(store, law, calls, 310);
    const again = await recounted();
    expect(again.differences).toEqual([]);
    expect(again.calls).toBeGreaterThan(calls * 0.9);
    expect(again.windows).toBeGreaterThanOrEqual(year.windows);
    expect(again.windows > 0).toBe(year.windows > 0);
    expect(again.locks).toBeGreaterThanOrEqual(year.locks);
    expect(again.locks > 0).toBe(year.locks > 0);
    const terms = { endsOn: null, machineFalsePositive: null };
    for (const start of await store.campaigns()) {
      const days = await store.campaignDays(start.campaign, start.firstDay);
      const { windows, days: shown } = campaignDetail(start, days, '2028-09-05', terms, law);
      for (const { from, silent, handled } of windows)
        expect(again.periods.get(`${start.campaign} from ${from}`) ?? '0/0', from).toBe(`${silent}/${handled}`);
      for (const { from, silent, handled, machines, verdict } of shown) {
        expect(again.periods.get(`${start.campaign} ${from}`), from).toMatch(
          new RegExp(`^${silent}/${handled}, ${machines} machines`),
        );
        expect(verdict === null).toBe(jurisdiction !== 'gb');
      }
    }
  });

  it('finds a count, a lock and a class that are not as they should be', async () => {
    await liveThroughAYear(
      store,
      chosenJurisdiction({ jurisdiction: 'it', machineAnswered: null, calleeHangUp: null }),
      400,
      7,
    );
    const db = new DatabaseSync(join(dataDir, 'brusio.db'));
    db.exec(`UPDATE campaign_days SET handled = handled - 1, silent = silent + 1 WHERE rowid =
      (SELECT rowid FROM campaign_days WHERE handled > 0 LIMIT 1)`);
    db.exec('DELETE FROM recall_locks WHERE rowid = (SELECT min(rowid) FROM recall_locks)');
    db.exec(`UPDATE outcomes SET class = 'B' WHERE call_id = (SELECT call_id FROM outcomes o WHERE class = 'A'
      AND NOT EXISTS (SELECT 1 FROM outcome_corrections c WHERE c.call_id = o.call_id) LIMIT 1)`);
    const what = (await recounted()).differences.map((difference) => difference.what.split(' ')[0]);
    expect(new Set(what)).toEqual(new Set(['day', 'window', 'lock', 'class']));
  });
});

describe('on PostgreSQL', () => {
  let server: PostgresqlServer;
  beforeAll(async () => {
    server = await startPostgresqlServer();
  });
  afterAll(() => server.remove());

  it('a year agrees, and a count that was changed is named', async () => {
    const url = await server.createDatabase();
    const place = databasePlace({ url, dataDir, process: 'guard-1' });
    const log = pino({ level: 'silent' });
    const shared = createDatabaseStore({ place, log, clock: systemClock, startThread: startWithoutThread });
    await shared.start();
    const law = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: null, calleeHangUp: null });
    await liveThroughAYear(shared, law, 300, 83);
    await shared.stop();
    const again = await recounted(url);
    expect(again.differences).toEqual([]);
    expect(again.calls).toBeGreaterThan(200);
    await server.query(url, "UPDATE campaign_days SET silent = silent + 1 WHERE campaign = 'gas'");
    const { differences } = await recounted(url);
    expect(new Set(differences.map(({ what }) => what.split(' ')[0]))).toEqual(new Set(['day', 'window']));
  });
});

describe('the recount’s own calendar', () => {
  it('knows the changes of the clock, the leap day and the end of the year', () => {
    expect(romanDay('2028-02-28T23:30:00Z')).toBe('2028-02-29');
    expect(romanDay('2027-10-30T22:30:00Z')).toBe('2027-10-31');
    expect(dayNumber('2028-03-01') - dayNumber('2028-02-28')).toBe(2);
    expect(dayNumber('2028-01-01') - dayNumber('2027-12-31')).toBe(1);
    const until = (iso: string) => new Date(restsUntil(Date.parse(iso))).toISOString();
    expect(until('2026-11-20T09:15:07.214Z')).toBe('2026-11-25T23:00:00.000Z');
    expect(until('2026-03-28T22:30:00Z')).toBe('2026-04-02T22:30:00.000Z');
    expect(until('2026-10-24T21:30:00Z')).toBe('2026-10-29T23:00:00.000Z');
  });
});
