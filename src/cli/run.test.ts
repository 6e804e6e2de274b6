import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'brusio-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MAIN = resolve(import.meta.dirname, '../main.ts');

/** `brusio run` with these settings: how it ended, and what it said. */
function runWith(settings: object): Promise<{ readonly code: number; readonly said: string; readonly log: string }> {
  const file = join(folder, 'brusio.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(settings));
  return new Promise((done) => {
    execFile(process.execPath, [MAIN, 'run', '--config', file], (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), said: stderr, log: stdout }),
    );
  });
}

it('run says what is wrong with what the settings name, and ends with 78', async () => {
  const { code, said, log } = await runWith({ ambience: { clip: 'nope' }, data: { dir: join(folder, 'data') } });
  expect(said).toMatch(/^brusio: cannot start: settings: ambience\.clip: no clip nope; there are /);
  expect({ code, log }).toEqual({ code: 78, log: '' });
});

it('run says that its data folder is not to be had, and what to do', async () => {
  const { code, said, log } = await runWith({ data: { dir: join(folder, 'brusio.yaml', 'data') } });
  expect(said).toMatch(/^brusio: cannot start: data folder .* is no folder\n {2}→ give the user that runs Brusio /);
  expect({ code, log }).toEqual({ code: 1, log: '' });
});
