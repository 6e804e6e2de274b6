import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { screening } from './screening.ts';

describe('brusio screening', () => {
  let dataDir: string;
  let said = '';

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'brusio-screening-'));
    vi.stubEnv('BRUSIO_DATA', dataDir);
    said = '';
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        said += String(text);
        return true;
      });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    rmSync(dataDir, { recursive: true });
  });

  it('takes a list out of force that was imported for the wrong controller, if its name is said twice', async () => {
    const file = join(dataDir, 'list.csv');
    writeFileSync(file, '3331234567\n3331234568\n');
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    expect(await screening(['import', file, '--controller', 'acme', '--checked-at', yesterday])).toBe(0);
    expect(await screening(['remove', '--controller', 'acme', '--confirm', 'energia'])).toBe(64);
    expect(await screening(['check', '--controller', 'acme', '--number', '3331234567'])).toBe(0);
    said = '';
    expect(await screening(['remove', '--controller', 'acme', '--confirm', 'acme', '--reference', 'wrong'])).toBe(0);
    expect(said).toContain('2 numbers checked');
    expect(await screening(['check', '--controller', 'acme', '--number', '3331234567'])).toBe(1);
    expect(await screening(['remove', '--controller', 'acme', '--confirm', 'acme'])).toBe(1);
    expect(said).toContain('"acme" has no list');
  });

  it('says of a file that is not there, or a folder, that nothing was changed', async () => {
    const more = ['--controller', 'acme', '--checked-at', new Date(Date.now() - 86_400_000).toISOString()];
    for (const [path, why] of [
      [join(dataDir, 'none.csv'), 'cannot be read'],
      [dataDir, 'is a folder'],
    ] as const) {
      said = '';
      expect(await screening(['import', path, ...more])).toBe(1);
      expect(said).toContain(`not imported, the earlier list stays: ${path} ${why}`);
    }
  });

  it.each([
    [['check', '--controller', 'a', '--number', 'abc'], '--number is a telephone number'],
    [['remove'], 'remove takes --controller'],
    [['remove', '--controller', 'acme'], 'remove needs --confirm'],
    [['remove', '--controller', 'a', '--confirm', 'a', '--number', '3'], '--number is no option of this action'],
    [['remove', '--controller', 'a', '--confirm', 'a', '--reference', ''], '--reference has'],
  ])('says what it wants: %j', async (argv, problem) => {
    expect(await screening(argv)).toBe(64);
    expect(said).toContain(problem);
  });
});
