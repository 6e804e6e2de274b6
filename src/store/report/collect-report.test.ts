import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { liveThroughAYear } from '../../../scripts/recount/year.ts';
import { systemClock, type WallMs } from '../../base/clock.ts';
import type { WantedPeriod } from '../../ledger/report/report-period.ts';
import { chosenJurisdiction } from '../../policy/jurisdictions/chosen-jurisdiction.ts';
import { startWithoutThread } from '../../testing/store-without-thread.ts';
import type { Database } from '../database.ts';
import { databasePlace } from '../database-place.ts';
import { joinDatabase } from '../open-database.ts';
import { createDatabaseStore, type DatabaseStore } from '../store.ts';
import { collectReport, type ReportOrder } from './collect-report.ts';

const LAW = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: null, calleeHangUp: null });
let dataDir: string;
let store: DatabaseStore;
let database: Database;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'brusio-report-'));
  const place = databasePlace({ url: null, dataDir, process: 'guard-1' });
  store = createDatabaseStore({
    ...{ place, log: pino({ level: 'silent' }), clock: systemClock, startThread: startWithoutThread },
  });
  await store.start();
  await liveThroughAYear(store, LAW, 3_000, 1);
  database = await joinDatabase(place, 'test', systemClock);
});

afterAll(async () => {
  await database.close();
  await store.stop();
  await rm(dataDir, { recursive: true });
});

function order(wanted: WantedPeriod, campaign = 'gas'): ReportOrder {
  return {
    ...{ campaign, wanted, law: LAW, endsOn: null, today: '2028-10-01', machineFalsePositive: null },
    id: '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10',
    madeAt: Date.UTC(2028, 9, 1, 12) as WallMs,
    madeBy: { version: '0.1.0', process: 'guard-1' },
  };
}

const reportOn = async (wanted: WantedPeriod) => collectReport(await database.connection(), order(wanted));

describe('a report', () => {
  it('adds up: a window is the sum of its days, these of their hours, and of the rules that held', async () => {
    for (const number of [1, 6, 20, 37]) {
      const { total, windows, days, hours, policies, ledger } = await reportOn({ kind: 'window', number });
      const sum = (parts: readonly { silent: number; handled: number; calls: number }[]) => ({
        silent: parts.reduce((all, { silent }) => all + silent, 0),
        handled: parts.reduce((all, { handled }) => all + handled, 0),
        calls: parts.reduce((all, { calls }) => all + calls, 0),
      });
      expect(sum([total])).toEqual(sum(days));
      expect(sum(days)).toEqual(sum(hours));
      expect(sum(policies)).toEqual(sum(days));
      expect(windows).toHaveLength(1);
      expect(windows[0]).toMatchObject({ number, silent: total.silent, handled: total.handled, countedFrom: 'rows' });
      expect(total.calls).toBeGreaterThan(0);
      expect(ledger.agreement).toMatchObject({ agrees: true, differences: [] });
    }
  });

  it('shows the windows that it lies in by their kept counts, which are those of their own report', async () => {
    const { windows } = await reportOn({ kind: 'range', from: '2028-03-20', to: '2028-04-02' });
    expect(windows.map(({ countedFrom }) => countedFrom)).toContain('kept-counts');
    for (const { number, silent, handled, machines, calleeHangUps } of windows) {
      const own = await reportOn({ kind: 'window', number: number ?? 0 });
      expect(own.windows[0]).toMatchObject({ silent, handled, machines, calleeHangUps, countedFrom: 'rows' });
    }
  });

  it('tells the two hours that one clock hour is, when it is set back', async () => {
    const { hours } = await reportOn({ kind: 'range', from: '2027-10-30', to: '2027-11-01' });
    for (const { beginsAt, day, hour } of hours) expect(new Date(`${day}T${hour}`).toISOString()).toBe(beginsAt);
  });

  it('says where it differs from the ledger and the kept counts', async () => {
    const connection = await database.connection();
    const before = await reportOn({ kind: 'window', number: 2 });
    const day = before.days[0]?.day ?? '';
    await connection.execute(
      `UPDATE campaign_days SET handled = handled + 1 WHERE campaign = 'gas' AND day = '${day}'`,
    );
    const { agreement } = (await reportOn({ kind: 'window', number: 2 })).ledger;
    await connection.execute(
      `UPDATE campaign_days SET handled = handled - 1 WHERE campaign = 'gas' AND day = '${day}'`,
    );
    expect(agreement.agrees).toBe(false);
    expect(agreement.differences).toHaveLength(1);
    expect(agreement.differences[0]).toContain(`${day}: NA/NB, machines, hang-ups: rows `);
  });

  it('is refused for a campaign or a period that is not there', async () => {
    await expect(reportOn({ kind: 'window', number: 99 })).rejects.toThrow('it has 40 windows');
    await expect(reportOn({ kind: 'day', day: '2027-08-01' })).rejects.toThrow('begins on 2027-09-');
    await expect(
      collectReport(await database.connection(), order({ kind: 'last-week' }, 'nobody')),
    ).rejects.toMatchObject({ code: 'report.no-campaign' });
  });
});
