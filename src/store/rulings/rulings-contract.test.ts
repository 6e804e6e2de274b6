/** What rulings must be on every database. A second database joins by adding itself to `engines`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock, toIso, type WallMs } from '../../base/clock.ts';
import type { CallId } from '../../call/call-facts.ts';
import type { CallAtRisk, RulingRequest, Rulings } from '../../guard/ruling-port.ts';
import { italy } from '../../policy/jurisdictions/italy.ts';
import { unitedKingdom } from '../../policy/jurisdictions/united-kingdom.ts';
import type { CampaignTerms } from '../../policy/rules/campaign-terms.ts';
import type { LegalRule, Ruling } from '../../policy/rules/ruling.ts';
import { OPEN_CORRECTION_MS } from '../../policy/rules/standing-on.ts';
import { SILENT_LOG } from '../../testing/fake-ports.ts';
import { startPostgresqlServer } from '../../testing/postgresql-server.ts';
import { allModes, lawfulTerms, MONDAY_MORNING } from '../../testing/ruling-facts.ts';
import type { Connection } from '../connection.ts';
import { type DatabasePlace, databasePlace } from '../database-place.ts';
import { joinDatabase, openDatabase } from '../open-database.ts';
import type { SqlValue } from '../query.ts';
import { createRulings } from './rulings.ts';

/** A database with its tables, what rulings open it by, and a connection that writes into it as the store's thread does. */
type Opened = { readonly place: DatabasePlace; readonly writer: Connection; close(): Promise<void> };
type Engine = { readonly name: string; create(): Promise<Opened> };

async function opened(place: DatabasePlace, remove: () => Promise<void>): Promise<Opened> {
  const database = await openDatabase(place, systemClock);
  const other = await joinDatabase(place, 'test', systemClock);
  return {
    place,
    writer: await other.connection(),
    async close() {
      await other.close();
      await database.close();
      await remove();
    },
  };
}

const engines: readonly Engine[] = [
  {
    name: 'SQLite',
    async create() {
      const dataDir = await mkdtemp(join(tmpdir(), 'brusio-rulings-'));
      return opened(databasePlace({ url: null, dataDir, process: 'guard-1' }), () => rm(dataDir, { recursive: true }));
    },
  },
  {
    name: 'PostgreSQL',
    async create() {
      const server = await startPostgresqlServer();
      const url = await server.createDatabase();
      return opened(databasePlace({ url, dataDir: '/nowhere', process: 'guard-1' }), () => server.remove());
    },
  },
];

const NOW = MONDAY_MORNING;
const TODAY = '2026-11-23';
/** It is always then; timers are real. */
const clock: Clock = { ...systemClock, now: () => ({ ...systemClock.now(), wallMs: NOW }) };

/** Each test has a campaign, a controller and numbers of its own, so that all can share one database and its thread. */
let test = 0;
let campaign = '';
let digest = '';
let oldDigest = '';
let calls = 0;
function callId(): CallId {
  calls++;
  return `0192f0c1-7c1e-7c3a-9f44-${String(calls).padStart(12, '0')}` as CallId;
}

const digestOf = (number: number) => String(number).padStart(32, 'a');

type Bent = Partial<Omit<RulingRequest, 'terms'>> & { readonly terms?: Partial<CampaignTerms> };

/** An INVITE that only the rules of this file may refuse; screening has its own tests. */
function invite({ terms, ...bent }: Bent = {}): RulingRequest {
  const modes = { ...allModes('enforce'), screening: 'off' } as const;
  return {
    ...{ callId: callId(), at: NOW, number: '+393331234567', callerId: '+390212345678', digests: [digest] },
    ...{ agent: 'connected', exception: null, policy: italy.policy, ...bent },
    terms: lawfulTerms({
      ...{ modes, promisedAgents: 'count', campaign, controller: campaign, lockScope: campaign },
      ...terms,
    }),
  };
}

/** To a number that nothing is known of. */
function toAnother(bent: Bent = {}): RulingRequest {
  return invite({ digests: [digestOf(++calls)], ...bent });
}

function refusedBy({ allowed, breaches }: Ruling): LegalRule | null {
  return allowed ? null : (breaches[0]?.rule ?? null);
}

