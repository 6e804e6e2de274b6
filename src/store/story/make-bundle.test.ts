import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../../base/clock.ts';
import { checkManifest, MANIFEST_FILE } from '../../ledger/report/manifest.ts';
import { checkBundle } from '../../ledger/story/bundle-check.ts';
import { rootDraft, timestampDraft } from '../../ledger/system-drafts.ts';
import { bothDatabases } from '../../testing/both-databases.ts';
import { allTrees } from '../../testing/ledger-trees.ts';
import { correctionEntry, sampleCallId } from '../../testing/stored-calls.ts';
import { SILENT_AT, silentCallAndLater } from '../../testing/story-calls.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { type DatabasePlace, databasePlace } from '../database-place.ts';
import { commitGroup } from '../group-commit.ts';
import { openDatabase } from '../open-database.ts';
import type { StoreWrite } from '../store-message.ts';
import { verifyLedger } from '../verify/verify-ledger.ts';
import { makeBundle } from './make-bundle.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const ORDER = {
  id: '0192f0c1-7c1e-7c3a-9f44-00000000beef',
  language: 'en',
  ...{ privateKey, clock: systemClock },
  madeBy: { version: '0.1.0', process: 'guard-1' },
} as const;

describe.each(bothDatabases())('a story that is given out from $name', ({ begin, url, end }) => {
  let dataDir: string;
  let place: DatabasePlace;
  let database: Database;
  let connection: Connection;
  let groups = 0;

  const write = (chain: string, changes: readonly StoreWrite[]) =>
    commitGroup(connection, chain, { token: `group ${++groups}`, changes }, null);
  const bundle = async () => {
    const made = await makeBundle(connection, sampleCallId(1), ORDER);
    return new Map(made?.files.map(({ name, octets }) => [name, Buffer.from(octets)]));
  };
  const check = (files: ReadonlyMap<string, Buffer>) => checkBundle((name) => files.get(name) ?? null);
  const altered = (files: ReadonlyMap<string, Buffer>, name: string, from: string, to: string) => {
    const text = files.get(name)?.toString() ?? '';
    expect(text).toContain(from);
    return new Map(files).set(name, Buffer.from(text.replace(from, to)));
  };

  beforeAll(begin);
  afterAll(end);
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'brusio-bundle-'));
    place = databasePlace({ url: await url(), dataDir, process: 'guard-1' });
    database = await openDatabase(place, systemClock);
    connection = await database.connection();
    await write('guard-1', silentCallAndLater('d1'));
  });
  afterEach(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
  });

  it('is signed, and proves its entries up to a root that is written where there is none', async () => {
    const files = await bundle();
    expect([...files.keys()]).toEqual(['story.json', 'story.txt', 'proof.json', 'root.json', MANIFEST_FILE]);
    expect(checkManifest(files.get(MANIFEST_FILE) ?? Buffer.of(), (name) => files.get(name) ?? null).problems).toEqual(
      [],
    );
    const { problems, proven } = check(files);
    expect(problems).toEqual([]);
    expect(proven[0]).toContain("The call's 3 entries");
    const again = await bundle();
    expect(again.get('root.json'), 'one root is enough').toEqual(files.get('root.json'));
    for (const digest of ['other-person', sampleCallId(2), sampleCallId(3)])
      expect(files.get('proof.json')?.toString()).not.toContain(digest);
    const report = await verifyLedger(place, systemClock);
    expect(report).toMatchObject({ faults: [], roots: 1 });
    expect(report.chains.map(({ chain }) => chain)).toEqual(['exports', 'guard-1', 'roots']);
  });

  it('is proven over two chains when another process has corrected the call, with the timestamp on its root', async () => {
    const entry = correctionEntry(1);
    await write('guard-2', [{ op: 'correction', entry, at: (SILENT_AT + 20_000) as WallMs }]);
    const headOf = async (chain: string) => {
      const sql = `SELECT seq, hash FROM ledger WHERE chain = '${chain}' ORDER BY seq DESC LIMIT 1`;
      const [row] = (await connection.execute(sql)).rows;
      return { chain, seq: Number(row?.seq), hash: Buffer.from(row?.hash as Uint8Array).toString('hex') };
    };
    const draft = rootDraft('2026-12-01', await allTrees(connection));
    const at = (SILENT_AT + 1e9) as WallMs;
    await write('guard-1', [{ op: 'ledger', drafts: [draft], at }]);
    const signed = { imprint: String(draft.body.root), authority: 'http://tsa.example', serial: '01', token: 'MAA=' };
    const stamp = timestampDraft({ root: await headOf('guard-1'), ...signed, time: '2026-12-01T23:00:01.000Z' });
    await write('timestamps', [{ op: 'ledger', drafts: [stamp], at }]);

    const files = await bundle();
    expect(check(files)).toMatchObject({ problems: [] });
    expect(check(files).proven.join(' ')).toContain("The call's 4 entries");
    expect(files.get('root-timestamp.der')).toEqual(Buffer.from('MAA=', 'base64'));
  });

  it.each([
    ['another class', 'story.json', '"handling": "silent"', '"handling": "agent"'],
    ['another time', 'story.json', '"waitMs": 3000', '"waitMs": 900'],
    ['another decision', 'story.json', '"allowed": true', '"allowed": false'],
    ['another entry', 'story.json', '"seq": 4', '"seq": 5'],
    ['a changed entry', 'proof.json', '\\"ringMs\\":7300', '\\"ringMs\\":7301'],
    ['another root', 'root.json', '"day":"20', '"day":"21'],
  ])('proves nothing with %s, whoever signs it', async (_, name, from, to) => {
    const { problems, proven } = check(altered(await bundle(), name, from, to));
    expect([problems.length, proven]).toEqual([1, []]);
  });

  it('is refused when an entry is not as it was written', async () => {
    await connection.execute("UPDATE ledger SET body = replace(body, '7300', '7301') WHERE kind = 'outcome'");
    await expect(bundle()).rejects.toMatchObject({ code: 'ledger.not-whole' });
    expect(await makeBundle(connection, 'nobody', ORDER)).toBeNull();
  });
});
