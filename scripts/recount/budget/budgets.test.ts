import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bothDatabases } from '../../../src/testing/both-databases.ts';
import { recount } from '../../recount.ts';
import { openRows, sqliteRows } from '../rows.ts';
import { liveUnderRulings, scenarioOf } from '../ruled-year.ts';
import { recountBudgets } from './budgets.ts';

/** `npm run test:long` lives through a year. */
const DAYS = Number(process.env.BRUSIO_RECOUNT_DAYS ?? 3);
const CALLS_PER_DAY = DAYS > 30 ? 70 : 45;
const TIMEOUT_MS = 120_000 + DAYS * 10_000;

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'brusio-budgets-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

async function recounted(place: string) {
  const rows = await openRows(place);
  try {
    return await recount(rows);
  } finally {
    await rows.close();
  }
}

describe.each(bothDatabases())('the abandonment budget counted again, on $name', ({ begin, end, url }) => {
  beforeAll(begin, 120_000);
  afterAll(end);

  it(
    'agrees to the call over changes of the clock, with outcomes that come late',
    async () => {
      const address = await url();
      const scenario = scenarioOf('2027-10-30', DAYS, CALLS_PER_DAY, ['enforce', 'observe']);
      const told = await liveUnderRulings(scenario, { url: address, dataDir });
      expect(told.late).toBeGreaterThan(0);
      const { budgets, differences, corrections, calls } = await recounted(address ?? join(dataDir, 'brusio.db'));
      if (DAYS > 30)
        process.stdout.write(`${JSON.stringify({ days: DAYS, calls, corrections, ...told, ...budgets })}\n`);
      expect(differences).toEqual([]);
      expect(corrections).toBeGreaterThan(0);
      expect(budgets).toMatchObject({ withinBounds: 0, untold: 0 });
      expect(budgets.rulings).toBeGreaterThan(10 * DAYS);
      expect(budgets.breaches).toBeGreaterThan(DAYS);
      expect(budgets.rulings - budgets.breaches).toBeGreaterThan(0);
      expect(budgets.periodsHeld).toBeGreaterThan(DAYS / 4);
    },
    TIMEOUT_MS,
  );
});

describe('the budget where machines are estimated into the share', () => {
  it('agrees to the call, with the calls that are estimated: United Kingdom', async () => {
    await liveUnderRulings(scenarioOf('2027-10-30', 2, 70, ['enforce', 'observe'], 'gb'), { url: null, dataDir });
    const { budgets, differences } = await recounted(join(dataDir, 'brusio.db'));
    expect(differences).toEqual([]);
    expect(budgets).toMatchObject({ withinBounds: 0, untold: 0 });
    const database = new DatabaseSync(join(dataDir, 'brusio.db'));
    const told = database.prepare("SELECT count(*) AS n FROM ledger WHERE body LIKE '%estimatedSilentCalls%'").get();
    database.close();
    expect(Number(told?.n)).toBeGreaterThan(10);
  }, 60_000);
});

// biome-ignore lint/suspicious/noExplicitAny: raw JSON that the test changes at will.
type Body = any;
type Planted = { readonly what: string; plant(database: DatabaseSync): RegExp };

/** Changes the body of the first entry of a kind that fits; its call. */
function change(database: DatabaseSync, kind: string, edit: (body: Body) => boolean): string {
  for (const { seq, call_id: callId, body } of database
    .prepare('SELECT seq, call_id, body FROM ledger WHERE kind = ? ORDER BY seq')
    .all(kind)) {
    const changed = JSON.parse(String(body));
    if (!edit(changed)) continue;
    database.prepare('UPDATE ledger SET body = ? WHERE seq = ?').run(JSON.stringify(changed), seq as number);
    return String(callId);
  }
  throw new Error(`no ${kind} entry fits`);
}

const budgetOf = ({ breaches }: Body) => breaches.find(({ rule }: Body) => rule === 'abandonment-budget');
const isObserved = ({ campaign }: Body) => campaign.startsWith('observe');

const PLANTED: readonly Planted[] = [
  ...['silentCalls', 'handledCalls', 'callsAtRisk', 'handledCallsMissing', 'limitPercent', 'from'].map((fact) => ({
    what: `another ${fact}`,
    plant(database: DatabaseSync) {
      const callId = change(database, 'decision', (body) => {
        const facts = budgetOf(body)?.facts;
        if (facts === undefined || facts.silentCalls === 0) return false;
        facts[fact] = fact === 'from' ? '2027-10-01' : facts[fact] + 9;
        return true;
      });
      return new RegExp(`^budget of ${callId}$`);
    },
  })),
  {
    what: 'a breach that is not told',
    plant(database) {
      const callId = change(database, 'decision', (body) => {
        if (budgetOf(body) === undefined || !isObserved(body) || body.allowed !== true) return false;
        body.breaches = body.breaches.filter((breach: Body) => breach !== budgetOf(body));
        return true;
      });
      return new RegExp(`^budget of ${callId}$`);
    },
  },
  {
    what: 'a breach that is none',
    plant(database) {
      let breach: Body;
      change(database, 'decision', (body) => {
        breach = isObserved(body) ? budgetOf(body) : undefined;
        return breach !== undefined;
      });
      const callId = change(database, 'decision', (body) => {
        if (!isObserved(body) || body.agent !== 'none' || body.breaches.length > 0) return false;
        body.breaches.push(breach);
        return true;
      });
      return new RegExp(`^budget of ${callId}$`);
    },
  },
  {
    what: 'a rule that only observed where it was to be enforced',
    plant(database) {
      const callId = change(database, 'decision', (body) => {
        if (budgetOf(body)?.mode !== 'enforce') return false;
        budgetOf(body).mode = 'observe';
        return true;
      });
      return new RegExp(`^(budget mode of|decision on|budget of) ${callId}$`);
    },
  },
  {
    what: 'silent calls where the budget was enforced',
    plant(database) {
      for (let calls = 0; calls < 40; calls++) {
        change(database, 'outcome', ({ record }) => {
          if (!record.campaign.startsWith('enforce') || record.times.bridged === null) return false;
          record.times.bridged = null;
          record.waitMs = 3_000;
          return true;
        });
      }
      return /^(limit|budget) of /;
    },
  },
];

describe('the budget counted again from entries that were changed', () => {
  it(
    'names each ruling that cannot have been',
    async () => {
      const scenario = scenarioOf('2027-10-30', 2, 70, ['enforce', 'observe']);
      await liveUnderRulings(scenario, { url: null, dataDir });
      const database = new DatabaseSync(join(dataDir, 'brusio.db'));
      for (const { what, plant } of PLANTED) {
        database.exec('BEGIN; PRAGMA defer_foreign_keys = ON');
        const named = plant(database);
        const { differences } = await recountBudgets(sqliteRows(database));
        database.exec('ROLLBACK');
        expect(differences.length, what).toBeGreaterThan(0);
        for (const { what: found } of differences) expect(found, what).toMatch(named);
        if (what.startsWith('silent'))
          expect(differences.some(({ what: found }) => found.startsWith('limit of'))).toBe(true);
      }
      expect((await recountBudgets(sqliteRows(database))).differences).toEqual([]);
      database.close();
    },
    TIMEOUT_MS,
  );
});
