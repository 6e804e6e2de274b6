/** Files with keys in the data folder: whole or not there at all, and for nobody's eyes but their owner's. */
import { closeSync, fchmodSync, fsyncSync, linkSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { randomToken } from '../base/random.ts';

/** Permissions of anybody but the owner. */
export const OTHERS = 0o077;

/**
 * Makes the file with this text unless there is one: whole or not at all, and never over another's. Of two processes that start
 * at once the second finds the first one's.
 */
export function makeSecretFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const written = `${path}.${randomToken(6)}`;
  try {
    writeSecretFile(written, text);
    linkSync(written, path);
    syncFolder(path);
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST') throw thrown;
  } finally {
    rmSync(written, { force: true });
  }
}

/** A new file of mode 0600, on the disk when this returns. Throws EEXIST when it is there. */
export function writeSecretFile(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    fchmodSync(file, 0o600);
    writeSync(file, text);
    fsyncSync(file);
  } catch (thrown) {
    rmSync(path, { force: true });
    throw thrown;
  } finally {
    closeSync(file);
  }
}

/** The name is on the disk too: a key that was used and is gone after a power cut would be worse than none. */
export function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Permissions as people write them: `0644`. */
export function octalMode(mode: number): string {
  return (mode & 0o777).toString(8).padStart(4, '0');
}

/** `ENOENT` and the like, of what the file system threw. */
export function codeOf(thrown: unknown): unknown {
  return thrown instanceof Error && 'code' in thrown ? thrown.code : null;
}
