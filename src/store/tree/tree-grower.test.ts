import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock, type WallMs } from '../../base/clock.ts';
import { rootDraft, stopDraft } from '../../ledger/system-drafts.ts';
import { createEntryRun, writtenTree } from '../../ledger/tree/chain-tree.ts';
import { allTrees } from '../../testing/ledger-trees.ts';
import type { Connection } from '../connection.ts';
import type { Database } from '../database.ts';
import { databasePlace } from '../database-place.ts';
import { commitGroup } from '../group-commit.ts';
import { openDatabase } from '../open-database.ts';
import { createTreeGrower } from './tree-grower.ts';

const AT = Date.UTC(2026, 10, 20, 9) as WallMs;

describe('the trees of a database', () => {
  let dataDir: string;
  let database: Database;
  let connection: Connection;
  let groups = 0;

  const write = async (entries: number, chain = 'guard-1', version = '0.1.0') => {
    const drafts = Array.from({ length: entries }, () => stopDraft({ version, process: chain }));
    const changes = [{ op: 'ledger', drafts, at: AT } as const];
    await commitGroup(connection, chain, { token: `group ${++groups}`, changes }, null);
  };
  const writeRoot = async () => {
    const changes = [{ op: 'ledger', drafts: [rootDraft('2026-11-20', await allTrees(connection))], at: AT } as const];
    await commitGroup(connection, 'guard-1', { token: `group ${++groups}`, changes }, null);
  };
  /** From the first entry on. */
  const treeOf = async (chain: string) => {
    const sql = `SELECT hash FROM ledger WHERE chain = '${chain}' ORDER BY seq`;
    const run = createEntryRun([], 0);
    for (const { hash } of (await connection.execute(sql)).rows) run.add(hash as Uint8Array);
    return { chain, seq: run.last, ...writtenTree(run.subtrees(), run.tail()) };
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'brusio-trees-'));
    database = await openDatabase(databasePlace({ url: null, dataDir, process: 'guard-1' }), systemClock);
    connection = await database.connection();
  });
  afterEach(async () => {
    await database.close();
    await rm(dataDir, { recursive: true });
  });

  it('are none before there is an entry', async () => {
    expect(await createTreeGrower().grow(connection)).toEqual([]);
  });

  it('are read in steps, and as entries come', async () => {
    await write(2_100);
    await write(40, 'guard-2');
    const grower = createTreeGrower();
    expect(await grower.grow(connection), 'more than one step').toBeNull();
    expect(await grower.grow(connection)).toMatchObject([await treeOf('guard-1'), await treeOf('guard-2')]);
    await write(7);
    expect(await grower.grow(connection)).toMatchObject([await treeOf('guard-1'), await treeOf('guard-2')]);
    expect(await grower.grow(connection)).toMatchObject([{ seq: 2_107 }, { seq: 40 }]);
  });

  it.each([15, 16, 37])(
    'are gone on with after a crash from a root over %i entries, not from the first',
    async (size) => {
      await write(size);
      await writeRoot();
      await write(30);
      const whole = await treeOf('guard-1');
      await connection.execute("UPDATE ledger SET hash = zeroblob(32) WHERE seq = 1 AND chain = 'guard-1'");
      const [tree] = await allTrees(connection);
      expect(tree).toMatchObject(size < 16 ? await treeOf('guard-1') : whole);
    },
  );

  it.each([16, 20])('are read again where the database has gone back behind entry %i', async (kept) => {
    await write(kept);
    await writeRoot();
    await write(10);
    const grower = createTreeGrower();
    await grower.grow(connection);
    await connection.execute(`DELETE FROM ledger WHERE seq > ${kept - 2}`);
    await write(30, 'guard-1', '0.2.0');
    let trees = await grower.grow(connection);
    for (let steps = 0; trees === null && steps < 5; steps++) trees = await grower.grow(connection);
    expect(trees).toMatchObject([await treeOf('guard-1')]);
  });

  it('are none where an entry is missing', async () => {
    await write(30);
    await connection.execute('DELETE FROM ledger WHERE seq = 7');
    await expect(createTreeGrower().grow(connection)).rejects.toMatchObject({ code: 'ledger.not-whole' });
  });
});
