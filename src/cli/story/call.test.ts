import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { createNumberDigests } from '../../base/number-digest.ts';
import { numberKeysOf } from '../../config/number-key.ts';
import { databasePlace } from '../../store/database-place.ts';
import { commitGroup } from '../../store/group-commit.ts';
import { openDatabase } from '../../store/open-database.ts';
import { sampleCallId } from '../../testing/stored-calls.ts';
import { silentCallAndLater } from '../../testing/story-calls.ts';
import { verifyReport } from '../report/verify-report.ts';
import { call } from './call.ts';

const NUMBER = '+393331234567';

describe('brusio call', () => {
  let dataDir: string;
  let said = '';
  let complained = '';

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'brusio-call-'));
    vi.stubEnv('BRUSIO_DATA', dataDir);
    [said, complained] = ['', ''];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      complained += String(text);
      return true;
    });
    const keys = numberKeysOf(join(dataDir, 'number-key'), systemClock.now().wallMs);
    const database = await openDatabase(databasePlace({ url: null, dataDir, process: 'guard-1' }), systemClock);
    const changes = silentCallAndLater(createNumberDigests(keys).current(NUMBER));
    await commitGroup(await database.connection(), 'guard-1', { token: 'all', changes }, null);
    await database.close();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    rmSync(dataDir, { recursive: true });
  });

  it('tells the one call of a complaint by number and local time, in the language of the country', async () => {
    expect(await call(['--number', '333 1234567', '--around', '2026-11-20 10:10'])).toBe(0);
    expect(said).toContain(`La storia della chiamata ${sampleCallId(1)}`);
    expect(said).toContain('2026-11-20 10:00:08.210 +01:00');
    expect(said).not.toContain('3331234567');
  });

  it('tells it by its id as JSON', async () => {
    expect(await call([sampleCallId(1), '--json', '--language', 'en'])).toBe(0);
    expect(JSON.parse(said)).toMatchObject({ callId: sampleCallId(1), language: 'en', verdict: { class: 'A' } });
  });

  it('lists several, the nearest first', async () => {
    expect(await call(['--number', NUMBER, '--around', '2026-11-21 09:00', '--within', '2d'])).toBe(0);
    const lines = said.trim().split('\n');
    expect(lines.map((line) => /0000000000(\d\d)/.exec(line)?.[1])).toEqual(['02', '01', undefined]);
    said = '';
    expect(await call(['--number', NUMBER, '--json'])).toBe(0);
    expect(
      said
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).distanceMs),
    ).toEqual([0, 0, 0, 0]);
  });

  it('says when the hour came twice, and which call was the nearest where there is none', async () => {
    expect(await call(['--number', NUMBER, '--around', '2026-10-25 02:30'])).toBe(1);
    expect(complained).toMatch(/twice: .*02:30:00.000 \+02:00 and 2026-10-25 02:30:00.000 \+01:00/);
    expect(complained).toContain(sampleCallId(1));
    expect(await call(['--number', '+393330000000'])).toBe(1);
    expect(await call(['0192f0c1-7c1e-7c3a-9f44-00000000ffff'])).toBe(1);
  });

  it('takes a time by the clocks of the country whose rules the call was placed under, or of the zone that is named', async () => {
    const database = await openDatabase(databasePlace({ url: null, dataDir, process: 'guard-1' }), systemClock);
    const british = "UPDATE outcomes SET record = json_replace(record, '$.policy', 'gb-ofcom-2010@1')";
    await (await database.connection()).execute(british);
    await database.close();
    const around = (time: string, ...more: string[]) => call(['--number', NUMBER, '--around', time, ...more]);
    await around('2026-11-20 10:10');
    expect(complained).toContain('no call to this number then');
    for (const [time, ...zone] of [['2026-11-20 09:10'], ['2026-11-20 10:10', '--zone', 'Europe/Rome']]) {
      said = '';
      await around(time ?? '', ...zone);
      expect(said).toContain(sampleCallId(1));
    }
  });

  it('ends with 1 when an entry is not as it was written', async () => {
    const database = await openDatabase(databasePlace({ url: null, dataDir, process: 'guard-1' }), systemClock);
    await (await database.connection()).execute("UPDATE ledger SET at_ms = at_ms + 1 WHERE kind = 'answer'");
    await database.close();
    expect(await call([sampleCallId(1)])).toBe(1);
    expect(said).toContain('ERRATA');
  });

  it('writes what another machine can check without the database', async () => {
    expect(await call(['--number', NUMBER, '--around', '2026-11-20 10:00', '--out', dataDir])).toBe(0);
    const folder = join(dataDir, `call-${sampleCallId(1)}`);
    said = '';
    expect(await verifyReport([folder])).toBe(0);
    expect(said).toContain("PROVEN: The call's 3 entries stand in the ledger");
    appendFileSync(join(folder, 'story.txt'), ' ');
    expect(await verifyReport([folder])).toBe(1);
  });

  it.each([
    [[], 'name a call, or a --number'],
    [['one', 'two'], 'what is "two"?'],
    [['one', '--around', '2026-11-20 10:00'], 'go with --number'],
    [['--number', '33x'], '--number is a telephone number'],
    [['--number', NUMBER, '--around', 'yesterday'], '--around is a time'],
    [['--number', NUMBER, '--within', '30m'], '--within and --zone go with --around'],
    [['--number', NUMBER, '--zone', 'UTC'], '--within and --zone go with --around'],
    [['--number', NUMBER, '--around', '2026-11-20 10:00', '--zone', 'Rome'], '--zone is a time zone'],
    [['--number', NUMBER, '--around', '2026-11-20 10:00', '--within', '1w'], '--within is a span'],
    [['one', '--language', 'fr'], '--language is it or en'],
  ])('%j is misused: %s', async (argv, problem) => {
    expect(await call(argv)).toBe(64);
    expect(complained).toContain(problem);
  });
});
