import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
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
    const again = recount(database);
    expect(again.differences).toEqual([]);
    expect(again.corrections).toBeGreaterThan(0);
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

  it('are not written over a database', async () => {
    const scenario = { ...SCENARIO, days: 1 };
    const options = { folder, stop: new SharedArrayBuffer(4), onProgress: () => {}, startThread: startWithoutThread };
    await writeRows(scenario, options);
    await expect(writeRows(scenario, options)).rejects.toMatchObject({ code: 'simulate.folder' });
  });
});
