import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../base/clock.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import {
  callEntry,
  correctionEntry,
  outcomeEntry,
  sampleCallId,
  sampleDossier,
  sampleRecord,
  sampleState,
} from '../testing/stored-calls.ts';
import { databasePlace } from './database-place.ts';
import { migrations } from './migrations.ts';
import { DATABASE_FILE, LOCK_FILE } from './sqlite/sqlite-database.ts';
import { createDatabaseStore, type DatabaseStore, type DatabaseStoreOptions } from './store.ts';
import { DATABASE_TIMES } from './store-limits.ts';
import { workerThreadStarter } from './store-thread.ts';

const log = pino({ level: 'silent' });
let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'brusio-store-'));
});
afterEach(async () => {
  await rm(dataDir, { recursive: true });
});

const placeIn = (dir = dataDir, process = 'guard-1', busyTimeoutMs = 2_000) =>
  databasePlace({ url: null, dataDir: dir, process }, { ...DATABASE_TIMES, busyTimeoutMs });

async function started(options: Partial<DatabaseStoreOptions> = {}): Promise<DatabaseStore> {
  const store = createDatabaseStore({ place: placeIn(), log, clock: systemClock, ...options });
  await store.start();
  onTestFinished(() => store.stop());
  return store;
}

/** The message with which a start on this folder is refused. */
async function refusal(dir = dataDir): Promise<string> {
  const store = createDatabaseStore({ place: placeIn(dir), log, clock: systemClock });
  const thrown = await store.start().then(
    () => store.stop(),
    (error: unknown) => error,
  );
  expect(thrown).toMatchObject({ name: 'AppError', code: 'store.cannot-open' });
  return (thrown as Error).message;
}

/** Holds the database's write lock, as the sqlite3 shell or a backup might. */
function lockDatabase(): { release(): void } {
  const other = new DatabaseSync(join(dataDir, DATABASE_FILE));
  other.exec('BEGIN IMMEDIATE');
  return { release: () => other.close() };
}

/** Resolves when the store's health is as asked for; looks at every turn of the event loop. */
async function healthBecomes(store: DatabaseStore, writable: boolean): Promise<void> {
  while (store.health().writable !== writable) await new Promise((resolve) => setImmediate(resolve));
}

/** As it is read once it has its place in the ledger. */
function placed(record: OutcomeRecord): OutcomeRecord {
  const hash = expect.stringMatching(/^[0-9a-f]{64}$/) as unknown as string;
  return { ...record, ledger: { chain: 'guard-1', seq: expect.any(Number) as unknown as number, hash } };
}