describe.each(engines)('rulings on $name', ({ create }) => {
  let database: Opened;
  let rulings: Rulings;
  let workers: Worker[];

  async function open(left: readonly CallAtRisk[] = []): Promise<Rulings> {
    workers = [];
    const started = createRulings({
      ...{ place: database.place, policies: [italy.policy], log: SILENT_LOG, clock },
      spawned: (worker) => void workers.push(worker),
      timeoutMs: 60_000,
    });
    await started.start(left);
    return started;
  }
  const ask = async (bent?: Bent) => refusedBy(await rulings.rule(invite(bent)));
  const askAnother = async (bent?: Bent) => refusedBy(await rulings.rule(toAnother(bent)));
  const insert = (table: string, row: Readonly<Record<string, SqlValue>>) => {
    const places = Object.keys(row).map((_, index) => (database.writer.kind === 'sqlite' ? '?' : `$${index + 1}`));
    const sql = `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${places.join(', ')})`;
    return database.writer.execute(sql, Object.values(row));
  };
  const insertDay = (silent: number, handled: number, day = TODAY, machines = 0, machines_heard = 0) =>
    insert('campaign_days', { campaign, day, silent, handled, machines, machines_heard, hung_up: 0 });
  const insertOutcome = (row: Readonly<Record<string, SqlValue>>) =>
    insert('outcomes', {
      ...{ call_id: callId(), dialer_call_id: 'd', campaign, controller: campaign, kind: 'guarded' },
      ...{ class: 'B', counted_as: 'agent', network: 'answered', handling: 'agent', day: TODAY, digest },
      ...{ invited_at_ms: NOW - 60_000, answered_at_ms: NOW - 50_000, ended_at_ms: NOW - 1_000, record: '{}', ...row },
    });

  beforeAll(async () => {
    database = await create();
    rulings = await open();
  });
  beforeEach(() => {
    campaign = `campaign-${++test}`;
    digest = digestOf(++calls);
    oldDigest = digestOf(++calls);
  });
  afterAll(async () => {
    await rulings.stop();
    await database.close();
  });

  describe('of a number', () => {
    it('let one call through at a time: of two that come at once the second is refused', async () => {
      const both = await Promise.all([rulings.rule(invite()), rulings.rule(invite())]);
      expect(both.map(refusedBy)).toEqual([null, 'recall-lock']);
      expect(both[1]?.breaches[0]).toMatchObject({ facts: { inFlight: 1 } });
    });

    it('let the next through when the one before was released', async () => {
      const first = invite();
      await rulings.rule(first);
      expect(await ask()).toBe('recall-lock');
      rulings.released(first.callId);
      expect(await ask()).toBeNull();
    });

    it('are given for each scope by itself, and find a call under an older key', async () => {
      await rulings.rule(invite({ digests: [oldDigest] }));
      expect(await ask({ terms: { lockScope: `${campaign} another` } })).toBeNull();
      expect(await ask({ digests: [digestOf(++calls), oldDigest] })).toBe('recall-lock');
    });

    it('keep its lock while it lasts, whichever key it was set under, and ask for an agent afterwards', async () => {
      const lock = { scope: campaign, digest: oldDigest, silent_at_ms: NOW - 1_000, until_ms: NOW + 60_000 };
      await insert('recall_locks', { ...lock, call_id: callId() });
      // Those that end before it change nothing.
      await insert('recall_locks', { ...lock, until_ms: NOW + 1, silent_at_ms: NOW - 9_000, call_id: callId() });
      // Two silent calls of one day end together: the later one is told.
      await insert('recall_locks', { ...lock, silent_at_ms: NOW - 5_000, call_id: callId() });
      await insert('recall_locks', { ...lock, digest, until_ms: NOW - 1, call_id: callId() });
      const locked = await rulings.rule(invite({ digests: [digest, oldDigest] }));
      const until = toIso((NOW + 60_000) as WallMs);
      expect(locked.breaches[0]).toMatchObject({
        rule: 'recall-lock',
        facts: { until, silentAt: toIso((NOW - 1_000) as WallMs) },
      });
      const after = (NOW + 60_000) as WallMs;
      await insertDay(0, 1_000);
      expect(await ask({ digests: [digest, oldDigest], at: after, agent: 'none' })).toBe('guaranteed-agent');
      expect(await ask({ digests: [digest, oldDigest], at: after })).toBeNull();
    });

    it('count its calls by day, week and campaign, those in flight included, blocked ones not', async () => {
      const hourMs = 3_600_000;
      const perDay = { frequency: { perDay: 2, perWeek: null, perCampaign: null } };
      await insertOutcome({ network: 'blocked', class: null, counted_as: null, day: null });
      await insertOutcome({ controller: `${campaign} another` });
      await insertOutcome({ invited_at_ms: NOW - 24 * hourMs });
      await insertOutcome({});
      expect(await ask({ terms: perDay })).toBeNull();
      const second = (await rulings.rule(invite({ terms: { ...perDay, lockScope: `${campaign} another` } }))).breaches;
      expect(second).toMatchObject([{ rule: 'frequency', facts: { callsOnDay: 2, perDay: 2 } }]);
      const inCampaign = { frequency: { perDay: null, perWeek: null, perCampaign: 3 } };
      const third = (await rulings.rule(invite({ terms: { ...inCampaign, lockScope: `${campaign} another` } })))
        .breaches;
      expect(third).toMatchObject([{ rule: 'frequency', facts: { callsOfCampaign: 3 } }]);
    });

    it('refuse it for good once its person opted out, under whatever key, for that controller or for all', async () => {
      const optOut = { source: 'key', call_id: null, reference: null, at_ms: NOW - 1_000 } as const;
      let seq = 0;
      const insertOptOut = (scope: string, of: string) =>
        insert('opt_outs', { ...optOut, chain: campaign, seq: ++seq, scope, digest: of });
      const modes = { ...allModes('off'), 'opt-out': 'enforce' } as const;
      const another = { modes, controller: `${campaign} another`, lockScope: `${campaign} another` };
      expect(await ask({ terms: { modes } })).toBeNull();
      await insertOptOut(campaign, oldDigest);
      expect(await ask({ digests: [digest, oldDigest], terms: { modes } })).toBe('opt-out');
      expect(await ask({ digests: [digest], terms: { modes } })).toBeNull();
      expect(await ask({ digests: [digest, oldDigest], terms: another })).toBeNull();
      expect(await ask({ digests: [oldDigest], terms: { ...another, lockScope: '*' } })).toBe('opt-out');
      await insertOptOut('*', digest);
      expect(await ask({ terms: another })).toBe('opt-out');
      const exception = { basis: 'consent', reference: 'crm-1', since: toIso(NOW) } as const;
      expect(await ask({ terms: another, exception })).toBeNull();
      expect(await ask({ terms: { ...another, modes: allModes('off') } })).toBeNull();
    });

    it('look it up in the cleared list of its controller, unless its INVITE names a consent', async () => {
      const enforced = { modes: { ...allModes('off'), screening: 'enforce' } } as const;
      expect(await ask({ terms: enforced })).toBe('screening');
      const consent = { basis: 'consent', reference: 'CRM-17', since: null } as const;
      expect(await ask({ digests: [oldDigest], exception: consent, terms: enforced })).toBeNull();
      const list = { list_id: campaign, controller: campaign, checked_at_ms: NOW - 1_000, expires_at_ms: NOW + 1_000 };
      const file = {
        numbers: 1,
        sha256: '',
        file_name: 'cleared.csv',
        imported_at_ms: NOW,
        key_id: 'k',
        '"current"': 1,
      };
      await insert('screening_lists', { ...list, ...file });
      const first = Buffer.from(digest.slice(0, 16), 'hex');
      await insert('screening_blocks', { list_id: campaign, '"first"': first, digests: first });
      expect(await ask({ terms: enforced })).toBeNull();
      expect(await ask({ digests: ['f'.repeat(32)], terms: enforced })).toBe('screening');
    });

    it('leave no room behind for a call that was given up before it was judged', async () => {
      const first = invite();
      const ruled = rulings.rule(first);
      rulings.released(first.callId);
      expect(refusedBy(await ruled)).toBeNull();
      expect(await ask()).toBeNull();
    });
  });

  describe('of a campaign', () => {
    const none = { agent: 'none' } as const;

    it('give room for one silent call to one call at a time', async () => {
      expect(await askAnother(none)).toBe('abandonment-budget');
      await insertDay(0, 33);
      const first = toAnother(none);
      const both = await Promise.all([rulings.rule(first), rulings.rule(toAnother(none))]);
      expect(both.map(refusedBy)).toEqual([null, 'abandonment-budget']);
      expect(both[1]?.breaches[0]).toMatchObject({ facts: { handledCalls: 33, callsAtRisk: 1 } });
      expect(await askAnother({ ...none, terms: { campaign: `${campaign} another` } })).toBe('abandonment-budget');
      rulings.released(first.callId);
      expect(await askAnother(none)).toBeNull();
    });

    it('have the machines of its day in mind where its law has an estimate of them in the ratio', async () => {
      await insertDay(0, 40, TODAY, 25, 5);
      const machineFalsePositive = { percent: 5, evidence: '200 recordings' };
      const modes = { ...allModes('off'), 'abandonment-budget': 'enforce' } as const;
      const terms = { modes, machineFalsePositive };
      expect(await askAnother({ ...none, terms })).toBeNull();
      const british = await rulings.rule(toAnother({ ...none, terms, policy: unitedKingdom.policy }));
      expect(british.breaches[0]?.facts).toMatchObject({ silentCalls: 0, estimatedSilentCalls: 1 });
      const withoutEstimate = { modes, machineFalsePositive: null, campaign: `${campaign} again` };
      expect(await askAnother({ ...none, terms: withoutEstimate, policy: unitedKingdom.policy })).toBe(
        'abandonment-budget',
      );
    });

    it('hold it until the call is counted, wherever its answer was', async () => {
      await insertDay(0, 33);
      const first = toAnother(none);
      await rulings.rule(first);
      rulings.answered(first.callId, NOW);
      expect(await askAnother(none)).toBe('abandonment-budget');
      rulings.counted(first.callId);
      expect(await askAnother(none)).toBeNull();
    });

    it('hold it again once a call that was counted may change its class', async () => {
      await insertDay(0, 33);
      const first = toAnother(none);
      await rulings.rule(first);
      rulings.answered(first.callId, NOW);
      rulings.counted(first.callId);
      await rulings.uncounted(first.callId);
      if (database.writer.kind === 'postgresql') {
        const seen = await database.writer.execute('SELECT counted FROM reservations WHERE call_id = $1', [
          first.callId,
        ]);
        expect(seen.rows).toEqual([{ counted: 0 }]);
      }
      expect(await askAnother(none)).toBe('abandonment-budget');
      rulings.counted(first.callId);
      expect(await askAnother(none)).toBeNull();
    });

    it('hold it in the window of the day of the answer alone', async () => {
      const midnight = Date.parse('2026-11-23T23:00:00Z');
      const late = (midnight - 30_000) as WallMs;
      const hours = { modes: { ...allModes('off'), 'abandonment-budget': 'enforce' } } as const;
      const begun = { campaign, controller: campaign, first_day: '2026-11-14', first_at_ms: 0 };
      await insert('campaigns', begun);
      await insertDay(0, 33);
      await insertDay(0, 33, '2026-11-24');
      const first = toAnother({ ...none, at: late, terms: hours });
      expect(refusedBy(await rulings.rule(first))).toBeNull();
      const tomorrow = { ...none, at: (midnight + 1) as WallMs, terms: hours };
      expect(await askAnother(tomorrow)).toBe('abandonment-budget');
      rulings.answered(first.callId, (midnight - 1) as WallMs);
      expect(await askAnother(tomorrow)).toBeNull();
    });

    it('take calls of class B that no agent took for silent ones until no correction can turn them', async () => {
      await insertDay(0, 65);
      await insertOutcome({ counted_as: 'machine', ended_at_ms: NOW - OPEN_CORRECTION_MS + 1_000 });
      expect(await askAnother(none)).toBe('abandonment-budget');
      expect(await askAnother({ ...none, at: (NOW + 1_001) as WallMs })).toBeNull();
    });

    it('take calls that were corrected to class B for silent ones just as long', async () => {
      await insertDay(0, 65);
      const id = callId();
      await insertOutcome({ call_id: id, class: 'A', counted_as: 'silent', ended_at_ms: NOW - 1_000 });
      const correction = { sequence: 2, at_ms: NOW - 500, correction: '{}', class: 'B' };
      expect(await askAnother({ ...none, terms: { campaign: `${campaign} another` } })).toBe('abandonment-budget');
      await insert('outcome_corrections', { call_id: id, ...correction });
      expect(await askAnother(none)).toBe('abandonment-budget');
      expect(await askAnother({ ...none, at: (NOW + OPEN_CORRECTION_MS) as WallMs })).toBeNull();
    });

    it('take calls that were corrected to class A for the silent ones they are, unless they are corrected back', async () => {
      await insertDay(0, 34);
      const id = callId();
      await insertOutcome({ call_id: id, counted_as: 'machine', ended_at_ms: NOW - 1_000 });
      const correct = (sequence: number, to: 'A' | 'B') =>
        insert('outcome_corrections', { call_id: id, sequence, at_ms: NOW - 500, correction: '{}', class: to });
      // Room for one silent call, and that one is at risk. The tally stays, so that nothing else is seen here.
      expect(await askAnother(none)).toBe('abandonment-budget');
      await correct(2, 'A');
      const judged = toAnother(none);
      expect(refusedBy(await rulings.rule(judged))).toBeNull();
      rulings.released(judged.callId);
      await correct(3, 'B');
      expect(await askAnother(none)).toBe('abandonment-budget');
      await correct(4, 'A');
      expect(await askAnother(none)).toBeNull();
    });

    it('take back the room of a call whose promised agent leaves, where there is none, and count it against the others', async () => {
      const promised = toAnother({ agent: 'reserved', terms: { promisedAgents: 'trust' } });
      expect(refusedBy(await rulings.rule(promised))).toBeNull();
      const connected = toAnother();
      expect(refusedBy(await rulings.rule(connected))).toBeNull();
      expect(refusedBy(await rulings.withoutAgent(connected.callId))).toBe('abandonment-budget');
      await insertDay(0, 67);
      expect(refusedBy(await rulings.withoutAgent(promised.callId))).toBeNull();
      expect(await askAnother(none)).toBe('abandonment-budget');
      rulings.released(connected.callId);
      expect(await askAnother(none)).toBeNull();
    });
  });

  it('do not wait for a commit of the writer', async () => {
    await database.writer.execute(database.writer.kind === 'sqlite' ? 'BEGIN IMMEDIATE' : 'BEGIN');
    await insertDay(0, 1_000);
    expect(await askAnother({ agent: 'none' })).toBe('abandonment-budget');
    await database.writer.execute('COMMIT');
    expect(await askAnother({ agent: 'none' })).toBeNull();
  });

  it('are given with the calls in mind that an earlier process left, until their outcomes are committed', async () => {
    await rulings.rule(invite({ digests: [oldDigest] }));
    await rulings.stop();
    const left = callId();
    rulings = await open([
      {
        ...{ callId: left, at: NOW, digests: [digest], agent: 'none', answeredAt: NOW },
        ...{ campaign, lockScope: campaign, policy: italy.policy },
      },
    ]);
    await insertDay(0, 33);
    expect(await askAnother({ agent: 'none' })).toBe('abandonment-budget');
    expect(await ask()).toBe('recall-lock');
    // Not left: its outcome was committed, so that its room is free.
    expect(await ask({ digests: [oldDigest] })).toBeNull();
    rulings.released(left);
    expect(await ask()).toBeNull();
    expect(await askAnother({ agent: 'none' })).toBeNull();
  });

  it('go on in a new thread when theirs dies, with all room kept; once', async () => {
    await rulings.rule(invite());
    await workers[0]?.terminate();
    expect(await ask()).toBe('recall-lock');
    await workers[1]?.terminate();
    expect(await ask()).toBe('recall-lock');
    await workers[2]?.terminate();
    await workers[3]?.terminate();
    await expect(rulings.rule(invite())).rejects.toMatchObject({ code: 'store.cannot-read' });
    expect(workers).toHaveLength(4);
  });
});

it('rulings without a database reject', async () => {
  const place = databasePlace({ url: null, dataDir: join(tmpdir(), 'brusio-rulings-nowhere'), process: 'guard-1' });
  const rulings = createRulings({ place, policies: [italy.policy], log: SILENT_LOG, clock });
  await expect(rulings.start([])).rejects.toMatchObject({ code: 'store.cannot-open' });
  await expect(rulings.rule(invite())).rejects.toMatchObject({ code: 'store.cannot-read' });
});
