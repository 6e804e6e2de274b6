import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../base/clock.ts';
import { answerDraft, classDraft } from '../ledger/call-drafts.ts';
import { emptyChain, entryHash } from '../ledger/hash-chain.ts';
import type { CountedAs, CountMove, LedgerKind, LockMove } from '../ledger/ledger-entry.ts';
import { emptyProjection, project } from '../ledger/projection.ts';
import { settingsDraft } from '../ledger/system-drafts.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import { sampleCallDrafts } from '../testing/ledger-samples.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../testing/postgresql-server.ts';
import { correctionEntry, outcomeEntry, sampleCallId } from '../testing/stored-calls.ts';
import type { CampaignWatch } from './campaign-watch.ts';
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { databasePlace } from './database-place.ts';
import { commitGroup } from './group-commit.ts';
import { openDatabase } from './open-database.ts';
import type { StoreWrite, WrittenGroup } from './store-message.ts';

const AT = Date.UTC(2026, 10, 20, 9) as WallMs;
const A: CountedAs = { class: 'A', as: 'silent' };
const B: CountedAs = { class: 'B', as: 'agent' };
const MACHINE: CountedAs = { class: 'B', as: 'machine' };

/** A database that starts empty. */
type Engine = { readonly name: string; begin(): Promise<void>; url(): Promise<string | null>; end(): Promise<void> };

