import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../../base/clock.ts';
import type { CountMove, LedgerDraft, LockMove } from '../../ledger/ledger-entry.ts';
import { rootDraft, settingsDraft, startDraft, stopDraft, timestampDraft } from '../../ledger/system-drafts.ts';
import { bothDatabases } from '../../testing/both-databases.ts';
import { keepRows, type PutBack } from '../../testing/kept-rows.ts';
import { SAMPLE_REPORT_KEY, sampleCallDrafts, sampleDigest } from '../../testing/ledger-samples.ts';
import { allTrees } from '../../testing/ledger-trees.ts';
import { correctionEntry, outcomeEntry, sampleCallId } from '../../testing/stored-calls.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { type DatabasePlace, databasePlace } from '../database-place.ts';
import { commitGroup } from '../group-commit.ts';
import { openDatabase } from '../open-database.ts';
import { addOptOut, removeOptOuts } from '../opt-outs/opt-out-orders.ts';
import type { SqlValue } from '../query.ts';
import type { StoreWrite } from '../store-message.ts';
import { type VerifyOptions, verifyLedger } from './verify-ledger.ts';

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
      {
        op: 'outcome',
        entry: { ...outcomeEntry(n), count, lock, optOut: optOutOf(n) },
        at: (AT + n * 100 + 50) as WallMs,
      },
    ]);
  }
  // Told by hand, in a chain of its own; one of the keys' was wrong.
  const letter = { scope: '*', digest: 'd7', callId: null, source: 'command', reference: 'letter 7' } as const;
  await addOptOut(connection, 'command', letter, AT);
  await addOptOut(connection, 'command', { ...letter, digest: 'd8', callId: sampleCallId(3) }, AT);
  await removeOptOuts(connection, 'command', { digests: ['d7'], scope: '*', source: 'http', reference: 'wrong' }, AT);
  const machine = { class: 'B', as: 'machine' } as const;
  const count = { campaign: 'campaign-1', controller: 'acme', day: '2026-11-20', from: null, to: machine };
  await write(connection, 'guard-1', [{ op: 'correction', entry: { ...correctionEntry(1), count }, at: AT }]);
  const draft = rootDraft('2026-11-20', await allTrees(connection));
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

/** In every fifth call the key was pressed. */
function optOutOf(n: number) {
  return n % 5 === 0 ? { scope: 'acme', at: (AT + n * 100 + 20) as WallMs } : null;
}

/** In pieces so small that this ledger has many borders. */
const SMALL_PIECES = { threads: 0, partEntries: 16, readEntries: 5 };
const BY_THREADS = { threads: 2, partEntries: 4 };

const faultsAt = async (place: DatabasePlace, options: VerifyOptions = {}) => {
  const { faults, tables } = await verifyLedger(place, systemClock, () => {}, options);
  return [...faults.map(({ chain, seq, kind }) => ({ chain, seq, kind })), ...tables.map(({ table }) => ({ table }))];
};

