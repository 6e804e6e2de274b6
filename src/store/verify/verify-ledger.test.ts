import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../../base/clock.ts';
import type { CountMove, LedgerDraft, LockMove } from '../../ledger/ledger-entry.ts';
import { rootDraft, settingsDraft, startDraft, stopDraft, timestampDraft } from '../../ledger/system-drafts.ts';
import { bothDatabases } from '../../testing/both-databases.ts';
import { SAMPLE_REPORT_KEY, sampleCallDrafts } from '../../testing/ledger-samples.ts';
import { correctionEntry, outcomeEntry } from '../../testing/stored-calls.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { type DatabasePlace, databasePlace } from '../database-place.ts';
import { commitGroup } from '../group-commit.ts';
import { openDatabase } from '../open-database.ts';
import type { SqlValue } from '../query.ts';
import type { StoreWrite } from '../store-message.ts';
import { verifyLedger } from './verify-ledger.ts';

const AT = Date.UTC(2026, 10, 20, 9) as WallMs;
const CALLS = 24;

type Moves = { readonly count: CountMove | null; readonly lock: LockMove | null };

let groups = 0;

async function write(connection: Connection, chain: string, changes: readonly StoreWrite[]) {
  return commitGroup(connection, chain, { token: `group ${++groups}`, changes }, null);
}

const ledgerOf = (...drafts: readonly LedgerDraft[]): StoreWrite => ({ op: 'ledger', drafts, at: AT });

/** A day of two processes: decisions, answers, classes, outcomes, corrections, settings, roots and a timestamp. */
async function writeDay(connection: Connection): Promise<void> {
  for (const chain of ['guard-1', 'guard-2']) {
    const start = { version: '0.1.0', process: chain, node: '24.0.0', reportKey: SAMPLE_REPORT_KEY };
    await write(connection, chain, [ledgerOf(startDraft(start), settingsDraft('policy', { rules: { roc: 'off' } }))]);
  }
  for (let n = 1; n <= CALLS; n++) {
    const chain = n % 3 === 0 ? 'guard-2' : 'guard-1';
    const drafts = sampleCallDrafts(n);
    const before = drafts.filter(({ kind }) => kind !== 'outcome' && kind !== 'correction');
    const moves = drafts.find(({ kind }) => kind === 'outcome')?.body as unknown as Moves;
    const { count, lock } = moves;
    await write(connection, chain, [
      { op: 'ledger', drafts: before, at: (AT + n * 100) as WallMs },
      { op: 'outcome', entry: { ...outcomeEntry(n), count, lock }, at: (AT + n * 100 + 50) as WallMs },
    ]);
  }
  const machine = { class: 'B', as: 'machine' } as const;
  const count = { campaign: 'campaign-1', controller: 'acme', day: '2026-11-20', from: null, to: machine };
  await write(connection, 'guard-1', [{ op: 'correction', entry: { ...correctionEntry(1), count }, at: AT }]);
  const heads = (await connection.execute('SELECT chain, max(seq) AS seq FROM ledger GROUP BY chain')).rows;
  const all = await Promise.all(
    heads.map(async ({ chain, seq }) => {
      const sql = `SELECT hash FROM ledger WHERE chain = '${chain}' AND seq = ${seq}`;
      const [row] = (await connection.execute(sql)).rows;
      return { chain: String(chain), seq: Number(seq), hash: Buffer.from(row?.hash as Uint8Array).toString('hex') };
    }),
  );
  const draft = rootDraft('2026-11-20', all);
  const { positions } = await write(connection, 'guard-1', [ledgerOf(draft)]);
  const [root] = positions[0] ?? [];
  if (root === undefined) throw new Error('a root has its place');
  const signed = {
    root,
    imprint: String(draft.body.root),
    authority: 'http://tsa.example',
    serial: '01',
    token: 'MAA=',
  };
  await write(connection, 'guard-2', [
    ledgerOf(timestampDraft({ ...signed, time: '2026-11-20T23:00:01.000Z' })),
    ledgerOf(stopDraft({ version: '0.1.0', process: 'guard-2' })),
  ]);
}

const faultsAt = async (place: DatabasePlace) => {
  const { faults, tables } = await verifyLedger(place, systemClock);
  return [...faults.map(({ chain, seq, kind }) => ({ chain, seq, kind })), ...tables.map(({ table }) => ({ table }))];
};

