import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock, type WallMs } from '../base/clock.ts';
import { cutBeforeAnswer } from '../testing/cut-before-answer.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../testing/postgresql-server.ts';
import { startWithoutThread } from '../testing/store-without-thread.ts';
import { callEntry, correctionEntry, dialogEntry, outcomeEntry, sampleCallId } from '../testing/stored-calls.ts';
import { databasePlace } from './database-place.ts';
import { createDatabaseStore, type DatabaseStore } from './store.ts';
import { DATABASE_TIMES, type DatabaseTimes, type StoreLimits } from './store-limits.ts';

const FAR = (Date.now() + 86_400_000) as WallMs;

let server: PostgresqlServer;
let url: string;

beforeAll(async () => {
  server = await startPostgresqlServer();
  url = await server.createDatabase();
});
afterAll(() => server.remove());
beforeEach(() => server.empty(url));

type Options = { readonly process?: string; readonly url?: string; readonly times?: Partial<DatabaseTimes> };

function storeOf({ process = 'guard-1', url: at = url, times }: Options = {}): DatabaseStore {
  const limits: Partial<StoreLimits> = { retryMinMs: 5, retryMaxMs: 50, stopFlushMs: 200 };
  return createDatabaseStore({
    place: databasePlace({ url: at, dataDir: '/nowhere', process }, { ...DATABASE_TIMES, ...times }),
    log: pino({ level: 'silent' }),
    clock: systemClock,
    limits,
    startThread: startWithoutThread,
  });
}

async function started(options: Options = {}): Promise<DatabaseStore> {
  const store = storeOf(options);
  await store.start();
  onTestFinished(() => store.stop());
  return store;
}

/** The message with which a start is refused. */
async function refusal(options: Options = {}): Promise<string> {
  const store = storeOf(options);
  const thrown = await store.start().then(
    () => store.stop(),
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ name: 'AppError', code: 'store.cannot-open' });
  return (thrown as Error).message;
}

async function healthBecomes(store: DatabaseStore, writable: boolean): Promise<void> {
  while (store.health().writable !== writable) await new Promise((resolve) => setImmediate(resolve));
}

async function problemBecomes(store: DatabaseStore, problem: RegExp): Promise<void> {
  while (!problem.test(store.health().problem ?? '')) await new Promise((resolve) => setImmediate(resolve));
}

async function count(table: string): Promise<number> {
  const rows = await server.query(url, `SELECT count(*)::int AS count FROM ${table}`);
  return rows[0]?.count as number;
}

/** The sessions that hold advisory locks on the test's database: each a Brusio process with its name. */
const HOLDERS = `SELECT DISTINCT pid FROM pg_locks WHERE locktype = 'advisory'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

describe('several processes on one PostgreSQL', () => {
  it('have their own open calls and webhooks, and know of all outcomes', async () => {
    const [one, two] = [await started({ process: 'one' }), await started({ process: 'two' })];
    one.journal(callEntry(1));
    one.journal(dialogEntry(1, 'dialer'));
    await one.recordOutcome(outcomeEntry(2));
    await two.recordOutcome(outcomeEntry(3));
    expect((await one.openCalls()).map((call) => call.dossier.callId)).toEqual([sampleCallId(1)]);
    expect(await two.openCalls()).toEqual([]);
    expect((await one.due(FAR, 10, 'crm')).map((w) => w.id)).toEqual(['msg_crm_2']);
    expect((await two.due(FAR, 10, 'crm')).map((w) => w.id)).toEqual(['msg_crm_3']);
    expect(await two.findOutcome(sampleCallId(2))).toMatchObject({ callId: sampleCallId(2), ledger: { chain: 'one' } });
    await two.recordCorrection(correctionEntry(2));
    expect(await one.correctionsOf(sampleCallId(2))).toHaveLength(1);
  });

  it('may make the schema at the same time', async () => {
    const fresh = await server.createDatabase();
    const stores = await Promise.all(['one', 'two', 'three'].map((process) => started({ process, url: fresh })));
    for (const store of stores) expect(store.health().writable).toBe(true);
    expect(await server.query(fresh, 'SELECT 1 FROM brusio_schema')).toHaveLength(1);
  });

  it('must have different names; the name is free when its process has stopped', async () => {
    const first = await started();
    expect(await refusal()).toBe(
      'another Brusio process is "guard-1" on this database: each needs a name of its own (database.process)',
    );
    await first.stop();
    await started();
  });
});

describe('opening the store on PostgreSQL', () => {
  it('is refused where nothing listens', async () => {
    expect(await refusal({ url: 'postgres:///brusio?host=/nowhere&user=brusio' })).toContain(
      'PostgreSQL cannot be reached',
    );
  });

  it('is refused by a database that a newer Brusio wrote', async () => {
    const newer = await server.createDatabase();
    await (await started({ url: newer })).stop();
    await server.query(newer, 'UPDATE brusio_schema SET version = 99');
    expect(await refusal({ url: newer })).toContain('has schema version 99');
  });

  it('is refused by a database that cannot hold every name', async () => {
    await server.query(url, `CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
    expect(await refusal({ url: url.replace(/\/brusio_\d+/, '/latin') })).toContain('encoding LATIN1');
  });
});

