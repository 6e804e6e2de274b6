import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describeError } from '../../base/errors.ts';
import { ok, type Result, refused } from '../../base/result.ts';
import type { TlsFiles } from './tls-options.ts';

/** What the files hold. */
export type TlsMaterial = {
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly ca?: Buffer;
  /** When our certificate ends, ms since 1970; null without one. */
  readonly endsAtMs: number | null;
};

/** What is wrong with one of the files. */
export type TlsProblem = { readonly file: keyof TlsFiles; readonly message: string };

/** Reads the files and checks that they are what they should be and fit together; tells every problem at once. */
export function readTlsMaterial(files: TlsFiles): Result<TlsMaterial, readonly TlsProblem[]> {
  const problems: TlsProblem[] = [];
  const read = (file: keyof TlsFiles): Buffer | undefined => {
    const path = files[file];
    if (path === null) return undefined;
    try {
      return readFileSync(path);
    } catch (thrown) {
      problems.push({ file, message: `cannot be read: ${describeError(thrown)}` });
      return undefined;
    }
  };
  const attempt = <T>(file: keyof TlsFiles, what: string, make: () => T): T | null => {
    try {
      return make();
    } catch (thrown) {
      problems.push({ file, message: `is no ${what}: ${describeError(thrown)}` });
      return null;
    }
  };

  const cert = read('certificate');
  const key = read('key');
  const ca = read('ca');
  const certificate =
    cert === undefined ? null : attempt('certificate', 'certificate', () => new X509Certificate(cert));
  const privateKey = key === undefined ? null : attempt('key', 'private key', () => createPrivateKey(key));
  if (ca !== undefined) attempt('ca', 'certificate', () => new X509Certificate(ca));
  if (files.certificate !== null && files.key === null) problems.push({ file: 'key', message: 'is missing' });
  if (files.key !== null && files.certificate === null) problems.push({ file: 'certificate', message: 'is missing' });
  if (certificate !== null && privateKey !== null && !certificate.checkPrivateKey(privateKey)) {
    problems.push({ file: 'key', message: 'does not belong to the certificate' });
  }
  if (problems.length > 0) return refused(problems);
  return ok({
    ...(cert && { cert }),
    ...(key && { key }),
    ...(ca && { ca }),
    endsAtMs: certificate?.validToDate.getTime() ?? null,
  });
}
