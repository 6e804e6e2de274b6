import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sqliteRows } from '../../../../scripts/recount/rows.ts';
import { recount } from '../../../../scripts/recount.ts';
import { systemClock } from '../../../base/clock.ts';
import { LEGAL_RULES } from '../../../policy/rules/ruling.ts';
import { scenarioSchema } from '../../../simulation/scenario.ts';
import { databasePlace } from '../../../store/database-place.ts';
import { verifyLedger } from '../../../store/verify/verify-ledger.ts';
import { startWithoutThread } from '../../../testing/store-without-thread.ts';
import { report } from '../../report/report.ts';
import { writeRows } from './write-rows.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'brusio-rows-'));
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const quick = { pacing: 'lines-per-agent', overdial: 5, budgetPauseS: 1 } as const;
const own = { shifts: [{ agents: 2 }], arrival: { callsPerDay: 60 }, dialer: quick };

/** Two windows over the end of summer time, with machines that are found too late. */
const SCENARIO = scenarioSchema.parse({
  from: '2025-10-20',
  days: 20,
  seed: 83,
  campaigns: [
    {
      ...{
        name: 'luce',
        list: { size: 300 },
        detection: { machinesFound: 0, foundAfterwards: 1 },
        shifts: [{ agents: 1 }],
      },
      ...{ arrival: { callsPerDay: 90 }, dialer: { pacing: 'arrivals' }, handling: { talk: 600 } },
      rules: { 'abandonment-budget': 'observe' },
    },
    { ...own, name: 'gas', list: { size: 300, first: 150 }, redial: { silent: 10 }, frequency: { perDay: 2 } },
    { ...own, name: 'acqua', controller: 'other', rules: { 'abandonment-budget': 'observe' } },
  ],
});

