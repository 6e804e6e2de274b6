import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../../base/clock.ts';
import { createNumberDigests, type NumberKey, numberKeyId } from '../../base/number-digest.ts';
import type { ImportRequest, Screening } from '../../guard/screening-port.ts';
import { emptyChain, entryHash } from '../../ledger/hash-chain.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../../testing/postgresql-server.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { type DatabasePlace, databasePlace } from '../database-place.ts';
import { joinDatabase } from '../open-database.ts';
import { visitDatabase } from '../visit-database.ts';
import { createScreening } from './screening.ts';
import { answerScreening } from './screening-answers.ts';
import { lookUpScreening } from './screening-look-up.ts';

const secret = new Uint8Array(32).fill(7);
const KEY: NumberKey = { id: numberKeyId(secret), secret };
const NEXT_SECRET = new Uint8Array(32).fill(8);
const ITALY = { countryCode: '39', internationalPrefix: '00', trunkPrefix: '' };
const CHECKED_AT = Date.parse('2026-11-20T09:00:00Z') as WallMs;
const ACME: ImportRequest = {
  controller: 'acme',
  checkedAt: CHECKED_AT,
  fileName: 'list.csv',
  form: 'auto',
  column: null,
};

const screeningAt = (place: DatabasePlace, keys: readonly NumberKey[] = [KEY]) =>
  createScreening({ place, keys, plan: ITALY, listDaysMax: 15 }, answerScreening);

/** So many mobile numbers, every second one from the first on. */
function numbers(count: number, first = 0): readonly string[] {
  return Array.from({ length: count }, (_, n) => String(3_330_000_000 + first + 2 * n));
}

async function* inPieces(octets: string | Uint8Array, pieceOctets = 10_000): AsyncGenerator<Uint8Array> {
  const whole = Buffer.from(octets as string);
  for (let at = 0; at < whole.length; at += pieceOctets) yield whole.subarray(at, at + pieceOctets);
}

function imported(screening: Screening, lines: readonly string[], request: Partial<ImportRequest> = {}) {
  return screening.import({ ...ACME, ...request }, inPieces(lines.join('\n')), () => {});
}

let server: PostgresqlServer;
const engines = [
  {
    name: 'SQLite',
    begin: async () => {},
    end: async () => {},
    create: async () => {
      const dataDir = mkdtempSync(join(tmpdir(), 'brusio-screening-'));
      return {
        place: databasePlace({ url: null, dataDir, process: 'guard-1' }),
        drop: () => rmSync(dataDir, { recursive: true }),
      };
    },
  },
  {
    name: 'PostgreSQL',
    begin: async () => {
      server = await startPostgresqlServer();
    },
    end: () => server.remove(),
    create: async () => {
      const url = await server.createDatabase();
      return { place: databasePlace({ url, dataDir: '/nowhere', process: 'guard-1' }), drop: () => {} };
    },
  },
];

