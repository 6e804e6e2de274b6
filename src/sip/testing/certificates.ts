import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The files of one certificate, PEM, made for one test run and for nothing else. */
export type CertificateFiles = { readonly certificate: string; readonly key: string };

/** An authority of a test. */
export type TestAuthority = {
  /** The folder with everything. */
  readonly dir: string;
  /** Its own certificate, PEM. */
  readonly ca: string;
  /** Makes a certificate for these names, such as `DNS:example.org`, `URI:sip:example.org` or `IP:127.0.0.1`. */
  issue(file: string, subjectAltName: string): CertificateFiles;
};

/** Makes an authority with openssl, in a new folder. */
export function testAuthority(name = 'test authority'): TestAuthority {
  const dir = mkdtempSync(join(tmpdir(), 'brusio-tls-'));
  const openssl = (...args: string[]) => {
    try {
      execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' });
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
      throw new Error('The tests of TLS need openssl. Install it with: apt-get install -y openssl', { cause: thrown });
    }
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', `/CN=${name}`);
  return {
    dir,
    ca: join(dir, 'ca.pem'),
    issue(file, subjectAltName) {
      openssl('req', ...key, '-keyout', `${file}.key`, '-out', `${file}.csr`, '-subj', '/CN=test');
      writeFileSync(join(dir, `${file}.ext`), `subjectAltName=${subjectAltName}\n`);
      const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', `${file}.ext`];
      openssl('x509', '-req', '-in', `${file}.csr`, '-out', `${file}.pem`, ...signed);
      return { certificate: join(dir, `${file}.pem`), key: join(dir, `${file}.key`) };
    },
  };
}
