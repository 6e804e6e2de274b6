/**
 * What every database behind the Store and Outbox ports must do. A second database joins by adding itself to `engines`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import type { Outbox, Store } from '../guard/store-port.ts';
import { campaignPolicyContent } from '../ledger/campaign-policy.ts';
import { settingsDraft } from '../ledger/system-drafts.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../testing/postgresql-server.ts';
import { startWithoutThread } from '../testing/store-without-thread.ts';
import {
  callEntry,
  correctionEntry,
  dialogEntry,
  outcomeEntry,
  sampleCallId,
  sampleDialog,
  sampleDossier,
  sampleRecord,
  sampleState,
  sampleWebhook,
} from '../testing/stored-calls.ts';
import { databasePlace } from './database-place.ts';
import { createDatabaseStore } from './store.ts';

/** A database that starts empty and can be opened again with what was written to it. */
type Engine = {
  readonly name: string;
  readonly begin: () => Promise<void>;
  readonly end: () => Promise<void>;
  create(): Promise<{ open(process?: string): Store & Outbox; drop(): Promise<void> }>;
};

const log = pino({ level: 'silent' });
const storeAt = (place: Omit<Parameters<typeof databasePlace>[0], 'process'>, process = 'guard-1') =>
  createDatabaseStore({
    place: databasePlace({ ...place, process }),
    log,
    clock: systemClock,
    startThread: startWithoutThread,
  });

let server: PostgresqlServer;
let url: string;
const engines: readonly Engine[] = [
  {
    name: 'SQLite',
    begin: async () => {},
    end: async () => {},
    async create() {
      const dataDir = await mkdtemp(join(tmpdir(), 'brusio-store-'));
      return {
        open: (process) => storeAt({ url: null, dataDir }, process),
        drop: () => rm(dataDir, { recursive: true }),
      };
    },
  },
  {
    name: 'PostgreSQL',
    begin: async () => {
      server = await startPostgresqlServer();
      url = await server.createDatabase();
    },
    end: () => server.remove(),
    async create() {
      return { open: (process) => storeAt({ url, dataDir: '/nowhere' }, process), drop: () => server.empty(url) };
    },
  },
];

const FAR = (Date.now() + 86_400_000) as WallMs;

/** As it is read once it has its place in the ledger. */
function placed(record: OutcomeRecord): OutcomeRecord {
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/) as unknown as string;
  return { ...record, ledger: { chain: 'guard-1', seq: expect.any(Number) as unknown as number, hash } };
}

const policies = (others: string) => {
  const content = campaignPolicyContent(null, { campaigns: { boilers: 'gb-ofcom-2010@1' }, others }, []);
  return settingsDraft('campaign-policy', content);
};