describe('a store whose PostgreSQL fails', () => {
  it('keeps everything, says so, and writes when the server is back', async () => {
    const store = await started();
    await store.recordOutcome(outcomeEntry(1));
    await server.crash();
    onTestFinished(() => server.start());
    store.journal(callEntry(2));
    const recorded = [3, 4].map((n) => store.recordOutcome(outcomeEntry(n)));
    await problemBecomes(store, /PostgreSQL cannot be reached/);
    expect(store.health()).toMatchObject({ writable: false, pending: 3 });
    await expect(store.openCalls()).rejects.toMatchObject({ code: 'store.cannot-read' });

    await server.start();
    await Promise.all(recorded);
    await healthBecomes(store, true);
    expect(await count('outcomes')).toBe(3);
    expect((await store.openCalls()).map((call) => call.dossier.callId)).toEqual([sampleCallId(2)]);
    expect(await refusal()).toContain('another Brusio process is "guard-1"');
  });

  it('writes a group once whose COMMIT was done and whose answer was lost', async () => {
    const cut = await cutBeforeAnswer(url);
    onTestFinished(() => cut.close());
    const store = await started({ url: cut.url });
    cut.next('COMMIT');
    const [position, [second]] = await Promise.all([
      store.recordOutcome(outcomeEntry(1)),
      store.ledger([{ kind: 'stop', callId: null, body: { v: 1 } }]),
    ]);
    expect(cut.cuts()).toBe(1);
    expect(await count('outcomes')).toBe(1);
    expect(
      await server.query(url, "SELECT seq::int, kind, encode(hash, 'hex') AS hash FROM ledger ORDER BY seq"),
    ).toEqual([
      { seq: 1, kind: 'outcome', hash: position?.hash },
      { seq: 2, kind: 'stop', hash: second?.hash },
    ]);
    expect(store.stats()).toMatchObject({ commits: 1, commitsFailed: 1, entriesCommitted: 2, entriesRejected: 0 });
  });

  it('takes its name again with the next session when the last one was ended', async () => {
    const store = await started();
    await server.query(url, `SELECT pg_terminate_backend(pid) FROM (${HOLDERS}) AS holders`);
    await store.recordOutcome(outcomeEntry(1));
    expect(await refusal()).toContain('another Brusio process is "guard-1"');
  });

  it('waits while another process has taken its name meanwhile', async () => {
    const store = await started();
    await server.crash();
    const recorded = store.recordOutcome(outcomeEntry(1));
    await healthBecomes(store, false);
    await server.start();
    // Whoever comes first has it.
    const other = storeOf();
    const otherHas = await other.start().then(
      () => true,
      () => false,
    );
    if (otherHas) {
      await problemBecomes(store, /another Brusio process/);
      await other.stop();
    }
    await recorded;
  });

  it('says when a newer Brusio has changed the schema under it, and loses nothing', async () => {
    const store = await started();
    await store.recordOutcome(outcomeEntry(1));
    await server.query(url, 'ALTER TABLE outcomes RENAME TO results; UPDATE brusio_schema SET version = version + 1');
    const recorded = store.recordOutcome(outcomeEntry(2));
    await problemBecomes(store, /this Brusio knows up to/);
    await server.query(url, 'ALTER TABLE results RENAME TO outcomes; UPDATE brusio_schema SET version = version - 1');
    await recorded;
    expect(await count('outcomes')).toBe(2);
  });

  it('gives up a session that says nothing, and ends what the server has left of it', async () => {
    const store = await started({ times: { answerTimeoutMs: 1_500 } });
    const [holder] = await server.query(url, HOLDERS);
    const pid = holder?.pid as number;
    process.kill(pid, 'SIGSTOP');
    const recorded = store.recordOutcome(outcomeEntry(1));
    await problemBecomes(store, /has not answered|lost session/);
    process.kill(pid, 'SIGCONT');
    await recorded;
    expect(await count('outcomes')).toBe(1);
    expect(await server.query(url, HOLDERS)).toHaveLength(1);
  });

  it('takes the name from a session that was cut off without the server noticing', async () => {
    const cut = await cutBeforeAnswer(url);
    onTestFinished(() => cut.close());
    const store = await started({ url: cut.url });
    const before = await server.query(url, HOLDERS);
    cut.loseClients();
    await store.recordOutcome(outcomeEntry(1));
    const after = await server.query(url, HOLDERS);
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });
});

describe('a process killed in the middle of writing to PostgreSQL', () => {
  it('leaves every outcome that was acknowledged and every group whole', async () => {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, '../testing/store-kill-victim.ts'), '/nowhere', url],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const exited = once(child, 'exit');
    let acknowledged = 0;
    for await (const line of createInterface(child.stdout)) {
      acknowledged = Number(line);
      if (acknowledged >= 200) break;
    }
    child.kill('SIGKILL');
    await exited;

    const outcomes = await count('outcomes');
    expect(outcomes).toBeGreaterThanOrEqual(acknowledged);
    expect(await count("webhooks WHERE type = 'call.outcome'")).toBe(outcomes);
    expect(await count('outcome_corrections')).toBeGreaterThanOrEqual(acknowledged);
    // The victim journals call n+1,000,000 in the same turn in which it records outcome n: both or neither.
    expect(await count('open_calls')).toBe(outcomes);
    // Its name is free once the server has seen its session end.
    let store = storeOf();
    while (
      !(await store.start().then(
        () => true,
        () => false,
      ))
    )
      store = storeOf();
    await store.stop();
  });
});