describe('the rows of a simulation', () => {
  it('give the very figures that it prints: counted again by code of its own, and in signed reports', async () => {
    const stop = new SharedArrayBuffer(4);
    const run = await writeRows(SCENARIO, { folder, stop, onProgress: () => {}, startThread: startWithoutThread });
    const database = new DatabaseSync(join(folder, 'brusio.db'), { readOnly: true });
    const again = await recount(sqliteRows(database));
    expect(again.differences).toEqual([]);
    expect(again.corrections).toBeGreaterThan(0);
    expect(again.budgets).toMatchObject({ withinBounds: 0, untold: 0 });
    expect(again.budgets.breaches).toBeGreaterThan(100);
    expect(again.budgets.rulings).toBeGreaterThan(again.budgets.breaches);
    expect(again.calls).toBe(run.invites);

    const count = (sql: string, ...values: string[]) =>
      Number(Object.values(database.prepare(sql).get(...values) ?? {})[0]);
    let silent = 0;
    for (const { campaign, windows, days, totals } of run.campaigns) {
      expect(windows).toHaveLength(2);
      for (const one of windows)
        expect(again.periods.get(`${campaign} from ${one.from}`)).toBe(`${one.silent}/${one.handled}`);
      for (const { from, silent: a, handled, machines, calleeHangUps } of days) {
        const told = `${a}/${handled}, ${machines} machines, ${calleeHangUps} hung up`;
        expect(again.periods.get(`${campaign} ${from}`) ?? '0/0, 0 machines, 0 hung up').toBe(told);
      }
      silent += totals.silent;
      const placed = "SELECT count(*) FROM outcomes WHERE campaign = ? AND network <> 'blocked'";
      expect(count(placed, campaign)).toBe(totals.placed);
      for (const rule of LEGAL_RULES) {
        const refused = `SELECT count(*) FROM outcomes WHERE campaign = ? AND network = 'blocked' AND record LIKE ?`;
        expect(count(refused, campaign, `%text=\\"${rule}\\"%`), rule).toBe(totals.refused[rule]);
      }
      const bridged = "SELECT count(*) FROM outcomes WHERE campaign = ? AND handling = 'agent'";
      expect(count(bridged, campaign)).toBe(totals.bridged);
    }
    expect(silent).toBeGreaterThan(5);
    database.close();

    const place = databasePlace({ url: null, dataDir: folder, process: 'guard-1' });
    const ledger = await verifyLedger(place, systemClock, () => {});
    expect([ledger.faults, ledger.tables]).toEqual([[], []]);
    expect(ledger.roots).toBe(21);

    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    for (const { campaign, windows } of run.campaigns) {
      const out = join(folder, 'reports', campaign);
      const period = ['--from', '2025-10-20', '--to', '2025-11-08'];
      const asked = ['--campaign', campaign, ...period, '--out', out, '--config', join(folder, 'brusio.yaml')];
      expect(await report(asked)).toBe(0);
      const [name = ''] = await readdir(out);
      const reported = JSON.parse(await readFile(join(out, name, 'report.json'), 'utf8'));
      expect(reported.windows).toMatchObject(
        windows.map(({ from, to, silent: a, handled, percent, verdict, machines, calleeHangUps }) => {
          return { from, to, silent: a, handled, percent, verdict, machines, calleeHangUps, countedFrom: 'rows' };
        }),
      );
    }
  }, 120_000);

  it('tell a British day with its estimate and its short ringing as the simulation does, and as the raw rows do', async () => {
    const scenario = scenarioSchema.parse({
      ...{ from: '2025-10-20', days: 2, seed: 83, policy: { jurisdiction: 'gb' } },
      campaigns: [
        {
          ...{ ...own, name: 'boilers', arrival: { callsPerDay: 150 }, list: { size: 900 } },
          rules: { 'abandonment-budget': 'observe' },
          machineFalsePositive: { percent: 20, evidence: '40 of 200 recordings' },
          dialer: { ...quick, givesUpAfter: { uniform: { from: 5, to: 30 } } },
        },
      ],
    });
    const stop = new SharedArrayBuffer(4);
    const run = await writeRows(scenario, { folder, stop, onProgress: () => {}, startThread: startWithoutThread });
    const [day] = run.campaigns[0]?.days ?? [];
    expect(day?.estimate?.added).toBeGreaterThan(0);
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const out = join(folder, 'reports');
    const asked = ['--campaign', 'boilers', '--day', '2025-10-20', '--out', out];
    expect(await report([...asked, '--config', join(folder, 'brusio.yaml')])).toBe(0);
    const [name = ''] = await readdir(out);
    const { total } = JSON.parse(await readFile(join(out, name, 'report.json'), 'utf8'));
    const { silent, handled, ratio, percent, verdict, estimate } = day ?? {};
    expect(total).toMatchObject({ silent, handled, ratio, percent, verdict, estimate });

    const database = new DatabaseSync(join(folder, 'brusio.db'), { readOnly: true });
    const count = (where: string) =>
      Number(database.prepare(`SELECT count(*) AS n FROM outcomes WHERE ${where}`).get()?.n);
    const ofDay = "day = '2025-10-20'";
    const found = count(`${ofDay} AND json_extract(record, '$.answeredBy') = 'machine'`);
    // A fifth of them, rounded up.
    expect(total.ratio.silent - total.silent).toBe(Math.ceil(found / 5));
    // Some were told of a greeting, and waited from there; the records judge them as the simulation did.
    expect(count(`${ofDay} AND json_extract(record, '$.waitFrom') = 'speech-start'`)).toBeGreaterThan(10);
    expect((await recount(sqliteRows(database))).differences).toEqual([]);
    const unanswered = "date(invited_at_ms / 1000, 'unixepoch') = '2025-10-20' AND network = 'no-answer'";
    expect(total.ringing).toMatchObject({
      givenUp: count(unanswered),
      short: count(`${unanswered} AND json_extract(record, '$.ringMs') < 15000`),
      notRung: 0,
    });
    database.close();
    expect(total.ringing.short).toBeGreaterThan(10);
    expect(total.ringing.givenUp).toBeGreaterThan(total.ringing.short);
  }, 120_000);

  it('are not written over a database', async () => {
    const scenario = { ...SCENARIO, days: 1 };
    const options = { folder, stop: new SharedArrayBuffer(4), onProgress: () => {}, startThread: startWithoutThread };
    await writeRows(scenario, options);
    await expect(writeRows(scenario, options)).rejects.toMatchObject({ code: 'simulate.folder' });
  });
});