describe.each(engines)('the store on $name', ({ begin, end, create }) => {
  beforeAll(begin);
  afterAll(end);

  let database: Awaited<ReturnType<Engine['create']>>;
  let store: Store & Outbox;

  async function open(): Promise<Store & Outbox> {
    const opened = database.open();
    await opened.start();
    return opened;
  }
  async function reopen(): Promise<void> {
    await store.stop();
    store = await open();
  }

  beforeEach(async () => {
    database = await create();
    store = await open();
  });
  afterEach(async () => {
    await store.stop();
    await database.drop();
  });

  it('knows by whose rules campaigns were run last, other settings between and whatever process wrote it', async () => {
    expect(await store.campaignPolicies()).toBeNull();
    await store.ledger([policies('it-garante-83-2014@1'), policies('us-ftc-tsr@1'), settingsDraft('policy', {})]);
    expect(await store.campaignPolicies()).toMatchObject({
      ...{ campaigns: { boilers: 'gb-ofcom-2010@1' }, others: 'us-ftc-tsr@1', changes: [] },
    });
    await reopen();
    expect(await store.campaignPolicies()).toMatchObject({ others: 'us-ftc-tsr@1' });
  });

  describe('the journal', () => {
    it('gives back every open call with its dossier, state and dialogs after a restart', async () => {
      store.journal(callEntry(1));
      store.journal(dialogEntry(1, 'carrier'));
      store.journal(dialogEntry(1, 'dialer'));
      store.journal(callEntry(2));
      await reopen();
      expect(await store.openCalls()).toEqual([
        {
          dossier: sampleDossier(1),
          state: sampleState(),
          dialogs: { carrier: sampleDialog(1, 'carrier'), dialer: sampleDialog(1, 'dialer') },
        },
        { dossier: sampleDossier(2), state: sampleState(), dialogs: {} },
      ]);
    });

    it('keeps the latest entry of a call and of a leg', async () => {
      store.journal(callEntry(1, sampleState(3000)));
      store.journal(dialogEntry(1, 'dialer', 1));
      await reopen();
      store.journal(callEntry(1, sampleState(9000)));
      store.journal(dialogEntry(1, 'dialer', 2));
      await reopen();
      expect(await store.openCalls()).toEqual([
        { dossier: sampleDossier(1), state: sampleState(9000), dialogs: { dialer: sampleDialog(1, 'dialer', 2) } },
      ]);
    });

    it('is removed by the outcome, and does not come back when a late entry follows it', async () => {
      store.journal(callEntry(1));
      store.journal(dialogEntry(1, 'dialer'));
      await store.recordOutcome(outcomeEntry(1));
      store.journal(callEntry(1));
      store.journal(dialogEntry(1, 'carrier'));
      await reopen();
      expect(await store.openCalls()).toEqual([]);
    });
  });

  describe('an outcome', () => {
    it("is found by our id and by the dialer leg's Call-ID, also after a restart", async () => {
      await store.recordOutcome(outcomeEntry(1));
      await reopen();
      expect(await store.findOutcome(sampleCallId(1))).toEqual(placed(sampleRecord(1)));
      expect(await store.findOutcome('dialer-1@10.0.0.1')).toEqual(placed(sampleRecord(1)));
      expect(await store.findOutcome('dialer-2@10.0.0.1')).toBeNull();
    });

    it('is found before it is committed', async () => {
      const recorded = store.recordOutcome(outcomeEntry(1));
      expect(await store.findOutcome(sampleCallId(1))).toEqual(sampleRecord(1));
      await recorded;
    });

    it('is the latest when a dialer used its Call-ID twice', async () => {
      const later = { ...sampleRecord(2), sip: sampleRecord(1).sip };
      await store.recordOutcome({ ...outcomeEntry(2), record: later });
      await store.recordOutcome(outcomeEntry(1));
      expect(await store.findOutcome('dialer-1@10.0.0.1')).toEqual(placed(later));
    });

    it('is ignored the second time, with its webhooks', async () => {
      await store.recordOutcome(outcomeEntry(1));
      await store.recordOutcome({
        ...outcomeEntry(1),
        record: { ...sampleRecord(1), class: 'B' },
        webhooks: [{ ...sampleWebhook(1), id: 'msg_second' }],
      });
      expect((await store.findOutcome(sampleCallId(1)))?.class).toBe('A');
      expect((await store.due(FAR, 10, 'crm')).map((w) => w.id)).toEqual(['msg_crm_1']);
    });

    it('that breaks a constraint is refused and takes no other with it', async () => {
      const wrong = { ...outcomeEntry(2), webhooks: [sampleWebhook(1)] };
      const results = await Promise.allSettled([
        store.recordOutcome(outcomeEntry(1)),
        store.recordOutcome(wrong),
        store.recordOutcome(outcomeEntry(3)),
      ]);
      expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(results[1]).toMatchObject({ reason: { code: 'store.entry-rejected' } });
      expect(await store.findOutcome(sampleCallId(2))).toBeNull();
      expect(await store.findOutcome(sampleCallId(3))).toEqual(placed(sampleRecord(3)));
      expect(store.health()).toEqual({ writable: true, pending: 0, problem: null });
    });

    it('that is not plain data is refused and takes no other with it', async () => {
      const wrong = { ...outcomeEntry(1), number: (() => '+39') as never };
      const results = await Promise.allSettled([store.recordOutcome(wrong), store.recordOutcome(outcomeEntry(2))]);
      expect(results.map((r) => r.status)).toEqual(['rejected', 'fulfilled']);
    });
  });

  describe('a correction', () => {
    it('stands beside the outcome, which stays as it was, in its order, also after a restart', async () => {
      await store.recordOutcome(outcomeEntry(1));
      await store.recordOutcome(outcomeEntry(2));
      expect(await store.correctionsOf(sampleCallId(1))).toEqual([]);
      for (const sequence of [2, 3, 4]) await store.recordCorrection(correctionEntry(1, sequence));
      await reopen();
      const [second, third, fourth] = [2, 3, 4].map((sequence) => correctionEntry(1, sequence).correction);
      expect(await store.correctionsOf(sampleCallId(1))).toEqual([second, third, fourth]);
      expect(await store.correctionsOf(sampleCallId(2))).toEqual([]);
      expect(await store.findOutcome(sampleCallId(1))).toEqual(placed(sampleRecord(1)));
    });

    it('is ignored the second time, with its webhooks', async () => {
      await store.recordOutcome(outcomeEntry(1));
      await store.recordCorrection(correctionEntry(1));
      const again = correctionEntry(1, 2, 'audit');
      await store.recordCorrection({ ...again, correction: { ...again.correction, source: 'other' } });
      expect(await store.correctionsOf(sampleCallId(1))).toEqual([correctionEntry(1).correction]);
      expect(await store.due(FAR, 10, 'audit')).toEqual([]);
    });

    it('is told after the outcome, and wakes who delivers', async () => {
      await store.recordOutcome(outcomeEntry(1));
      let woken = 0;
      store.onDue(() => void woken++);
      await store.recordCorrection(correctionEntry(1));
      await store.recordCorrection(correctionEntry(1, 3));
      expect(woken).toBe(2);
      for (const id of ['msg_crm_1', 'msg_crm_1_2', 'msg_crm_1_3']) {
        expect((await store.due(FAR, 10, 'crm')).map((w) => w.id)).toEqual([id]);
        await store.delivered(id, FAR);
      }
    });

    it('keeps the type of its webhooks', async () => {
      await store.recordOutcome({ ...outcomeEntry(1), webhooks: [] });
      await store.recordCorrection(correctionEntry(1));
      expect(await store.due(FAR, 10, 'crm')).toEqual([{ ...correctionEntry(1).webhooks[0], attempts: 0 }]);
    });

    it('of a call without an outcome is refused whole, and takes no other with it', async () => {
      await store.recordOutcome(outcomeEntry(2));
      const results = await Promise.allSettled([
        store.recordCorrection(correctionEntry(1)),
        store.recordCorrection(correctionEntry(2)),
      ]);
      expect(results.map((r) => r.status)).toEqual(['rejected', 'fulfilled']);
      expect(results[0]).toMatchObject({ reason: { code: 'store.entry-rejected' } });
      expect(await store.correctionsOf(sampleCallId(1))).toEqual([]);
      expect((await store.due(FAR, 10, 'crm')).map((w) => w.callId)).toEqual([sampleCallId(2)]);
    });

    it('that cannot be told is not made either: both or none', async () => {
      await store.recordOutcome(outcomeEntry(1));
      const wrong = { ...correctionEntry(1), webhooks: [sampleWebhook(1)] };
      await expect(store.recordCorrection(wrong)).rejects.toMatchObject({ code: 'store.entry-rejected' });
      expect(await store.correctionsOf(sampleCallId(1))).toEqual([]);
    });
  });

  describe('a call that the dialer names', () => {
    it('is the latest with its reference', async () => {
      const later = { ...sampleRecord(2), dialerReference: 'V1' };
      await store.recordOutcome({ ...outcomeEntry(2), record: later });
      await store.recordOutcome(outcomeEntry(1));
      expect(await store.findOutcomeByReference('V1')).toEqual(placed(later));
      expect(await store.findOutcomeByReference('V2')).toBeNull();
    });
  });

  describe('the outbox', () => {
    it('tells after the commit that something is due', async () => {
      const woken = new Promise<readonly unknown[]>((resolve) => {
        store.onDue(() => resolve(store.due(FAR, 10, 'crm')));
      });
      await store.recordOutcome(outcomeEntry(1));
      expect(await woken).toEqual([{ ...sampleWebhook(1), attempts: 0 }]);
    });

    it('gives the oldest first, no more than asked for, of one endpoint', async () => {
      for (const n of [1, 2, 3]) await store.recordOutcome(outcomeEntry(n, ['crm', 'audit']));
      expect((await store.due(FAR, 2, 'audit')).map((w) => w.id)).toEqual(['msg_audit_1', 'msg_audit_2']);
      expect(await store.due(FAR, 10, 'other')).toEqual([]);
    });

    it('holds a webhook back until the earlier one of its call and endpoint is done', async () => {
      const second = { ...sampleWebhook(1), id: 'msg_second' };
      await store.recordOutcome({ ...outcomeEntry(1), webhooks: [sampleWebhook(1), second] });
      expect((await store.due(FAR, 10, 'crm')).map((w) => w.id)).toEqual(['msg_crm_1']);
      await store.delivered('msg_crm_1', FAR);
      expect((await store.due(FAR, 10, 'crm')).map((w) => w.id)).toEqual(['msg_second']);
    });

    it('gives a failed one again when its time has come, with its attempts counted', async () => {
      await store.recordOutcome(outcomeEntry(1));
      await store.failed('msg_crm_1', FAR, 'HTTP 500');
      expect(await store.due((FAR - 1) as WallMs, 10, 'crm')).toEqual([]);
      expect(await store.nextDueAt('crm')).toBe(FAR);
      expect(await store.due(FAR, 10, 'crm')).toEqual([{ ...sampleWebhook(1), attempts: 1 }]);
    });

    it('says when the next falls due, which is never before the earlier one of its call', async () => {
      const second = { ...sampleWebhook(1), id: 'msg_second' };
      await store.recordOutcome({ ...outcomeEntry(1), webhooks: [sampleWebhook(1), second] });
      await store.failed('msg_crm_1', FAR, 'HTTP 500');
      expect(await store.nextDueAt('crm')).toBe(FAR);
      expect(await store.due((FAR - 1) as WallMs, 10, 'crm')).toEqual([]);
    });

    it('counts an attempt once when the same failure is written twice', async () => {
      await store.recordOutcome(outcomeEntry(1));
      await store.failed('msg_crm_1', FAR, 'HTTP 500');
      await store.failed('msg_crm_1', FAR, 'HTTP 500');
      expect((await store.due(FAR, 10, 'crm'))[0]?.attempts).toBe(1);
    });

    it('gives what was delivered or given up never again', async () => {
      await store.recordOutcome(outcomeEntry(1));
      await store.recordOutcome(outcomeEntry(2));
      await store.delivered('msg_crm_1', FAR);
      await store.dead('msg_crm_2', 'HTTP 410');
      await reopen();
      expect(await store.due(FAR, 10, 'crm')).toEqual([]);
      expect(await store.nextDueAt('crm')).toBeNull();
    });
  });

  it('writes at its stop what was posted before it, and nothing afterwards', async () => {
    const recorded = store.recordOutcome(outcomeEntry(1));
    await store.stop();
    await recorded;
    expect(store.health()).toMatchObject({ writable: false, pending: 0 });
    await expect(store.recordOutcome(outcomeEntry(2))).rejects.toMatchObject({ code: 'store.stopped' });
    await expect(store.openCalls()).rejects.toMatchObject({ code: 'store.cannot-read' });
  });

  it('keeps what is posted before its start', async () => {
    await store.stop();
    store = database.open();
    store.journal(callEntry(1));
    expect(store.health()).toMatchObject({ writable: false, pending: 1 });
    await store.start();
    await reopen();
    expect(await store.openCalls()).toHaveLength(1);
  });

  it('takes more than one group holds', async () => {
    await Promise.all(Array.from({ length: 2_500 }, (_, n) => store.recordOutcome(outcomeEntry(n))));
    expect(await store.due(FAR, 3_000, 'crm')).toHaveLength(2_500);
  });
});
