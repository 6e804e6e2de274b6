/**
 * The keys under which numbers are digested, in a file of their own: a line each, `id created base64`, the newest first. Whoever
 * has this file and the database can try numbers out, so nobody but the user that runs Brusio may read it.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync } from 'node:fs';
import type { WallMs } from '../base/clock.ts';
import { AppError, describeError } from '../base/errors.ts';
import { NUMBER_KEY_OCTETS, type NumberKey, numberKeyId } from '../base/number-digest.ts';
import { randomOctets } from '../base/random.ts';
import { codeOf, makeSecretFile, OTHERS, octalMode, syncFolder, writeSecretFile } from './secret-file.ts';

/** Keys in one file; each is one more look-up for every call. */
export const NUMBER_KEYS_MAX = 16;
/** A larger file is none of ours: {@link NUMBER_KEYS_MAX} lines of some 90 characters, and comments. */
const FILE_OCTETS_MAX = 16_384;

/** A key as it stands in the file. */
export type StoredNumberKey = NumberKey & { readonly createdAt: WallMs };

/**
 * The keys, newest first; a file with one is made when there is none.
 *
 * @throws AppError `config.number-key`: unreadable, damaged, or others may read it
 */
export function numberKeysOf(path: string, now: WallMs): readonly [StoredNumberKey, ...StoredNumberKey[]] {
  return told(path, () => {
    try {
      return readKeys(path);
    } catch (thrown) {
      if (codeOf(thrown) !== 'ENOENT') throw thrown;
    }
    makeSecretFile(path, textOf([newKey(now)]));
    return readKeys(path);
  });
}

/** The keys of a file that must be there; same errors. */
export function readNumberKeys(path: string): readonly [StoredNumberKey, ...StoredNumberKey[]] {
  return told(path, () => readKeys(path));
}

/** Puts a new key first and keeps the others for look-ups. Same errors, and when there are {@link NUMBER_KEYS_MAX} keys already. */
export function rotateNumberKey(path: string, now: WallMs): readonly [StoredNumberKey, ...StoredNumberKey[]] {
  return replaceKeys(path, (keys) => {
    if (keys.length >= NUMBER_KEYS_MAX) {
      const message = `${path} has ${keys.length} keys, which is the most: drop those that are not needed any more by "brusio number-key prune"`;
      throw new AppError('config.number-key', message);
    }
    return [newKey(now), ...keys];
  });
}

/** Drops the keys with these ids; the newest is never dropped. Same errors. */
export function dropNumberKeys(
  path: string,
  ids: ReadonlySet<string>,
): readonly [StoredNumberKey, ...StoredNumberKey[]] {
  return replaceKeys(path, ([newest, ...older]) => [newest, ...older.filter(({ id }) => !ids.has(id))]);
}

type Keys = readonly [StoredNumberKey, ...StoredNumberKey[]];

function replaceKeys(path: string, change: (keys: Keys) => Keys): Keys {
  return told(path, () => {
    const next = change(readKeys(path));
    const written = `${path}.new`;
    try {
      writeSecretFile(written, textOf(next));
    } catch (thrown) {
      if (codeOf(thrown) !== 'EEXIST') throw thrown;
      const message = `${written} is there: another program is changing the keys; if none is, delete that file and try again`;
      throw new AppError('config.number-key', message, { cause: thrown });
    }
    renameSync(written, path);
    syncFolder(path);
    return next;
  });
}

function newKey(now: WallMs): StoredNumberKey {
  const secret = randomOctets(NUMBER_KEY_OCTETS);
  return { id: numberKeyId(secret), createdAt: now, secret };
}

const HEADING = `# Brusio: the keys under which telephone numbers are digested, newest first: id, created, key. Keep it secret, keep a copy
# of it apart from the database, and never edit it: without it no lock, screening list or report finds its numbers.
`;

function textOf(keys: Keys): string {
  const lines = keys.map(
    ({ id, createdAt, secret }) =>
      `${id} ${new Date(createdAt).toISOString()} ${Buffer.from(secret).toString('base64')}\n`,
  );
  return HEADING + lines.join('');
}

function readKeys(path: string): Keys {
  const file = openSync(path, constants.O_RDONLY);
  try {
    const { mode, size } = fstatSync(file);
    const damaged = (why: string) => new AppError('config.number-key', `${path} is not a file of number keys: ${why}`);
    if ((mode & OTHERS) !== 0) {
      const message = `${path} can be read by others (mode ${octalMode(mode)}): whoever has these keys can find numbers again that were dropped. Run "chmod 600 ${path}"; if others did read it, rotate the key too ("brusio number-key rotate")`;
      throw new AppError('config.number-key', message);
    }
    if (size > FILE_OCTETS_MAX) throw damaged(`it has ${size} octets, more than ${FILE_OCTETS_MAX}`);
    const keys: StoredNumberKey[] = [];
    for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue;
      const key = readLine(line);
      // The line itself is a secret and is not repeated.
      if (key === null) throw damaged(`line ${index + 1} is not "id created base64" with a key that has this id`);
      if (keys.some(({ id }) => id === key.id)) throw damaged(`line ${index + 1} repeats the key ${key.id}`);
      keys.push(key);
    }
    const [newest, ...older] = keys;
    if (newest === undefined) throw damaged('it holds no key');
    if (keys.length > NUMBER_KEYS_MAX) throw damaged(`it has ${keys.length} keys, more than ${NUMBER_KEYS_MAX}`);
    return [newest, ...older];
  } finally {
    closeSync(file);
  }
}

function readLine(line: string): StoredNumberKey | null {
  const [id, created, encoded, ...rest] = line.trim().split(/\s+/);
  if (id === undefined || created === undefined || encoded === undefined || rest.length > 0) return null;
  const secret = Buffer.from(encoded, 'base64');
  const createdAt = Date.parse(created);
  if (secret.length !== NUMBER_KEY_OCTETS || Number.isNaN(createdAt) || numberKeyId(secret) !== id) return null;
  return { id, createdAt: createdAt as WallMs, secret };
}

function told<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('config.number-key', `the number keys' file ${path}: ${describeError(thrown)}`, {
      cause: thrown,
    });
  }
}