describe('opening the SQLite store', () => {
  it('makes a folder and files that nobody else can read', async () => {
    const dir = join(dataDir, 'new', 'deeper');
    const store = createDatabaseStore({ place: placeIn(dir), log, clock: systemClock });
    await store.start();
    await store.recordOutcome(outcomeEntry(1));
    const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    expect(await modeOf(dir)).toBe('700');
    for (const file of [DATABASE_FILE, `${DATABASE_FILE}-wal`, LOCK_FILE]) {
      expect(await modeOf(join(dir, file))).toBe('600');
    }
    await store.stop();
  });

  it('is refused to a second process on the same folder, and given when the first has stopped', async () => {
    const first = await started();
    expect(await refusal()).toBe(`another Brusio process is using the data folder ${dataDir}`);
    await first.stop();
    await started();
  });

  it('leaves the database readable to other programs', async () => {
    const store = await started();
    await store.recordOutcome(outcomeEntry(1));
    const reader = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true });
    expect(reader.prepare('SELECT class FROM outcomes').all()).toMatchObject([{ class: 'A' }]);
    reader.close();
  });

  it('refuses a file that is no database', async () => {
    const path = join(dataDir, DATABASE_FILE);
    await writeFile(path, 'Dear diary, '.repeat(1000));
    expect(await refusal()).toBe(`${path} is not a SQLite database`);
  });

  it("refuses another program's database", async () => {
    const path = join(dataDir, DATABASE_FILE);
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE recipes (title TEXT)');
    other.close();
    expect(await refusal()).toBe(`${path} is a database of another program`);
  });

  it('refuses a database that a newer Brusio wrote', async () => {
    await (await started()).stop();
    const path = join(dataDir, DATABASE_FILE);
    const other = new DatabaseSync(path);
    other.exec('PRAGMA user_version = 99');
    other.close();
    expect(await refusal()).toContain('has schema version 99');
  });

  it('brings a database of an earlier schema forward, with its calls', async () => {
    const path = join(dataDir, DATABASE_FILE);
    const older = new DatabaseSync(path);
    for (const step of migrations('sqlite').slice(0, 2)) older.exec(step);
    older.exec('PRAGMA user_version = 2');
    const record = sampleRecord(1);
    older
      .prepare(
        `INSERT INTO outcomes (call_id, dialer_call_id, number, campaign, network, handling, ended_at_ms, record)
         VALUES (?, 'd', '+39021234567', 'c', 'answered', 'silent', 1, ?)`,
      )
      .run(record.callId, JSON.stringify(record));
    older
      .prepare('INSERT INTO open_calls VALUES (?, ?, ?)')
      .run(sampleCallId(2), JSON.stringify(sampleDossier(2)), JSON.stringify(sampleState()));
    older.close();

    const store = await started({ place: placeIn(dataDir, 'milano') });
    expect(await store.findOutcomeByReference('V1')).toEqual({ ...record, number: '+3902•••4567' });
    await store.recordCorrection(correctionEntry(1));
    expect(await store.correctionsOf(sampleCallId(1))).toHaveLength(1);
    expect(await store.openCalls()).toEqual([{ dossier: sampleDossier(2), state: sampleState(), dialogs: {} }]);
    const reader = new DatabaseSync(path, { readOnly: true });
    expect(reader.prepare('SELECT * FROM call_numbers').all()).toEqual([
      { call_id: record.callId, digest: null, number: '+39021234567', at_ms: Date.parse(record.times.invited) },
    ]);
    expect(reader.prepare('SELECT invited_at_ms, digest FROM outcomes').all()).toEqual([
      { invited_at_ms: Date.parse(record.times.invited), digest: null },
    ]);
    reader.close();
  });

  it('refuses a folder that cannot be made', async () => {
    await writeFile(join(dataDir, 'file'), '');
    expect(await refusal(join(dataDir, 'file', 'below'))).toContain('cannot be created');
  });

  it('refuses a folder that cannot be written', async () => {
    // A folder in which nobody, root included, may make a file.
    expect(await refusal('/proc/self/task')).toContain('cannot be');
  });
});

describe('a SQLite store that cannot write', () => {
  const limits = { retryMinMs: 5, retryMaxMs: 20, stopFlushMs: 50 };

  it('keeps everything, says so, and recovers by itself', async () => {
    const store = await started({ place: placeIn(dataDir, 'guard-1', 10), limits });
    const lock = lockDatabase();
    store.journal(callEntry(1));
    const recorded = store.recordOutcome(outcomeEntry(2));
    await healthBecomes(store, false);
    expect(store.health()).toMatchObject({ pending: 2, problem: 'database is locked' });
    store.journal(callEntry(3));

    lock.release();
    await recorded;
    await healthBecomes(store, true);
    expect(await store.findOutcome(sampleCallId(2))).toEqual(placed(sampleRecord(2)));
    await store.recordOutcome(outcomeEntry(4));
    expect((await store.openCalls()).map((c) => c.dossier.callId)).toEqual([sampleCallId(1), sampleCallId(3)]);
    expect(store.stats()).toMatchObject({ entriesCommitted: 4, journalEntriesDropped: 0 });
  });

  it('drops the oldest of the journal at the limit, and no outcome', async () => {
    const store = await started({
      place: placeIn(dataDir, 'guard-1', 10),
      limits: { ...limits, pendingEntriesMax: 3 },
    });
    const lock = lockDatabase();
    const first = store.recordOutcome(outcomeEntry(1));
    await healthBecomes(store, false);
    store.journal(callEntry(2));
    const others = [3, 4, 5].map((n) => store.recordOutcome(outcomeEntry(n)));
    expect(store.stats().journalEntriesDropped).toBe(1);
    lock.release();
    await Promise.all([first, ...others]);
    expect(await store.openCalls()).toEqual([]);
  });

  it('gives up at its stop after a while and says what was lost to those who wait', async () => {
    const store = await started({ place: placeIn(dataDir, 'guard-1', 10), limits });
    const lock = lockDatabase();
    const recorded = store.recordOutcome(outcomeEntry(1));
    recorded.catch(() => {});
    await store.stop();
    lock.release();
    await expect(recorded).rejects.toMatchObject({ code: 'store.stopped' });
  });

  it('does not write to a file that was moved away under it', async () => {
    const store = await started({ place: placeIn(dataDir, 'guard-1', 10), limits });
    const path = join(dataDir, DATABASE_FILE);
    await rename(path, `${path}.away`);
    const recorded = store.recordOutcome(outcomeEntry(1));
    await healthBecomes(store, false);
    expect(store.health().problem).toContain('moved');
    expect(existsSync(path)).toBe(false);
    await rename(`${path}.away`, path);
    await recorded;
    expect(store.health().writable).toBe(true);
  });

  it('says that the database hangs when a commit does not come back', async () => {
    const store = await started({ place: placeIn(dataDir, 'guard-1', 5_000), limits: { commitStallMs: 5 } });
    const lock = lockDatabase();
    const recorded = store.recordOutcome(outcomeEntry(1));
    await healthBecomes(store, false);
    expect(store.health().problem).toContain('the database has not answered');
    lock.release();
    await recorded;
    expect(store.health().writable).toBe(true);
  });
});