describe.each(engines)('cleared lists on $name', ({ begin, end, create }) => {
  beforeAll(begin);
  afterAll(end);

  let place: DatabasePlace;
  let drop: () => void;
  let database: Database;
  let connection: Connection;
  let screening: Screening;

  beforeEach(async () => {
    ({ place, drop } = await create());
    await visitDatabase(place, systemClock);
    database = await joinDatabase(place, 'test', systemClock);
    connection = await database.connection();
    screening = screeningAt(place);
  });

  afterEach(async () => {
    await database.close();
    drop();
  });

  const { all: digestsOf } = createNumberDigests([KEY]);
  const look = (number: string) => lookUpScreening(connection, 'acme', digestsOf(`+39${number}`));
  const rowsOf = async (sql: string) => (await connection.execute(sql)).rows;

  it('are imported whole, and tell what was found in them', async () => {
    expect(await screening.lists()).toEqual([]);
    expect(await screening.check('acme', '3330000000')).toBeNull();
    const cleared = numbers(2_000);
    const lines = ['numero;nome', ...cleared.map((one) => `${one};Anna`), 'nessuno;Bruno', `${cleared[5]};Anna`];
    const result = await imported(screening, lines);
    expect(result).toMatchObject({
      ok: true,
      value: {
        controller: 'acme',
        checkedAt: CHECKED_AT,
        expiresAt: CHECKED_AT + 15 * 86_400_000,
        numbers: 2_000,
        fileName: 'list.csv',
        keyId: KEY.id,
        replaced: null,
        findings: {
          lines: 2_003,
          numbers: 2_000,
          duplicates: { count: 1, first: [2_003] },
          malformed: { count: 1, first: [{ line: 2_002, problem: 'not-a-number' }] },
          layout: { column: 0, heading: 'numero' },
        },
      },
    });
    for (const number of cleared) expect(await look(number)).toMatchObject({ cleared: true, checkedAt: CHECKED_AT });
    for (const number of numbers(50, 1)) expect(await look(number)).toMatchObject({ cleared: false });
    expect(await screening.check('acme', '0039 333 000 0000')).toMatchObject({ cleared: true });
    expect(await screening.check('acme', '3330000001')).toMatchObject({ cleared: false });
    const [list, ...more] = await screening.lists();
    expect(list).toMatchObject({ controller: 'acme', numbers: 2_000 });
    expect(more).toEqual([]);
    // No number is anywhere in the database.
    const blocks = await rowsOf('SELECT digests FROM screening_blocks');
    const kept = Buffer.concat(blocks.map(({ digests }) => Buffer.from(digests as Uint8Array)));
    expect(kept.length).toBe(2_000 * 8);
    expect(kept.includes('333000')).toBe(false);
  });

  it('are one for each controller: a new one takes the place of that controller’s alone', async () => {
    await imported(screening, numbers(10));
    await imported(screening, numbers(10), { controller: 'other' });
    const second = await imported(screening, numbers(20, 1), { fileName: null });
    expect(second).toMatchObject({ ok: true, value: { replaced: { numbers: 10, checkedAt: CHECKED_AT } } });
    expect(await look('3330000000')).toMatchObject({ cleared: false });
    expect(await look('3330000001')).toMatchObject({ cleared: true });
    expect(await screening.check('other', '3330000000')).toMatchObject({ cleared: true });
    expect((await screening.lists()).map(({ controller, fileName }) => [controller, fileName])).toEqual([
      ['acme', null],
      ['other', 'list.csv'],
    ]);
    // Nothing of the replaced list is left.
    expect(await rowsOf('SELECT DISTINCT list_id FROM screening_blocks')).toHaveLength(2);
    expect(await rowsOf('SELECT list_id FROM screening_lists')).toHaveLength(2);
  });

  it('are in the ledger, in a chain of their own', async () => {
    const sizes = [3, 4];
    for (const size of sizes) await imported(screening, numbers(size));
    const entries = await rowsOf('SELECT * FROM ledger ORDER BY seq');
    expect(entries.map(({ chain, seq, kind }) => [chain, Number(seq), kind])).toEqual([
      ['screening', 1, 'import'],
      ['screening', 2, 'import'],
    ]);
    let { hash } = emptyChain('screening');
    for (const [index, { body, at_ms, hash: kept }] of entries.entries()) {
      const entry = { chain: 'screening', seq: index + 1, at: Number(at_ms) as WallMs, kind: 'import' as const };
      hash = entryHash({ ...entry, body: String(body) }, hash);
      expect(Buffer.from(kept as Uint8Array).toString('hex')).toBe(hash);
      expect(JSON.parse(String(body))).toMatchObject({
        v: 1,
        controller: 'acme',
        checkedAt: '2026-11-20T09:00:00.000Z',
        numbers: sizes[index],
        keyId: KEY.id,
        fileName: 'list.csv',
      });
    }
  });

  it('are taken out of force by their controller’s name, which the ledger tells with its reason', async () => {
    await imported(screening, numbers(2_000), { controller: 'other' });
    const { value } = (await imported(screening, numbers(2_000))) as Extract<
      Awaited<ReturnType<typeof imported>>,
      { ok: true }
    >;
    expect(await look('3330000000')).toMatchObject({ cleared: true });
    expect(await screening.remove('acme', 'for the wrong controller')).toMatchObject({ list: value.list });
    expect(await look('3330000000')).toBeNull();
    expect((await screening.lists()).map(({ controller }) => controller)).toEqual(['other']);
    expect(await rowsOf(`SELECT list_id FROM screening_blocks WHERE list_id = '${value.list}'`)).toEqual([]);
    const [entry] = await rowsOf("SELECT chain, body FROM ledger WHERE kind = 'deletion'");
    expect(entry?.chain).toBe('screening');
    expect(JSON.parse(String(entry?.body))).toEqual({
      ...{ v: 2, what: `screening list ${value.list} of controller acme`, sha256: value.sha256 },
      ...{ keptUntil: null, reference: 'for the wrong controller' },
    });
    expect(await screening.remove('acme', null)).toBeNull();
    expect(await rowsOf("SELECT seq FROM ledger WHERE kind = 'deletion'")).toHaveLength(1);
    expect(await imported(screening, numbers(10))).toMatchObject({ ok: true, value: { replaced: null } });
  });

  it('stay as they were when the next is refused, breaks off, or another is being imported', async () => {
    await imported(screening, numbers(10));
    const refusedFor = async (lines: readonly string[], reason: RegExp) => {
      const result = await imported(screening, lines, { column: '1' });
      expect(result).toMatchObject({ ok: false, problem: { reason: expect.stringMatching(reason) } });
      return result;
    };
    await refusedFor([], /empty/);
    const mostly = await refusedFor([...numbers(2), 'a', 'b', 'c'], /^3 of 5 lines hold no telephone number/);
    expect(mostly).toMatchObject({ problem: { findings: { malformed: { count: 3 } } } });

    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* inPieces(numbers(20_000, 1).join('\n'));
      throw new Error('the upload broke off');
    }
    await expect(screening.import(ACME, broken(), () => {})).rejects.toThrow('the upload broke off');

    const slow = Promise.withResolvers<void>();
    async function* waiting(): AsyncGenerator<Uint8Array> {
      await slow.promise;
      yield* inPieces('x');
    }
    const first = screening.import(ACME, waiting(), () => {});
    await expect(imported(screening, numbers(5, 1))).rejects.toMatchObject({ code: 'store.import-busy' });
    slow.resolve();
    expect(await first).toMatchObject({ ok: false });

    expect(await screening.lists()).toMatchObject([{ numbers: 10 }]);
    expect(await look('3330000000')).toMatchObject({ cleared: true });
    expect(await rowsOf('SELECT 1 FROM ledger')).toHaveLength(1);
  });

  it('may be packed with gzip, also in pieces of one octet; a damaged file is refused', async () => {
    const packed = gzipSync(numbers(300).join('\r\n'));
    const read = (octets: Uint8Array) => screening.import(ACME, inPieces(octets, 1), () => {});
    expect(await read(packed)).toMatchObject({ ok: true, value: { numbers: 300 } });
    for (const damaged of [packed.subarray(0, -20), Buffer.concat([packed.subarray(0, 40), Buffer.alloc(90, 1)])]) {
      expect(await read(damaged)).toMatchObject({ ok: false, problem: { reason: expect.stringMatching(/gzip/) } });
    }
  });

  it('are found under the key they were made with, also after it was rotated', async () => {
    await imported(screening, numbers(10));
    const rotated = screeningAt(place, [{ id: numberKeyId(NEXT_SECRET), secret: NEXT_SECRET }, KEY]);
    expect(await rotated.check('acme', '3330000000')).toMatchObject({ cleared: true, list: { keyId: KEY.id } });
    expect(await imported(rotated, numbers(10))).toMatchObject({ value: { keyId: numberKeyId(NEXT_SECRET) } });
    expect(await rotated.check('acme', '3330000000')).toMatchObject({ cleared: true });
    expect(await rotated.check('acme', '3330000001')).toMatchObject({ cleared: false });
  });

  it('are replaced in one step: every look-up meanwhile is of the one list or of the other, whole', async () => {
    // Several blocks each, and no number in both.
    const lists = [numbers(3_000, 0), numbers(3_000, 1)] as const;
    await imported(screening, lists[0]);
    const parities = new Map<string, number>();
    let isOver = false;
    let seen = 0;
    async function looking(): Promise<void> {
      for (let n = 0; !isOver; n = (n + 7) % 6_000) {
        const found = await look(String(3_330_000_000 + n));
        expect(found).not.toBeNull();
        if (found === null) return;
        // A list clears all numbers of one parity and none of the other.
        const parity = (found.cleared ? n : n + 1) % 2;
        expect(parities.get(found.list) ?? parity).toBe(parity);
        parities.set(found.list, parity);
        seen += 1;
        await new Promise(setImmediate);
      }
    }
    const looked = looking();
    for (const turn of [1, 0, 1] as const) expect(await imported(screening, lists[turn])).toMatchObject({ ok: true });
    isOver = true;
    await looked;
    expect(seen).toBeGreaterThan(0);
    expect(await look('3330000001')).toMatchObject({ cleared: true });
  });

  it('may be imported by two processes at once: both are in the ledger, and one of them is in force', async () => {
    const other = screeningAt({ ...place, run: 'other1' });
    const results = await Promise.all([imported(screening, numbers(2_000)), imported(other, numbers(2_000, 1))]);
    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
    const entries = await rowsOf('SELECT seq, body FROM ledger ORDER BY seq');
    expect(entries.map(({ seq }) => Number(seq))).toEqual([1, 2]);
    const [inForce, ...more] = await screening.lists();
    expect(more).toEqual([]);
    expect(JSON.parse(String(entries[1]?.body))).toMatchObject({ list: inForce?.list });
    expect(await rowsOf('SELECT DISTINCT list_id FROM screening_blocks')).toHaveLength(1);
  });

  it('leave a list that a dead import has begun behind, which no look-up sees and a later import drops', async () => {
    await imported(screening, numbers(10));
    const begun = async (list: string, importedAtMs: number) => {
      const columns =
        'list_id, controller, checked_at_ms, expires_at_ms, numbers, sha256, file_name, imported_at_ms, key_id';
      await connection.execute(
        `INSERT INTO screening_lists (${columns}, "current") VALUES ('${list}', 'acme', 0, 0, 1, '', '', ${importedAtMs}, '', 0)`,
      );
      const one = connection.kind === 'sqlite' ? "X'0000000000000001'" : "'\\x0000000000000001'";
      await connection.execute(
        `INSERT INTO screening_blocks (list_id, "first", digests) VALUES ('${list}', ${one}, ${one})`,
      );
    };
    const now = systemClock.now().wallMs;
    await begun('dead', now - 2 * 3_600_000);
    await begun('alive', now - 60_000);
    expect(await look('3330000000')).toMatchObject({ cleared: true });
    await imported(screening, numbers(10, 1));
    const left = await rowsOf('SELECT DISTINCT list_id FROM screening_blocks');
    expect(left.map(({ list_id }) => list_id).filter((list) => list === 'dead' || list === 'alive')).toEqual(['alive']);
  });
});

