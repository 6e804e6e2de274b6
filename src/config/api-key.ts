/** The API keys in force: those of the settings, or one made at the first start and kept in the data folder. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AppError, describeError } from '../base/errors.ts';
import { randomToken } from '../base/random.ts';

/** 256 bits: nobody guesses it. */
const KEY_OCTETS = 32;

/**
 * @param path the file of the generated key, mode 0600; made when it is not there
 * @returns the keys, and the file's path when the key is from it
 * @throws AppError `config.api-key` when the file can be neither read nor written
 */
export function apiKeysOf(
  configured: readonly string[],
  path: string,
): { readonly keys: readonly string[]; readonly path: string | null } {
  if (configured.length > 0) return { keys: configured, path: null };
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    try {
      // The first of two processes writes it, the other reads it.
      writeFileSync(path, `${randomToken(KEY_OCTETS)}\n`, { mode: 0o600, flag: 'wx' });
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
    }
    const key = readFileSync(path, 'utf8').trim();
    if (key.length < 16)
      throw new AppError('config.api-key', `${path} holds no API key: delete it, and a new one is made`);
    return { keys: [key], path };
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('config.api-key', `the API key's file ${path}: ${describeError(thrown)}`, { cause: thrown });
  }
}
