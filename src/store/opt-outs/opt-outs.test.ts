import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock, type WallMs } from '../../base/clock.ts';
import { createOptOutDesk } from '../../guard/opt-out-desk.ts';
import type { OptOutDesk } from '../../guard/opt-out-port.ts';
import { bothDatabases } from '../../testing/both-databases.ts';
import { SILENT_LOG } from '../../testing/fake-ports.ts';
import { sampleCallDrafts, sampleDigest } from '../../testing/ledger-samples.ts';
import { startWithoutThread } from '../../testing/store-without-thread.ts';
import { outcomeEntry, sampleCallId } from '../../testing/stored-calls.ts';
import type { Database } from '../database.ts';
import { type DatabasePlace, databasePlace } from '../database-place.ts';
import { joinDatabase } from '../open-database.ts';
import { createDatabaseStore, type DatabaseStore } from '../store.ts';
import { verifyLedger } from '../verify/verify-ledger.ts';
import { optOutStoreOn } from './opt-out-orders.ts';

const AT = Date.UTC(2026, 10, 20, 9) as WallMs;
const NUMBER = '+393331234567';

describe.each(bothDatabases())('opt-outs on $name', ({ begin, url, end }) => {
  let dataDir: string;
  let place: DatabasePlace;
  let store: DatabaseStore;
  let desk: OptOutDesk;
  let now = AT;
  const clock: Clock = { ...systemClock, now: () => ({ ...systemClock.now(), wallMs: now }) };

  beforeAll(begin);
  afterAll(end);
  beforeEach(async () => {
    now = AT;
    dataDir = await mkdtemp(join(tmpdir(), 'brusio-opt-outs-'));
    place = databasePlace({ url: await url(), dataDir, process: 'guard-1' });
    store = createDatabaseStore({ place, clock, log: SILENT_LOG, startThread: startWithoutThread });
    await store.start();
    desk = createOptOutDesk({
      ...{ store, plan: { countryCode: '39', internationalPrefix: '00', trunkPrefix: '' }, isWhole: false },
      digests: { keyId: 'new', current: (n) => `new ${n}`, all: (n) => [`new ${n}`, `old ${n}`] },
      liveCall: (ref) => (ref === 'live@dialer' ? ({ callId: sampleCallId(2) } as never) : null),
      source: 'http',
    });
  });
  afterEach(async () => {
    await store.stop();
    await rm(dataDir, { recursive: true });
  });

  const isVerified = async () => {
    const { faults, tables } = await verifyLedger(place, systemClock);
    return { faults, tables };
  };

  it('are committed with the outcome in which the key was pressed, and once however often that is sent', async () => {
    const entry = { ...outcomeEntry(1), optOut: { scope: 'acme', at: (AT - 100) as WallMs } };
    const position = await store.recordOutcome(entry);
    await store.recordOutcome(entry);
    expect(await desk.page({ before: null, most: 10 })).toEqual([
      {
        ...{ chain: 'guard-1', seq: (position?.seq ?? 0) + 1, scope: 'acme', digest: 'd1', at: AT - 100 },
        ...{ source: 'key', callId: sampleCallId(1), reference: null },
      },
    ]);
    expect(await isVerified()).toEqual({ faults: [], tables: [] });
  });

  it('are found however the number is written, and under every key', async () => {
    const said = { scope: 'acme', callId: null, source: 'command', reference: null } as const;
    await store.addOptOut({ ...said, digest: `old ${NUMBER}` });
    now = (AT + 1) as WallMs;
    await desk.add('0039 333 1234567', null, 'letter 7');
    expect(await desk.of('333 1234567')).toMatchObject([
      { scope: '*', digest: `new ${NUMBER}`, at: AT + 1, source: 'http', reference: 'letter 7' },
      { scope: 'acme', digest: `old ${NUMBER}`, at: AT },
    ]);
    expect(await desk.of('333 1234568')).toEqual([]);
  });

  it('are taken back for one controller, and those of others stay', async () => {
    for (const controller of ['acme', 'acme', 'other', null]) await desk.add(NUMBER, controller, null);
    expect(await desk.remove(NUMBER, 'acme', 'a wrong entry')).toHaveLength(2);
    expect(await desk.remove(NUMBER, 'acme', 'again')).toEqual([]);
    expect((await desk.of(NUMBER)).map(({ scope }) => scope).sort()).toEqual(['*', 'other']);
    expect(await isVerified()).toEqual({ faults: [], tables: [] });
  });

  it('are told of a call that is over or goes on, for the controller it was placed for', async () => {
    await store.recordOutcome({ ...outcomeEntry(1), controller: 'energia', digest: 'd7' });
    await store.ledger(sampleCallDrafts(2).filter(({ kind }) => kind === 'decision'));
    expect(await desk.addOfCall('dialer-1@10.0.0.1', 'told agent 1001')).toMatchObject({
      ...{ scope: 'energia', digest: 'd7', callId: sampleCallId(1), reference: 'told agent 1001' },
    });
    expect(await desk.addOfCall('live@dialer', null)).toMatchObject({ scope: 'acme', digest: sampleDigest(2) });
    expect(await desk.addOfCall('nobody', null)).toBeNull();
    await store.recordOutcome({ ...outcomeEntry(3), digest: null });
    expect(await desk.addOfCall(sampleCallId(3), null), 'no guarded call').toBeNull();
    expect(await isVerified()).toEqual({ faults: [], tables: [] });
  });

  it('are listed a page at a time, the latest first, also those of one moment', async () => {
    for (let n = 1; n <= 5; n++) {
      await desk.add(`+3933312345${60 + n}`, null, String(n));
      if (n !== 3) now = (now + 1) as WallMs;
    }
    const first = await desk.page({ before: null, most: 3 });
    const second = await desk.page({ before: first.at(-1) ?? null, most: 3 });
    expect([...first, ...second].map(({ reference }) => reference)).toEqual(['5', '4', '3', '2', '1']);
  });

  it('of two commands are two entries of one chain, on PostgreSQL also at once', async () => {
    const databases = await Promise.all(['one', 'two'].map((name) => joinDatabase(place, name, systemClock)));
    const said = { scope: 'acme', digest: 'd1', callId: null, source: 'command', reference: null } as const;
    const add = async (database: Database) =>
      (await optOutStoreOn(await database.connection(), 'command', systemClock).addOptOut(said)).seq;
    // Within one thread SQLite would wait for itself.
    const seqs: number[] = [];
    if (place.url === null) for (const database of databases) seqs.push(await add(database));
    else seqs.push(...(await Promise.all(databases.map(add))));
    expect(seqs.sort()).toEqual([1, 2]);
    await Promise.all(databases.map((database) => database.close()));
    expect(await isVerified()).toEqual({ faults: [], tables: [] });
  });
});
