import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeWav } from '../../audio/wav.ts';
import { seededRandom } from '../../base/random.ts';
import { spokenGreeting } from '../../testing/spoken-greeting.ts';
import { clip } from './clip.ts';

let folder: string;
let said: string;
let complained: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brusio-clip-'));
  [said, complained] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    complained += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** A WAV file of five seconds of noise; its path. */
function wav(): string {
  const random = seededRandom(5);
  const samples = Int16Array.from({ length: 80_000 }, () => 4000 * (random() - 0.5));
  const path = join(folder, 'My office.wav');
  writeFileSync(path, encodeWav({ sampleRateHz: 16_000, samples }));
  return path;
}

const own = () => join(folder, 'own');

describe('brusio clip', () => {
  it('imports a file, lists it, and finds its files whole', async () => {
    expect(await clip(['import', wav(), '--name', 'my-office', '--out', own()])).toBe(0);
    expect(said).toContain('warning: it has 5.0 s; 30 s or more are advised');
    expect(said).toContain('my-office: 5 s, PCMA, PCMU and G722');
    expect(await clip(['list', '--out', own()])).toBe(0);
    expect(said).toMatch(/^my-office +5 s +ambience +PCMA PCMU G722 +your own +My office$/m);
    expect(said).toMatch(/^open-plan-office .*Brusio’s/m);
    expect(await clip(['check', 'my-office', '--out', own()])).toBe(0);
    expect(said).toMatch(/my-office: (nothing to warn of|\d+ warnings?)\n$/);
  });

  it('takes the place of a clip only when it is told to, and keeps the others', async () => {
    for (const name of ['a', 'b']) expect(await clip(['import', wav(), '--name', name, '--out', own()])).toBe(0);
    expect(await clip(['import', wav(), '--name', 'a', '--out', own()])).toBe(1);
    expect(complained).toContain('there is a clip a in');
    const again = ['import', wav(), '--name', 'a', '--out', own(), '--replace', '--level', '-26'];
    expect(await clip(again)).toBe(0);
    const { clips } = JSON.parse(readFileSync(join(own(), 'manifest.json'), 'utf8'));
    expect(clips.map(({ name, levelDbm0 }: { name: string; levelDbm0: number }) => [name, levelDbm0])).toEqual([
      ['a', -26],
      ['b', -30],
    ]);
  });

  it('tells what is wrong with a damaged clip, or a file that is none, and writes nothing', async () => {
    await clip(['import', wav(), '--name', 'a', '--out', own()]);
    writeFileSync(join(own(), 'a', 'pcmu.ul'), 'other');
    rmSync(join(own(), 'a', 'pcma.al'));
    expect(await clip(['check', 'a', '--out', own()])).toBe(1);
    expect(complained).toContain('a/pcma.al: missing');
    expect(complained).toContain('a/pcmu.ul: not the file that manifest.json describes');
    const broken = join(folder, 'broken.wav');
    writeFileSync(broken, 'no sound');
    expect(await clip(['import', broken, '--name', 'broken', '--out', own()])).toBe(1);
    expect(complained).toContain(`${broken}: not a WAV file`);
    expect(await clip(['check', join(folder, 'nowhere.wav'), '--out', own()])).toBe(1);
    expect(existsSync(join(own(), 'broken'))).toBe(false);
    expect(await clip(['check', 'nobody', '--out', own()])).toBe(1);
    expect(complained).toContain('no clip nobody; there are');
  });

  it('imports an announcement as it was spoken, at the level of speech, and checks its files', async () => {
    const file = join(folder, 'who called.wav');
    writeFileSync(file, encodeWav({ sampleRateHz: 8000, samples: spokenGreeting(1500, 1, -35) }));
    expect(await clip(['import', file, '--name', 'who', '--announcement', '--out', own()])).toBe(0);
    expect(said).toMatch(/^who: 1\.54 s, PCMA, PCMU and G722, SHA-256 [0-9a-f]{64}/m);
    expect(said).not.toContain('30 s or more');
    const { clips } = JSON.parse(readFileSync(join(own(), 'manifest.json'), 'utf8'));
    expect(clips).toMatchObject([{ name: 'who', use: 'announcement', levelDbm0: -19, frames: 77 }]);
    // Pauses are part of the whole, and softer than what is spoken.
    expect(Math.abs(clips[0].encodings[0].measured.levelDbm0 - -19)).toBeLessThan(2);
    expect(await clip(['check', 'who', '--out', own()])).toBe(0);
    expect(await clip(['list', '--out', own()])).toBe(0);
    expect(said).toMatch(/^who +1\.54 s +announcement/m);
    expect(await clip(['import', file, '--name', 'w', '--announcement', '--level', '-30', '--out', own()])).toBe(64);
    writeFileSync(file, encodeWav({ sampleRateHz: 8000, samples: spokenGreeting(200) }));
    expect(await clip(['import', file, '--name', 'w', '--announcement', '--out', own()])).toBe(1);
    expect(complained).toContain('an announcement has 0.5 to 30 s');
  });

  it.each([
    [[], 'say what to do'],
    [['remove'], 'no action "remove"'],
    [['import'], 'import takes one file'],
    [['import', 'a.wav'], 'import needs --name'],
    [['import', 'a.wav', '--name', 'Not this'], 'lower-case words'],
    [['import', 'a.wav', '--name', 'a', '--level', '-20'], 'a whole number from -36 to -26'],
    [['list', '--loud'], '--loud'],
  ])('called with %j is wrong usage', async (argv, problem) => {
    expect(await clip([...argv, ...(argv.length > 1 ? ['--out', own()] : [])])).toBe(64);
    expect(complained).toContain(problem);
    expect(complained).toContain('usage: brusio clip import');
  });
});
