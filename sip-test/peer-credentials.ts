/** A client's answer to a digest challenge, in code of its own. */
import { createHash } from 'node:crypto';
import { headers, type SipMessage } from './sip-trace.ts';

/** The `Authorization` line for the challenge of one algorithm, first use of its nonce. */
export function answerTo(
  challenge: SipMessage,
  algorithm: 'MD5' | 'SHA-256',
  user: { readonly username: string; readonly password: string },
  uri: string,
): string {
  const line = headers(challenge, 'WWW-Authenticate').find((one) => one.includes(`algorithm=${algorithm}`)) ?? '';
  const value = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(line)?.[1] ?? '';
  const h = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const [realm, nonce] = [value('realm'), value('nonce')];
  const ha1 = h(`${user.username}:${realm}:${user.password}`);
  const response = h(`${ha1}:${nonce}:00000001:c0ffee:auth:${h(`INVITE:${uri}`)}`);
  return (
    `Authorization: Digest username="${user.username}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
    `response="${response}", algorithm=${algorithm}, cnonce="c0ffee", qop=auth, nc=00000001`
  );
}
