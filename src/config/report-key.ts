/**
 * The key that reports are signed with (Ed25519, RFC 8032): a PEM file of its own in the data folder. Whoever has it can sign
 * in this Brusio's name, so nobody but the user that runs it may read it. Several processes have a key each.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, describeError } from '../base/errors.ts';
import { makeSecretFile, OTHERS, octalMode } from './secret-file.ts';

/** Where it is. */
export function reportKeyPath(settings: { readonly data: { readonly dir: string } }): string {
  return join(settings.data.dir, 'report-key.pem');
}

/**
 * The key; one is made when there is none.
 *
 * @throws AppError `config.report-key`: unreadable, no Ed25519 key, or others may read it
 */
export function reportKeyOf(path: string): KeyObject {
  try {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) {
      const { privateKey } = generateKeyPairSync('ed25519');
      makeSecretFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    }
    const { mode } = statSync(path);
    if ((mode & OTHERS) !== 0)
      throw new AppError(
        'config.report-key',
        `${path} can be read by others (mode ${octalMode(mode)}): whoever has it can sign reports in your name. If others did read it, delete it, and a new key is made; else run "chmod 600 ${path}"`,
      );
    const key = createPrivateKey(readFileSync(path));
    if (key.asymmetricKeyType !== 'ed25519')
      throw new AppError('config.report-key', `${path} has a key of type ${key.asymmetricKeyType}, not ed25519`);
    return key;
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown;
    throw new AppError('config.report-key', `the report key's file ${path}: ${describeError(thrown)}`, {
      cause: thrown,
    });
  }
}