describe.each(bothDatabases())('a ledger on $name', ({ begin, url, end }) => {
  let dataDir: string;
  let place: DatabasePlace;
  let database: Database;
  let connection: Connection;
  let putBack: PutBack;

  beforeAll(async () => {
    await begin();
    dataDir = await mkdtemp(join(tmpdir(), 'brusio-verify-'));
    place = databasePlace({ url: await url(), dataDir, process: 'guard-1' });
    database = await openDatabase(place, systemClock);
    connection = await database.connection();
    await connection.execute(
      connection.kind === 'sqlite' ? 'PRAGMA synchronous = OFF' : 'SET synchronous_commit = off',
    );
    await writeDay(connection);
    putBack = await keepRows(connection);
  });
  afterAll(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
    await end();
  });
  // The day is written once: each test changes the same rows.
  afterEach(() => putBack());

  it('that nobody touched is found as it was written, beside the process that writes it', async () => {
    const report = await verifyLedger(place, systemClock);
    expect(report).toMatchObject({ faults: [], tables: [], roots: 1, timestamps: 1, unchained: { rows: 0 } });
    expect(report.chains.map(({ chain }) => chain)).toEqual(['command', 'guard-1', 'guard-2']);
    expect(report.entries).toBeGreaterThan(CALLS * 2);

    await connection.execute(
      `INSERT INTO outcomes (call_id, dialer_call_id, campaign, network, handling, ended_at_ms, record)
       VALUES ('old', 'old', 'luce', 'busy', 'none', 1750000000000, '{}')`,
    );
    const { faults, unchained } = await verifyLedger(place, systemClock);
    expect([faults, unchained]).toEqual([[], { rows: 1, lastEndedAt: 1_750_000_000_000 }]);
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
    ['DELETE FROM opt_outs WHERE seq = (SELECT max(seq) FROM opt_outs)', { table: 'opt_outs' }],
    ["UPDATE opt_outs SET scope = 'other'", { table: 'opt_outs' }],
  ])('is found changed by %s', async (sql, first) => {
    await connection.execute(sql);
    expect((await faultsAt(place))[0]).toEqual(first);
  });

  it('with an integer that no number holds exactly has its entry named', async () => {
    const entry6 = "chain = 'guard-1' AND seq = 6";
    const far = "chain = 'guard-1' AND seq NOT BETWEEN -1000 AND 1000";
    for (const [change, back, fault] of [
      [
        `ledger SET at_ms = at_ms + 1152921504606846976 WHERE ${entry6}`,
        `ledger SET at_ms = at_ms - 1152921504606846976 WHERE ${entry6}`,
        { seq: 6, kind: 'decision' },
      ],
      [
        `ledger SET seq = 9223372036854775807 WHERE ${entry6}`,
        `ledger SET seq = 6 WHERE ${far}`,
        { seq: 6, kind: null },
      ],
      [
        "outcomes SET seq = 9223372036854775807 WHERE chain = 'guard-1' AND seq = 5",
        `outcomes SET seq = 5 WHERE ${far}`,
        { seq: 5, kind: 'outcome' },
      ],
      [
        "outcomes SET seq = -9223372036854775807 WHERE chain = 'guard-1' AND seq = 5",
        `outcomes SET seq = 5 WHERE ${far}`,
        { seq: 5, kind: 'outcome' },
      ],
    ] as const) {
      await connection.execute(`UPDATE ${change}`);
      expect(await faultsAt(place), change).toEqual([{ chain: 'guard-1', ...fault }]);
      await connection.execute(`UPDATE ${back}`);
    }
    expect(await faultsAt(place)).toEqual([]);
  });

  it('misses no lock that ended by the clock, and every other one', async () => {
    const until = '2026-11-23T09:00:00.000Z';
    const lock: LockMove = {
      ...{ scope: 'acme', digests: ['british'], move: 'set', at: '2026-11-20T09:00:00.000Z', until, after: 'free' },
    };
    await write(connection, 'guard-1', [
      { op: 'correction', entry: { ...correctionEntry(2), count: null, lock }, at: AT },
    ]);
    const tablesAt = async (iso: string) => {
      const wallMs = Date.parse(iso) as WallMs;
      return (await verifyLedger(place, { ...systemClock, now: () => ({ ...systemClock.now(), wallMs }) })).tables;
    };
    expect(await tablesAt('2026-11-22T09:00:00Z')).toEqual([]);
    expect(await tablesAt('2026-11-24T09:00:00Z')).toEqual([]);
    await connection.execute("DELETE FROM recall_locks WHERE digest = 'british'");
    expect(await tablesAt('2026-11-23T09:00:00Z')).toMatchObject([{ table: 'recall_locks' }]);
    expect(await tablesAt('2026-11-23T09:00:01Z')).toEqual([]);
    await connection.execute('DELETE FROM recall_locks');
    expect(await tablesAt('2099-01-01T00:00:00Z')).toMatchObject([{ table: 'recall_locks' }]);
  });

  describe('checked in parts', () => {
    const change = (chain: string, seq: number, column: string, to: string) =>
      connection.execute(`UPDATE ledger SET ${column} = ${to} WHERE chain = '${chain}' AND seq = ${seq}`);
    const bodyAt = async (chain: string, seq: number) =>
      (await connection.execute(`SELECT body FROM ledger WHERE chain = '${chain}' AND seq = ${seq}`)).rows[0]?.body;

    it('has its first bad entry named at, before and after the border of a part and of what is read at once', async () => {
      expect(await faultsAt(place, SMALL_PIECES)).toEqual([]);
      // Where the pieces end does not depend on the database: one that is slow to ask is asked less.
      for (const seq of connection.kind === 'sqlite' ? [1, 2, 5, 6, 15, 16, 17, 18, 32, 33] : [5, 16, 17]) {
        const body = await bodyAt('guard-1', seq);
        await change('guard-1', seq, 'body', 'replace(body, \'"v":\', \'"v": \')');
        const [first, ...more] = await faultsAt(place, SMALL_PIECES);
        expect([first, more]).toEqual([{ chain: 'guard-1', seq, kind: expect.any(String) }, []]);
        await change('guard-1', seq, 'body', `'${String(body).replaceAll("'", "''")}'`);
      }
      expect(await faultsAt(place, SMALL_PIECES)).toEqual([]);
    });

    it('has a changed hash named by its own entry, on whichever side of a border the next one lies', async () => {
      const zeros = connection.kind === 'sqlite' ? 'zeroblob(32)' : "decode(repeat('00', 32), 'hex')";
      for (const seq of connection.kind === 'sqlite' ? [32, 16, 6, 5] : [16, 5]) {
        await change('guard-1', seq, 'hash', zeros);
        expect((await faultsAt(place, SMALL_PIECES))[0]).toMatchObject({ chain: 'guard-1', seq });
      }
    });

    it('has an entry named that is missing at a border', async () => {
      for (const seq of connection.kind === 'sqlite' ? [33, 17, 16, 6, 5, 1] : [17, 16]) {
        await connection.execute(`DELETE FROM ledger WHERE chain = 'guard-1' AND seq = ${seq}`);
        expect((await faultsAt(place, SMALL_PIECES))[0]).toEqual({ chain: 'guard-1', seq, kind: null });
      }
    });

    it('names the first of several bad entries of each chain, also by two threads', async () => {
      for (const [chain, seq] of [
        ['guard-1', 40],
        ['guard-1', 30],
        ['guard-1', 9],
        ['guard-2', 20],
        ['guard-2', 7],
      ] as const)
        await change(chain, seq, 'at_ms', 'at_ms + 1');
      // What threads found is put together the same way, whatever they read from.
      const ways = connection.kind === 'sqlite' ? [SMALL_PIECES, BY_THREADS] : [SMALL_PIECES];
      for (const pieces of ways) {
        expect(await faultsAt(place, pieces)).toEqual([
          { chain: 'guard-1', seq: 9, kind: expect.any(String) },
          { chain: 'guard-2', seq: 7, kind: expect.any(String) },
        ]);
      }
    });

    it('names the entry that a stray row says is its own, before any bad one behind it', async () => {
      const { rows } = await connection.execute(
        "SELECT seq FROM outcomes WHERE chain = 'guard-1' ORDER BY seq LIMIT 1",
      );
      const seq = Number(rows[0]?.seq);
      await connection.execute(`UPDATE outcomes SET seq = 3 WHERE chain = 'guard-1' AND seq = ${seq}`);
      await change('guard-1', 4, 'at_ms', 'at_ms + 1');
      expect(await faultsAt(place, SMALL_PIECES)).toEqual([{ chain: 'guard-1', seq: 3, kind: expect.any(String) }]);
    });

    it('is found as it was written by two threads, a lock lifted in another part than it was set in', async () => {
      const at = new Date(AT + 60_000).toISOString();
      const lock: LockMove = { scope: 'acme', digests: ['k0', sampleDigest(1)], move: 'lift', at, until: null };
      expect((await connection.execute('SELECT 1 FROM recall_locks')).rows).toHaveLength(1);
      await write(connection, 'guard-1', [{ op: 'outcome', entry: { ...outcomeEntry(100), lock }, at: AT }]);
      expect((await connection.execute('SELECT 1 FROM recall_locks')).rows).toHaveLength(0);
      // A lift that a thread kept to itself would leave a lock that the table does not have.
      expect(await faultsAt(place, BY_THREADS)).toEqual([]);
      await connection.execute("INSERT INTO recall_locks VALUES ('acme', 'd9', 1, 1, 'c', NULL)");
      expect(await faultsAt(place, SMALL_PIECES)).toEqual([{ table: 'recall_locks' }]);
    });
  });

  it.each(['tree', 'peaks'] as const)(
    'with a root whose %s are not those of the entries is told, whatever its hash',
    async (what) => {
      const named = await allTrees(connection);
      const wrong = { tree: 'ab'.repeat(32), peaks: ['ab'.repeat(32)] }[what];
      const drafts = [
        rootDraft(
          '2026-11-21',
          named.map((tree) => (tree.chain === 'guard-2' ? { ...tree, [what]: wrong } : tree)),
        ),
      ];
      const { positions } = await write(connection, 'guard-1', [ledgerOf(...drafts)]);
      expect(await faultsAt(place)).toEqual([{ chain: 'guard-1', seq: positions[0]?.[0]?.seq, kind: 'root' }]);
    },
  );

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

  it("of the sign of an entry's number is found", async () => {
    await connection.execute("UPDATE ledger SET seq = -9223372036854775803 WHERE chain = 'guard-1' AND seq = 5");
    const found = await faultsAt(place);
    await connection.execute("UPDATE ledger SET seq = 5 WHERE chain = 'guard-1' AND seq < 0");
    expect(found).toEqual([{ chain: 'guard-1', seq: -(2 ** 63), kind: expect.any(String) }]);
  });

  it.each([
    ...['ledger', 'outcomes', 'outcome_corrections', 'campaign_days', 'campaigns', 'recall_locks', 'settings_seen'],
    'opt_outs',
  ])('of any column of %s is found', async (table) => {
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
          await connection.execute(set, [changed as SqlValue, Number(id)]);
        } catch (thrown) {
          // Two rows of one key: the database itself would not know which is which.
          expect(String(thrown)).toContain('UNIQUE');
          return;
        }
        tried++;
        const found = await faultsAt(place, SMALL_PIECES);
        await connection.execute(set, [value as SqlValue, Number(id)]);
        expect(found, `${table}.${column} ${String(value)} → ${String(changed)}`).not.toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(tried).toBeGreaterThan(30);
    expect(await faultsAt(place)).toEqual([]);
  });
});

/** The value with one bit changed, as its octets stand in the file; null: it has none. */
function flipped(value: SqlValue, bit: number): SqlValue | bigint {
  if (value === null) return null;
  if (typeof value === 'number') {
    // SQLite keeps 64 bits, most of these numbers in fewer octets; Node reads none beyond 2^53 as a number.
    return BigInt.asIntN(64, BigInt(value) ^ (1n << BigInt(bit % 64)));
  }
  const octets = Buffer.from(value as string);
  if (octets.length === 0) return null;
  const place = bit % (octets.length * 8);
  octets[place >> 3] = (octets[place >> 3] ?? 0) ^ (1 << (place & 7));
  return typeof value === 'string' ? octets.toString('utf8') : octets;
}
