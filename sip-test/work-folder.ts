/** Files of one test file's run (SIPp's traces, Brusio's data): under one folder, removed at its end. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let root: string | null = null;
let made = 0;

/** A new empty folder; the name is for whoever looks while the run lasts. */
export function workFolder(name: string): string {
  root ??= mkdtempSync(join(tmpdir(), 'brusio-sip-test-'));
  made += 1;
  const folder = join(root, `${String(made).padStart(2, '0')}-${name}`);
  mkdirSync(folder);
  return folder;
}

/** Removes them all, unless `SIP_TEST_KEEP` is set. */
export function removeWorkFolders(): void {
  if (root === null || (process.env.SIP_TEST_KEEP ?? '') !== '') return;
  rmSync(root, { recursive: true, force: true });
  root = null;
}
