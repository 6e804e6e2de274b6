import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock, type WallMs } from '../../base/clock.ts';
import { createNumberDigests } from '../../base/number-digest.ts';
import { numberKeysOf } from '../../config/number-key.ts';
import { databasePlace } from '../../store/database-place.ts';
import { createDatabaseStore, type DatabaseStore } from '../../store/store.ts';
import { SILENT_LOG } from '../../testing/fake-ports.ts';
import { startWithoutThread } from '../../testing/store-without-thread.ts';
import { outcomeEntry, sampleCallId } from '../../testing/stored-calls.ts';
import { erase } from './erase.ts';
import { find } from './find.ts';
import { numberKey } from './number-key.ts';
import { optOut } from './opt-out.ts';

const NUMBER = '+393331234567';

describe('the commands about numbers of people, beside a running Brusio', () => {
  let dataDir: string;
  let store: DatabaseStore;
  let said = '';

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'brusio-people-'));
    vi.stubEnv('BRUSIO_DATA', dataDir);
    said = '';
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        said += String(text);
        return true;
      });
    store = storeWithKeys();
    await store.start();
    const keys = numberKeysOf(join(dataDir, 'number-key'), systemClock.now().wallMs);
    await store.recordOutcome({ ...outcomeEntry(1), digest: createNumberDigests(keys).current(NUMBER) });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await store.stop();
    rmSync(dataDir, { recursive: true });
  });

  /** With the keys that the file has now, as at a start. */
  function storeWithKeys(): ReturnType<typeof createDatabaseStore> {
    const keys = numberKeysOf(join(dataDir, 'number-key'), systemClock.now().wallMs);
    return createDatabaseStore({
      place: databasePlace({ url: null, dataDir, process: 'guard-1' }),
      log: SILENT_LOG,
      clock: systemClock,
      numberKeyIds: () => keys.map(({ id }) => id),
      startThread: startWithoutThread,
    });
  }

  it('erase a number however it is written; its calls are found before and after', async () => {
    expect(await find(['--number', '333 1234567'])).toBe(0);
    expect(said).toContain(`${sampleCallId(1)}`);
    said = '';
    expect(await erase(['--number', '0039 333 1234567', '--json'])).toBe(0);
    expect(JSON.parse(said)).toMatchObject({ calls: 1, numbers: 1, live: 0 });
    said = '';
    expect(await find(['--number', NUMBER, '--json'])).toBe(0);
    expect(JSON.parse(said)).toMatchObject({ callId: sampleCallId(1), number: '•••' });
    await store.recordOutcome(outcomeEntry(2));
    const chains = (await store.ledgerTrees()).map(({ chain }) => chain);
    expect(chains, 'a command writes no entry into the chain of a running Brusio').toEqual(['command', 'guard-1']);
  });

  it('keep a key that calls are found by, and drop it when they are told to, but not before a start with the new one', async () => {
    await numberKey(['rotate']);
    const [, kept = ''] = /look-ups: (\w{16})/.exec(said) ?? [];
    said = '';
    expect(await numberKey(['prune'])).toBe(0);
    expect(said).toMatch(
      new RegExp(`^${kept} {2}kept: .*last used with it\\. Start every Brusio.*0 cleared lists, 1 calls`),
    );
    expect(await numberKey(['prune', '--drop', kept])).toBe(1);
    said = '';
    await numberKey(['list']);
    expect(said).toMatch(/^\w{16} {2}\S+ {2}used from the next start on\n/);
    await store.stop();
    store = storeWithKeys();
    await store.start();
    expect(await numberKey(['prune', '--drop', kept])).toBe(0);
    said = '';
    await numberKey(['list']);
    expect(said).toMatch(/^\w{16} {2}\S+ {2}in use\n$/);
  });

  it('keep a key that nothing is found by while a Brusio may use it: an hour from its last sign of that', async () => {
    await store.stop();
    rmSync(join(dataDir, 'brusio.db'));
    store = storeWithKeys();
    await store.start();
    await numberKey(['rotate']);
    for (const stillUsed of ['by the one that runs', 'by another, after a start with the new one']) {
      said = '';
      await numberKey(['prune']);
      expect(said, stillUsed).toMatch(/ {2}kept: .*0 locks .*, 0 calls\n$/);
      await store.stop();
      store = storeWithKeys();
      await store.start();
    }
    const { now } = systemClock;
    vi.spyOn(systemClock, 'now').mockImplementation(() => {
      const { wallMs, ...rest } = now();
      return { ...rest, wallMs: (wallMs + 3_700_000) as WallMs };
    });
    said = '';
    await numberKey(['prune']);
    expect(said).toMatch(/ {2}dropped\n$/);
  });

  it('write opt-outs down by a number or a call, check them, list them, and take them back', async () => {
    const run = async (...argv: string[]) => {
      said = '';
      return [await optOut(argv), said] as const;
    };
    expect(await run('add', '--number', '333 1234567', '--controller', 'energia', '--reference', 'letter 7')).toEqual([
      0,
      expect.stringMatching(/^\S+Z {2}written down {2}"energia" {2}by command {2}.*reference letter 7 {2}command 1\n$/),
    ]);
    expect((await run('add', '--call', sampleCallId(1)))[0]).toBe(0);
    expect(await run('add', '--call', 'nobody')).toEqual([1, 'brusio opt-out: there is no guarded call "nobody"\n']);
    expect((await run('check', '--number', '0039 333 1234567'))[0]).toBe(1);
    expect((await run('check', '--number', NUMBER, '--controller', 'gas'))[0]).toBe(0);
    const [, listed] = await run('list');
    expect(listed).toMatch(/ "default" .*call .*\n.* "energia" .*\n2 opt-outs\n$/);
    expect(listed).not.toContain('1234567');
    const [status, refused] = await run('remove', '--number', NUMBER, '--reference', 'wrong');
    expect([status, refused]).toEqual([1, expect.stringContaining('it has one of "default", "energia"')]);
    expect((await run('remove', '--number', NUMBER, '--controller', 'energia', '--reference', 'wrong'))[0]).toBe(0);
    expect(JSON.parse((await run('list', '--json'))[1])).toMatchObject({
      controller: 'default',
      callId: sampleCallId(1),
    });
    said = '';
    await erase(['--number', NUMBER]);
    expect((await run('check', '--number', NUMBER))[0], 'an erasure leaves it').toBe(1);
    await numberKey(['rotate']);
    expect((await run('check', '--number', NUMBER))[0], 'a rotation too').toBe(1);
    said = '';
    await numberKey(['prune']);
    expect(said).toContain(' 1 opt-outs, ');
  });

  it.each([
    [() => erase([]), '--number is a telephone number'],
    [() => erase(['3331234567']), 'a number is given as --number NUMBER'],
    [() => find(['--number', '33x']), '--number is a telephone number'],
    [() => numberKey([]), 'say what to do'],
    [() => optOut(['add']), 'add takes --number or --call'],
    [() => optOut(['add', '--call', 'c', '--controller', 'x']), 'a call has its own controller'],
    [() => optOut(['add', '--number', NUMBER, '--controller', '*']), 'leave it out for the whole installation'],
    [() => optOut(['remove', '--number', NUMBER]), 'remove needs --reference'],
    [() => optOut(['check', '--number', NUMBER, '--call', 'c']), '--call does not go with check'],
    [() => optOut(['list', 'all']), 'what is "all"?'],
    [() => numberKey(['rotate', '--drop', 'x']), '--drop goes with prune'],
  ])('say what they want', async (run, problem) => {
    expect(await run()).toBe(64);
    expect(said).toContain(problem);
  });
});