describe.each(bothDatabases())('a ledger on $name', ({ begin, url, end }) => {
  let dataDir: string;
  let place: DatabasePlace;
  let database: Database;
  let connection: Connection;

  beforeAll(begin);
  afterAll(end);
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'brusio-verify-'));
    place = databasePlace({ url: await url(), dataDir, process: 'guard-1' });
    database = await openDatabase(place, systemClock);
    connection = await database.connection();
    await writeDay(connection);
  });
  afterEach(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
  });

  it('that nobody touched is found as it was written, beside the process that writes it', async () => {
    const report = await verifyLedger(place, systemClock);
    expect(report).toMatchObject({ faults: [], tables: [], roots: 1, timestamps: 1, unchained: { rows: 0 } });
    expect(report.chains.map(({ chain }) => chain)).toEqual(['guard-1', 'guard-2']);
    expect(report.entries).toBeGreaterThan(CALLS * 2);
  });

  it.each([
    [
      "UPDATE ledger SET body = replace(body, '\"allowed\":true', '\"allowed\":false') WHERE chain = 'guard-1' AND seq = 6",
      { chain: 'guard-1', seq: 6, kind: 'decision' },
    ],
    ["DELETE FROM ledger WHERE chain = 'guard-2' AND seq = 5", { chain: 'guard-2', seq: 5, kind: null }],
    [
      "UPDATE ledger SET call_id = NULL WHERE chain = 'guard-1' AND seq = 4",
      { chain: 'guard-1', seq: 4, kind: 'answer' },
    ],
    [
      "UPDATE outcomes SET class = 'B' WHERE chain = 'guard-1' AND seq = 5",
      { chain: 'guard-1', seq: 5, kind: 'outcome' },
    ],
    [
      "UPDATE outcomes SET chain = NULL, seq = NULL WHERE chain = 'guard-1' AND seq = 5",
      { chain: 'guard-1', seq: 5, kind: 'outcome' },
    ],
    ['UPDATE campaign_days SET silent = silent + 1', { table: 'campaign_days' }],
    ['DELETE FROM recall_locks', { table: 'recall_locks' }],
    ["UPDATE campaigns SET first_day = '2026-11-21'", { table: 'campaigns' }],
    ["UPDATE settings_seen SET sha256 = 'x'", { table: 'settings_seen' }],
  ])('is found changed by %s', async (sql, first) => {
    await connection.execute(sql);
    expect((await faultsAt(place))[0]).toEqual(first);
  });

  it('whose last entries are gone is told by the rows that name them, or by a root of another chain', async () => {
    const { rows } = await connection.execute(
      "SELECT max(seq) AS seq FROM ledger WHERE kind = 'outcome' AND chain = 'guard-1'",
    );
    await connection.execute(`DELETE FROM ledger WHERE chain = 'guard-1' AND seq >= ${rows[0]?.seq}`);
    expect(await faultsAt(place)).toEqual([{ chain: 'guard-1', seq: Number(rows[0]?.seq), kind: null }]);
    await connection.execute(`DELETE FROM outcomes WHERE chain = 'guard-1' AND seq >= ${rows[0]?.seq}`);
    await connection.execute("DELETE FROM outcome_corrections WHERE chain = 'guard-1'");
    // The root itself was in that chain: what signs it, in the other, is what is left to tell.
    expect((await faultsAt(place))[0]).toMatchObject({ chain: 'guard-2', kind: 'timestamp' });
  });
});

describe('every single-bit change', () => {
  let dataDir: string;
  let place: DatabasePlace;
  let database: Database;
  let connection: Connection;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'brusio-verify-'));
    place = databasePlace({ url: null, dataDir, process: 'guard-1' });
    database = await openDatabase(place, systemClock);
    connection = await database.connection();
    await writeDay(connection);
    // What is changed here no constraint would let pass: only a hand on the file itself.
    await connection.execute('PRAGMA ignore_check_constraints = ON');
    await connection.execute('PRAGMA foreign_keys = OFF');
    await connection.execute('PRAGMA synchronous = OFF');
  });
  afterAll(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
  });

  it.each(['ledger', 'outcomes', 'outcome_corrections', 'campaign_days', 'campaigns', 'recall_locks', 'settings_seen'])(
    'of any column of %s is found',
    async (table) => {
      const rows = (await connection.execute(`SELECT rowid AS id, * FROM ${table}`)).rows;
      const columns = Object.keys(rows[0] ?? {}).filter((column) => column !== 'id');
      expect(rows.length).toBeGreaterThan(0);
      const pick = fc.record({
        row: fc.nat(rows.length - 1),
        column: fc.constantFrom(...columns),
        bit: fc.nat(1 << 20),
      });
      let tried = 0;
      await fc.assert(
        fc.asyncProperty(pick, async ({ row, column, bit }) => {
          const { id, [column]: value } = rows[row] ?? {};
          const changed = flipped(value as SqlValue, bit);
          if (changed === null) return;
          const set = `UPDATE ${table} SET "${column}" = ? WHERE rowid = ?`;
          try {
            await connection.execute(set, [changed, Number(id)]);
          } catch (thrown) {
            // Two rows of one key: the database itself would not know which is which.
            expect(String(thrown)).toContain('UNIQUE');
            return;
          }
          tried++;
          const found = await faultsAt(place);
          await connection.execute(set, [value as SqlValue, Number(id)]);
          expect(found, `${table}.${column} ${String(value)} → ${String(changed)}`).not.toEqual([]);
        }),
        { numRuns: 60 },
      );
      expect(tried).toBeGreaterThan(30);
      expect(await faultsAt(place)).toEqual([]);
    },
  );
});

/** The value with one bit changed, as its octets stand in the file; null: it has none. */
function flipped(value: SqlValue, bit: number): SqlValue {
  if (value === null) return null;
  if (typeof value === 'number') {
    const changed = BigInt(value) ^ (1n << BigInt(bit % 52));
    return Number(changed);
  }
  const octets = Buffer.from(value as string);
  if (octets.length === 0) return null;
  const place = bit % (octets.length * 8);
  octets[place >> 3] = (octets[place >> 3] ?? 0) ^ (1 << (place & 7));
  return typeof value === 'string' ? octets.toString('utf8') : octets;
}
