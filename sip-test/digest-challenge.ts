/** The server's side of a digest challenge (RFC 7616 §3), in code of its own: what Brusio answers is checked with it. */
import { createHash, randomBytes } from 'node:crypto';
import { header, type SipMessage } from './sip-trace.ts';

/** Who may come in, and how it is asked. */
export type Challenge = {
  readonly username: string;
  readonly password: string;
  readonly realm: string;
  readonly algorithms: readonly ('MD5' | 'SHA-256')[];
};

/** The header lines of a challenge, one an algorithm. */
export function challengeLines(name: string, challenge: Challenge, nonce: string, stale = false): string[] {
  return challenge.algorithms.map(
    (algorithm) =>
      `${name}: Digest realm="${challenge.realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth", opaque="o"${stale ? ', stale=true' : ''}`,
  );
}

export function newNonce(): string {
  return randomBytes(8).toString('hex');
}

/** The credentials' parameters of a request, or null. */
export function credentialsOf(request: SipMessage, name: string): Readonly<Record<string, string>> | null {
  const value = header(request, name);
  if (value === null) return null;
  const pairs = [...value.matchAll(/(\w+)=(?:"([^"]*)"|([^,\s]+))/g)];
  return Object.fromEntries(pairs.map(([, key = '', quoted, bare]) => [key, quoted ?? bare ?? '']));
}

/** Whether they are right for this request. */
export function isRight(given: Readonly<Record<string, string>>, request: SipMessage, challenge: Challenge): boolean {
  const h = (text: string) =>
    createHash(given.algorithm === 'SHA-256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const requestUri = request.startLine.split(' ')[1] ?? '';
  const ha1 = h(`${challenge.username}:${challenge.realm}:${challenge.password}`);
  const ha2 = h(`${request.method}:${requestUri}`);
  return (
    given.username === challenge.username &&
    given.uri === requestUri &&
    given.opaque === 'o' &&
    given.response === h(`${ha1}:${given.nonce}:${given.nc}:${given.cnonce}:${given.qop}:${ha2}`)
  );
}
