import { describe, expect, it } from 'vitest';
import { digestResponse, readDigests } from './digest.ts';
import { createDigestClient } from './digest-client.ts';

describe('RFC 7616 §3.9.1 the two examples of one request', () => {
  const input = {
    username: 'Mufasa',
    password: 'Circle of Life',
    realm: 'http-auth@example.org',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    method: 'GET',
    uri: '/dir/index.html',
    qop: { name: 'auth', nc: 1, cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
  } as const;

  it('MD5', () => {
    expect(digestResponse({ ...input, algorithm: 'MD5' })).toBe('8ca523f5e9506fed4657c9700eebdbec');
  });

  it('SHA-256', () => {
    expect(digestResponse({ ...input, algorithm: 'SHA-256' })).toBe(
      '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    );
  });
});

describe('RFC 2617 §3.5 and RFC 2069 §2.4 (errata) the examples without algorithm', () => {
  it('qop=auth', () => {
    const response = digestResponse({
      algorithm: 'MD5',
      username: 'Mufasa',
      password: 'Circle Of Life',
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      method: 'GET',
      uri: '/dir/index.html',
      qop: { name: 'auth', nc: 1, cnonce: '0a4f113b' },
    });
    expect(response).toBe('6629fae49393a05397450978507c4ef1');
  });

  it('no qop', () => {
    const response = digestResponse({
      algorithm: 'MD5',
      username: 'Mufasa',
      password: 'CircleOfLife',
      realm: 'testrealm@host.com',
      nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
      method: 'GET',
      uri: '/dir/index.html',
      qop: null,
    });
    expect(response).toBe('1949323746fe6a43ef61f9606e7febea');
  });
});

describe('a challenge', () => {
  it('is read whatever its spelling, and several in one header are told apart', () => {
    const value =
      'Digest realm="a, \\"b\\"", nonce="n,1", algorithm=SHA-256, qop="auth,auth-int",Digest  REALM=c ,nonce="n2"';
    expect(readDigests(value).map((one) => Object.fromEntries(one))).toEqual([
      { realm: 'a, "b"', nonce: 'n,1', algorithm: 'SHA-256', qop: 'auth,auth-int' },
      { realm: 'c', nonce: 'n2' },
    ]);
  });

  it('of another scheme is none, and one among others does no harm', () => {
    expect(readDigests('Bearer realm="x"')).toEqual([]);
    expect(readDigests('Bearer realm="x", Digest realm="y", nonce="n"').map((one) => one.get('realm'))).toEqual(['y']);
    expect(readDigests(undefined)).toEqual([]);
    expect(readDigests(`Digest realm="${'x'.repeat(5_000)}"`)).toEqual([]);
  });
});

const CREDENTIALS = { username: 'brusio', password: 'secret' };

/** A 401 or 407 with these challenges. */
const challenge = (status: number, value: string) => ({
  status,
  get: (name: string) =>
    name.toLowerCase() === (status === 407 ? 'proxy-authenticate' : 'www-authenticate') ? value : undefined,
});

/** An INVITE that carried these credentials. */
const invite = (credentials?: string) => ({
  method: 'INVITE',
  uri: 'sip:+39333@192.0.2.1',
  get: (name: string) => (name === 'Authorization' ? credentials : undefined),
});

function parametersOf(value: string | undefined): Record<string, string> {
  return Object.fromEntries(readDigests(value)[0] ?? []);
}

describe('RFC 8760 §2.4 our credentials', () => {
  it('answer the strongest of several challenges, with the real request-URI', () => {
    const client = createDigestClient(CREDENTIALS, () => 'cn');
    const both =
      'Digest realm="r", nonce="m", qop="auth", Digest realm="r", nonce="s", algorithm=SHA-256, qop="auth", opaque="o"';
    const answer = client.answer(challenge(407, both), invite());
    expect(answer?.name).toBe('Proxy-Authorization');
    expect(parametersOf(answer?.value)).toEqual({
      username: 'brusio',
      realm: 'r',
      nonce: 's',
      uri: 'sip:+39333@192.0.2.1',
      response: digestResponse({
        ...CREDENTIALS,
        algorithm: 'SHA-256',
        realm: 'r',
        nonce: 's',
        method: 'INVITE',
        uri: 'sip:+39333@192.0.2.1',
        qop: { name: 'auth', nc: 1, cnonce: 'cn' },
      }),
      algorithm: 'SHA-256',
      opaque: 'o',
      qop: 'auth',
      nc: '00000001',
      cnonce: 'cn',
    });
  });

  it('count the uses of a nonce', () => {
    const client = createDigestClient(CREDENTIALS, () => 'cn');
    const ncs = [1, 2, 3].map(
      () => parametersOf(client.answer(challenge(401, 'Digest realm="r", nonce="n", qop="auth"'), invite())?.value).nc,
    );
    expect(ncs).toEqual(['00000001', '00000002', '00000003']);
  });

  it('are not sent twice to somebody who refuses them: a wrong password ends there', () => {
    const client = createDigestClient(CREDENTIALS, () => 'cn');
    const first = client.answer(challenge(401, 'Digest realm="r", nonce="1"'), invite());
    expect(client.answer(challenge(401, 'Digest realm="r", nonce="2"'), invite(first?.value))).toBeNull();
  });

  it('are sent again with the new nonce when only the old one was stale', () => {
    const client = createDigestClient(CREDENTIALS, () => 'cn');
    const first = client.answer(challenge(401, 'Digest realm="r", nonce="1"'), invite());
    const second = client.answer(challenge(401, 'Digest realm="r", nonce="2", stale=TRUE'), invite(first?.value));
    expect(parametersOf(second?.value).nonce).toBe('2');
    expect(client.answer(challenge(401, 'Digest realm="r", nonce="2", stale=true'), invite(second?.value))).toBeNull();
  });

  it('answer nothing that they cannot: other statuses, algorithms, qop', () => {
    const client = createDigestClient(CREDENTIALS, () => 'cn');
    for (const [status, value] of [
      [403, 'Digest realm="r", nonce="n"'],
      [401, 'Digest realm="r", nonce="n", algorithm=SHA-512-256'],
      [401, 'Digest realm="r", nonce="n", qop="auth-int"'],
      [401, 'Digest realm="r"'],
      [401, 'Basic realm="r"'],
    ] as const) {
      expect(client.answer(challenge(status, value), invite()), value).toBeNull();
    }
  });
});