let server: PostgresqlServer;
const engines: readonly Engine[] = [
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

let connection: Connection;
let groups = 0;

function commit(changes: readonly StoreWrite[], token = `group ${++groups}`): Promise<WrittenGroup> {
  return commitGroup(connection, 'guard-1', { token, changes }, watch);
}

const watch: CampaignWatch = {
  policies: {},
  policy: italy.policy,
  endpoints: ['crm'],
  falsePositives: {},
  falsePositive: null,
};

async function rows(sql: string): Promise<readonly Record<string, unknown>[]> {
  return (await connection.execute(sql)).rows.map((row) => ({ ...row }));
}

const counted = (from: CountedAs | null, to: CountedAs | null): CountMove => ({
  ...{ campaign: 'luce', controller: 'acme', day: '2026-11-20', from, to },
});

function locked(move: LockMove['move'], at: string): LockMove {
  const until = move === 'set' ? '2026-11-25T23:00:00.000Z' : null;
  return { scope: 'acme', digests: ['d1', 'old'], move, at, until };
}

function outcome(n: number, count: CountMove | null = null, lock: LockMove | null = null): StoreWrite {
  return { op: 'outcome', entry: { ...outcomeEntry(n), count, lock }, at: AT };
}

function correction(n: number, count: CountMove | null, lock: LockMove | null = null): StoreWrite {
  return { op: 'correction', entry: { ...correctionEntry(n), count, lock }, at: AT };
}

const drafts = (n: number): StoreWrite => ({
  op: 'ledger',
  drafts: sampleCallDrafts(n).filter(({ kind }) => kind !== 'outcome' && kind !== 'correction'),
  at: AT,
});

/** The chain as it stands, each hash checked. */
async function chain(): Promise<readonly { kind: LedgerKind; callId: string | null; body: unknown }[]> {
  const entries = await rows('SELECT chain, seq, at_ms, kind, call_id, body, hash FROM ledger ORDER BY seq');
  let { hash } = emptyChain('guard-1');
  return entries.map((row, index) => {
    const kind = row.kind as LedgerKind;
    expect(row).toMatchObject({ chain: 'guard-1', seq: index + 1 });
    hash = entryHash({ chain: 'guard-1', seq: index + 1, at: row.at_ms as WallMs, kind, body: String(row.body) }, hash);
    expect(Buffer.from(row.hash as Uint8Array).toString('hex')).toBe(hash);
    return { kind, callId: row.call_id as string | null, body: JSON.parse(String(row.body)) };
  });
}

const daysNow = () => rows('SELECT * FROM campaign_days WHERE silent + handled + machines + hung_up > 0 ORDER BY 1, 2');
const locksNow = () => rows('SELECT digest, call_id FROM recall_locks ORDER BY 1, 2');

describe.each(engines)('the ledger on $name', ({ begin, url, end }) => {
  let dataDir: string;
  let database: Database;

  beforeAll(begin);
  afterAll(end);
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'brusio-ledger-'));
    database = await openDatabase(databasePlace({ url: await url(), dataDir, process: 'guard-1' }), systemClock);
    connection = await database.connection();
  });
  afterEach(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
  });

  describe('a limit on silent calls', () => {
    it('is told of in the group whose counts pass it, once, with its webhooks', async () => {
      const group = [drafts(1), outcome(1, counted(null, A))];
      const { alerts } = await commit(group, 'the same');
      const told = alerts.map(({ figures, threshold }) => `${figures.period} ${threshold}`);
      expect(told).toEqual([
        ...['day 50', 'day 80', 'day 100', 'day null', 'window 50', 'window 80', 'window 100', 'window null'],
      ]);
      // The same group again, by a connection that was lost: said again, written once.
      expect((await commit(group, 'the same')).alerts).toEqual(alerts);
      expect((await commit([outcome(2, counted(null, A))])).alerts).toEqual([]);
      expect(await rows("SELECT * FROM webhooks WHERE type LIKE 'campaign.%'")).toHaveLength(8);
    });
  });

  describe('entries', () => {
    it('follow one another over groups, and are told where they stand', async () => {
      const first = await commit([drafts(1), outcome(1)]);
      const second = await commit([outcome(2)]);
      expect(first.positions.map((positions) => positions.map(({ seq }) => seq))).toEqual([[1, 2], [3]]);
      expect(second.positions[0]).toMatchObject([{ chain: 'guard-1', seq: 4 }]);
      expect((await chain()).map(({ kind }) => kind)).toEqual(['decision', 'answer', 'outcome', 'outcome']);
      const [row] = await rows('SELECT record FROM outcomes WHERE seq = 4');
      expect(JSON.parse(String(row?.record))).toMatchObject({ ledger: second.positions[0]?.[0] });
    });

    it('are not written again with a group that was committed already, which is told the same', async () => {
      await commit([outcome(1)]);
      const group = [drafts(3), outcome(3, counted(null, A)), outcome(1)];
      const once = await commit(group, 'the same');
      expect(await commit(group, 'the same')).toEqual(once);
      expect(await chain()).toHaveLength(4);
      expect(await daysNow()).toMatchObject([{ silent: 1 }]);
    });

    it('of a change that can never be written are not in the chain, nor in what is counted', async () => {
      const written = await commit([
        correction(9, counted(null, B), locked('set', '2026-11-20T09:00:00.000Z')),
        outcome(1),
      ]);
      expect(written).toMatchObject({ rejected: [{ index: 0 }], positions: [[], [{ seq: 1 }]] });
      expect(await chain()).toHaveLength(1);
      expect([await daysNow(), await locksNow()]).toEqual([[], []]);
    });

    it('of settings leave their hash behind', async () => {
      const draft = settingsDraft('policy', { rules: { roc: 'observe' } });
      await commit([{ op: 'ledger', drafts: [draft], at: AT }]);
      expect(await rows('SELECT * FROM settings_seen')).toEqual([{ name: 'policy', sha256: draft.body.sha256 }]);
    });
  });

  describe('a count', () => {
    it('moves from what the ledger says, whatever is remembered of it', async () => {
      const callId = sampleCallId(1);
      const cause = { cause: 'agent-bridged', source: 'http' } as const;
      const bridged = classDraft(callId, AT, cause, { count: counted(null, B), lock: null });
      await commit([{ op: 'ledger', drafts: [answerDraft(callId, 'luce', AT, '2026-11-20'), bridged], at: AT }]);
      // Recovery did not know that it was counted, and came to the same class; then to another.
      await commit([outcome(1, counted(null, B))]);
      expect(await daysNow()).toMatchObject([{ silent: 0, handled: 1 }]);
      await commit([correction(1, counted(null, MACHINE))]);
      expect(await daysNow()).toMatchObject([{ silent: 0, handled: 1, machines: 1 }]);
      expect((await chain()).slice(1).map(({ body }) => (body as { count: unknown }).count)).toEqual([
        counted(null, B),
        null,
        counted(B, MACHINE),
      ]);
    });

    it('is moved once by all changes of a group', async () => {
      await commit([outcome(1, counted(null, A)), correction(1, counted(A, MACHINE)), outcome(2, counted(null, A))]);
      expect(await daysNow()).toEqual([
        { campaign: 'luce', day: '2026-11-20', silent: 1, handled: 1, machines: 1, machines_heard: 0, hung_up: 0 },
      ]);
    });

    it('tells machines that an agent heard apart, and all of them', async () => {
      const heard: CountedAs = { class: null, as: 'machine-heard' };
      await commit([outcome(1, counted(null, B)), correction(1, counted(B, heard))]);
      await commit([outcome(2, counted(null, { class: null, as: 'machine' }))]);
      expect(await daysNow()).toEqual([
        { campaign: 'luce', day: '2026-11-20', silent: 0, handled: 0, machines: 2, machines_heard: 1, hung_up: 0 },
      ]);
    });
  });

  describe('a lock', () => {
    it('is set by each silent call, withdrawn alone and lifted with those before it', async () => {
      await commit([outcome(1, null, locked('set', '2026-11-20T09:00:00.000Z'))]);
      await commit([outcome(2, null, locked('set', '2026-11-20T10:00:00.000Z'))]);
      await commit([outcome(3, null, locked('set', '2026-11-20T12:00:00.000Z'))]);
      await commit([correction(2, null, locked('withdraw', '2026-11-20T10:05:00.000Z'))]);
      expect(await locksNow()).toEqual([
        { digest: 'd1', call_id: sampleCallId(1) },
        { digest: 'd1', call_id: sampleCallId(3) },
      ]);
      await commit([outcome(4, null, locked('lift', '2026-11-20T11:00:00.000Z'))]);
      expect(await locksNow()).toEqual([{ digest: 'd1', call_id: sampleCallId(3) }]);
    });
  });

  describe('what is counted', () => {
    it('equals the fold over the entries', async () => {
      for (let n = 0; n < 120; n += 12) await commit(Array.from({ length: 12 }, (_, index) => drafts(n + index)));
      for (let n = 0; n < 120; n++) {
        const moves = sampleCallDrafts(n).find(({ kind }) => kind === 'outcome')?.body as unknown as {
          count: CountMove | null;
          lock: LockMove | null;
        };
        await commit([outcome(n, moves.count, moves.lock)]);
      }
      const projection = emptyProjection();
      for (const entry of await chain()) project(projection, entry);
      expect(await daysNow()).toEqual(
        [...projection.days.values()]
          .map(({ hungUp, machinesHeard, ...day }) => ({ ...day, machines_heard: machinesHeard, hung_up: hungUp }))
          .sort((a, b) => (a.campaign < b.campaign ? -1 : 1)),
      );
      expect(await rows('SELECT campaign, controller, first_day, first_at_ms FROM campaigns ORDER BY 1')).toEqual(
        [...projection.campaigns.values()]
          .map(({ firstDay, firstAt, ...start }) => ({ ...start, first_day: firstDay, first_at_ms: firstAt }))
          .sort((a, b) => (a.campaign < b.campaign ? -1 : 1)),
      );
      expect(await locksNow()).toEqual(
        [...projection.locks.values()]
          .flat()
          .map(({ digest, callId }) => ({ digest, call_id: callId }))
          .sort((a, b) => (a.digest < b.digest ? -1 : 1)),
      );
      expect(projection.locks.size).toBeGreaterThan(0);
    });
  });
});
