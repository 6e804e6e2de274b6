import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../base/clock.ts';
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
    const keys = numberKeysOf(join(dataDir, 'number-key'), systemClock.now().wallMs);
    store = createDatabaseStore({
      place: databasePlace({ url: null, dataDir, process: 'guard-1' }),
      log: SILENT_LOG,
      clock: systemClock,
      numberKeyIds: () => keys.map(({ id }) => id),
      startThread: startWithoutThread,
    });
    await store.start();
    await store.recordOutcome({ ...outcomeEntry(1), digest: createNumberDigests(keys).current(NUMBER) });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await store.stop();
    rmSync(dataDir, { recursive: true });
  });

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
    const chains = (await store.ledgerHeads()).map(({ chain }) => chain);
    expect(chains, 'a command writes no entry into the chain of a running Brusio').toEqual(['command', 'guard-1']);
  });

  it('keep a key that calls are found by, and drop it when they are told to', async () => {
    await numberKey(['rotate']);
    const [, kept = ''] = /look-ups: (\w{16})/.exec(said) ?? [];
    said = '';
    expect(await numberKey(['prune'])).toBe(0);
    expect(said).toMatch(new RegExp(`^${kept} {2}kept: .*0 cleared lists, 1 calls`));
    expect(await numberKey(['prune', '--drop', kept])).toBe(0);
    said = '';
    await numberKey(['list']);
    expect(said).toMatch(/^\w{16} {2}\S+ {2}in use\n$/);
  });

  it.each([
    [() => erase([]), '--number is a telephone number'],
    [() => erase(['3331234567']), 'a number is given as --number NUMBER'],
    [() => find(['--number', '33x']), '--number is a telephone number'],
    [() => numberKey([]), 'say what to do'],
    [() => numberKey(['rotate', '--drop', 'x']), '--drop goes with prune'],
  ])('say what they want', async (run, problem) => {
    expect(await run()).toBe(64);
    expect(said).toContain(problem);
  });
});