describe("the SQLite store's thread", () => {
  function killable() {
    const workers: Worker[] = [];
    const startThread = workerThreadStarter((worker) => workers.push(worker));
    return { startThread, workers };
  }

  it('is started again once when it dies, with what was waiting', async () => {
    const { startThread, workers } = killable();
    const store = await started({ startThread });
    const recorded = store.recordOutcome(outcomeEntry(1));
    await workers[0]?.terminate();
    await recorded;
    expect(workers).toHaveLength(2);
    expect(store.health().writable).toBe(true);
    expect(await store.findOutcome(sampleCallId(1))).toEqual(placed(sampleRecord(1)));
    expect(store.stats().threadRestarts).toBe(1);
  });

  it('stays down when it dies again before it wrote anything, and health says so', async () => {
    const { startThread, workers } = killable();
    const store = await started({ startThread });
    await workers[0]?.terminate();
    await healthBecomes(store, true);
    await workers[1]?.terminate();
    expect(store.health()).toMatchObject({ writable: false, problem: 'the store thread has ended' });
    expect(workers).toHaveLength(2);
    await expect(store.openCalls()).rejects.toMatchObject({ code: 'store.cannot-read' });
  });
});

describe('a process killed in the middle of writing', () => {
  it('leaves every outcome that was acknowledged and every group whole', async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, '../testing/store-kill-victim.ts'), dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let acknowledged = 0;
    for await (const line of createInterface(child.stdout)) {
      acknowledged = Number(line);
      if (acknowledged >= 500) break;
    }
    child.kill('SIGKILL');
    await exited;

    const store = await started();
    for (let n = 0; n < acknowledged; n++) {
      expect(await store.findOutcome(sampleCallId(n))).toEqual(placed(sampleRecord(n)));
      expect(await store.correctionsOf(sampleCallId(n))).toHaveLength(1);
    }
    // The victim journals call n+1,000,000 in the same turn in which it records outcome n: both or neither.
    const written = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true });
    const count = (sql: string) => Number(written.prepare(sql).get()?.count);
    const outcomes = count('SELECT COUNT(*) AS count FROM outcomes');
    expect(outcomes).toBeGreaterThanOrEqual(acknowledged);
    expect(count("SELECT COUNT(*) AS count FROM webhooks WHERE type = 'call.outcome'")).toBe(outcomes);
    const corrections = count('SELECT COUNT(*) AS count FROM outcome_corrections');
    expect(corrections).toBeGreaterThanOrEqual(acknowledged);
    expect(count("SELECT COUNT(*) AS count FROM webhooks WHERE type = 'call.outcome_corrected'")).toBe(corrections);
    expect(count('SELECT COUNT(*) AS count FROM open_calls')).toBe(outcomes);
    written.close();
  });
});