describe('an import in its thread', () => {
  let dataDir: string;
  let victim: ChildProcess | null = null;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'brusio-screening-'));
  });

  afterEach(() => {
    victim?.kill('SIGKILL');
    rmSync(dataDir, { recursive: true });
  });

  it('tells its progress, and is over at once when its list breaks off or is refused', async () => {
    const place = databasePlace({ url: null, dataDir, process: 'guard-1' });
    await visitDatabase(place, systemClock);
    const screening = createScreening({ place, keys: [KEY], plan: ITALY, listDaysMax: 15 });
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.alloc(600_000, 'x');
    }
    expect(await screening.import(ACME, endless(), () => {})).toMatchObject({ ok: false });
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('3330000000\n');
      throw new Error('the upload broke off');
    }
    await expect(screening.import(ACME, broken(), () => {})).rejects.toThrow('the upload broke off');
    expect(await screening.lists()).toEqual([]);
    const phases = new Set<string>();
    const lines = numbers(100_000).join('\n');
    const result = await screening.import(ACME, inPieces(lines, 300_000), ({ phase }) => phases.add(phase));
    expect(result).toMatchObject({ ok: true, value: { numbers: 100_000 } });
    expect(phases).toContain('reading');
  });

  it('leaves, killed while it writes, the list before it, whole, and the next import works', async () => {
    const place = databasePlace({ url: null, dataDir, process: 'guard-1' });
    await visitDatabase(place, systemClock);
    const screening = screeningAt(place);
    await imported(screening, numbers(1_000), { controller: 'default' });
    const file = join(dataDir, 'list.csv');
    writeFileSync(file, numbers(200_000, 1).join('\n'));
    const main = join(import.meta.dirname, '../../main.ts');
    const today = new Date().toISOString();
    victim = spawn(
      process.execPath,
      [main, 'screening', 'import', file, '--controller', 'default', '--checked-at', today],
      { env: { ...process.env, BRUSIO_DATA: dataDir }, stdio: 'ignore' },
    );
    const gone = once(victim, 'exit');
    const database = await joinDatabase(place, 'test', systemClock);
    const connection = await database.connection();
    const blocks = async () =>
      Number((await connection.execute('SELECT count(*) AS blocks FROM screening_blocks')).rows[0]?.blocks);
    const before = await blocks();
    while ((await blocks()) === before && victim.exitCode === null) await new Promise(setImmediate);
    victim.kill('SIGKILL');
    expect(await gone).toEqual([null, 'SIGKILL']);

    expect(await blocks()).toBeGreaterThan(before);
    expect(await screening.lists()).toMatchObject([{ numbers: 1_000 }]);
    const { all } = createNumberDigests([KEY]);
    for (const number of numbers(1_000)) {
      expect(await lookUpScreening(connection, 'default', all(`+39${number}`))).toMatchObject({ cleared: true });
    }
    expect(await imported(screening, numbers(500), { controller: 'default' })).toMatchObject({
      ok: true,
      value: { replaced: { numbers: 1_000 } },
    });
    await database.close();
  });
});
