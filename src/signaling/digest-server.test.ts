import { beforeEach, describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { createDigestClient } from './digest-client.ts';
import { createDigestServer, type DigestServer, type DigestUser, NONCE_LIFETIME_MS } from './digest-server.ts';

const USERS: readonly DigestUser[] = [
  { username: 'dialer', password: 'password-1', algorithms: ['SHA-256', 'MD5'] },
  { username: 'other', password: 'password-2', algorithms: ['SHA-256'] },
];
const URI = 'sip:+393331234567@192.0.2.1';

let nowMs: number;
let server: DigestServer;
beforeEach(() => {
  nowMs = 1_795_000_000_000;
  server = createDigestServer('brusio', Buffer.alloc(32, 7), () => nowMs as WallMs);
});

/** What a client with these credentials answers to our challenge. */
function answerTo(challenges: readonly string[], credentials = USERS[0] ?? { username: '', password: '' }): string {
  const client = createDigestClient(credentials, () => 'cnonce');
  const challenge = { status: 401, get: () => challenges.join(', ') };
  return client.answer(challenge, { method: 'INVITE', uri: URI, get: () => undefined })?.value ?? '';
}

const verify = (authorization: string | undefined, changed: { uri?: string; address?: string } = {}) =>
  server.verify({ method: 'INVITE', uri: URI, authorization, address: '192.0.2.20', ...changed }, USERS).result;

const challenge = () => server.challenge('192.0.2.20', false, ['SHA-256', 'MD5']);

describe('RFC 3261 §22.1, RFC 7616: a dialer', () => {
  it('without credentials, or with those of another realm, is asked', () => {
    expect(verify(undefined)).toBe('absent');
    expect(verify('Digest username="dialer", realm="elsewhere", nonce="n"')).toBe('absent');
  });

  it('RFC 8760 §2.4: is offered SHA-256 first and MD5 after it, and may take either', () => {
    const [sha, md5] = challenge();
    expect(sha).toContain('algorithm=SHA-256');
    expect(md5).toContain('algorithm=MD5');
    expect(verify(answerTo([sha ?? '']))).toBe('accepted');
    nowMs += 1;
    expect(verify(answerTo(server.challenge('192.0.2.20', false, ['SHA-256', 'MD5']).slice(1)))).toBe('accepted');
  });

  it('is told apart from the others by its name', () => {
    const credentials = answerTo(challenge(), USERS[1]);
    const request = { method: 'INVITE', uri: URI, authorization: credentials, address: '192.0.2.20' };
    expect(server.verify(request, USERS)).toEqual({ result: 'accepted', username: 'other' });
  });

  it('that does SHA-256 alone is not let in by MD5', () => {
    expect(verify(answerTo(challenge().slice(1), USERS[1]))).toBe('wrong');
  });

  it('with a wrong password or an unknown name is told the same', () => {
    expect(verify(answerTo(challenge(), { username: 'dialer', password: 'guess' }))).toBe('wrong');
    expect(verify(answerTo(challenge(), { username: 'nobody', password: 'guess' }))).toBe('wrong');
    expect(verify(answerTo(challenge(), { username: '', password: '' }))).toBe('wrong');
  });

  it('§3.4.6: with credentials for another URI, or from another address, is refused', () => {
    expect(verify(answerTo(challenge()), { uri: 'sip:+39199@192.0.2.1' })).toBe('wrong');
    expect(verify(answerTo(challenge()), { address: '192.0.2.21' })).toBe('wrong');
  });

  it('§5.5: cannot use the same count twice', () => {
    const credentials = answerTo(challenge());
    expect(verify(credentials)).toBe('accepted');
    expect(verify(credentials)).toBe('stale');
  });

  it('may count on with one nonce until its time is over', () => {
    const challenges = challenge();
    const client = createDigestClient(USERS[0] ?? { username: '', password: '' }, () => 'cnonce');
    const next = () =>
      client.answer(
        { status: 401, get: () => challenges.join(', ') },
        { method: 'INVITE', uri: URI, get: () => undefined },
      )?.value;
    expect([verify(next()), verify(next()), verify(next())]).toEqual(['accepted', 'accepted', 'accepted']);
    nowMs += NONCE_LIFETIME_MS + 1;
    expect(verify(next())).toBe('stale');
  });

  it('cannot make a nonce of its own', () => {
    const own = `${nowMs.toString(36)}.${'0'.repeat(32)}`;
    for (const nonce of [own, '', '.', 'zz', own.slice(0, -1)]) {
      const made = challenge().map((one) => one.replace(/nonce="[^"]*"/, `nonce="${nonce}"`));
      expect(verify(answerTo(made)), nonce).toBe('wrong');
    }
  });

  it('that sends rubbish is refused, not believed', () => {
    for (const text of [
      'Digest realm="brusio"',
      'Digest username="dialer", realm="brusio", nonce="x", uri="sip:x", response="y", qop=auth, nc=zz, cnonce="c"',
      answerTo(challenge()).replace(/nc=\d+/, 'nc=1'),
      answerTo(challenge()).replace(/algorithm=[\w-]+/, 'algorithm=SHA-512-256'),
      answerTo(challenge()).replace(/qop=auth, /, ''),
    ]) {
      expect(verify(text), text).toBe('wrong');
    }
  });
});
