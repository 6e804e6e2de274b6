import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { createEngine, type LocalEngine } from '../engine.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../engine-options.ts';
import { type CertificateFiles, type TestAuthority, testAuthority } from '../testing/certificates.ts';
import { connectSrf, leave, responseTo, type SrfClient } from '../testing/srf-client.ts';
import { connectPeer, connectTlsPeer, listenPeer, type PeerServer } from '../testing/stream-peer.ts';
import { DEFAULT_STREAM_LIMITS } from './stream-limits.ts';
import { readTlsMaterial } from './tls-material.ts';
import { DEFAULT_TLS_OPTIONS, type TlsOptions } from './tls-options.ts';

let authority: TestAuthority;
let stranger: TestAuthority;
let own: CertificateFiles;
let carrier: CertificateFiles;
let engine: LocalEngine;
let notices: string[];
let contained: unknown[];
let srf: SrfClient | null;
const servers: PeerServer[] = [];

beforeAll(() => {
  authority = testAuthority();
  stranger = testAuthority('somebody else');
  own = authority.issue('own', 'DNS:brusio.test,IP:127.0.0.1');
  carrier = authority.issue('carrier', 'DNS:carrier.test');
});

afterAll(() => {
  for (const { dir } of [authority, stranger]) rmSync(dir, { recursive: true });
});

beforeEach(() => {
  notices = [];
  contained = [];
  srf = null;
});

afterEach(async () => {
  if (srf !== null) leave(srf);
  await engine?.stop();
  for (const one of servers.splice(0)) await one.close();
  expect(contained).toEqual([]);
});

async function start(tls: Partial<TlsOptions> = {}, changes: Partial<EngineOptions> = {}): Promise<void> {
  engine = await createEngine(
    {
      ...DEFAULT_ENGINE_OPTIONS,
      listen: [{ protocols: ['tls'], address: '127.0.0.1', port: 0, externalAddress: null }],
      tls: { ...DEFAULT_TLS_OPTIONS, ...own, ca: authority.ca, ...tls },
      hosts: { 'carrier.test': '127.0.0.1', 'other.test': '127.0.0.1' },
      ...changes,
    },
    (thrown) => contained.push(thrown),
    systemClock,
    { onNotice: (level, message) => void notices.push(`${level}: ${message}`) },
  );
}

const port = () => Number(engine.listening[0]?.split(':')[1]);
const pem = (files: CertificateFiles) => ({ cert: readFileSync(files.certificate), key: readFileSync(files.key) });
const trusting = () => ({ ca: readFileSync(authority.ca), servername: 'brusio.test' });
const OPTIONS = [
  'OPTIONS sip:brusio.test SIP/2.0',
  'Via: SIP/2.0/TLS 127.0.0.1:5099;branch=z9hG4bKtls1',
  'From: <sip:a@127.0.0.1>;tag=a',
  'To: <sip:b@127.0.0.1>',
  'Call-ID: tls',
  'CSeq: 1 OPTIONS',
  'Content-Length: 0\r\n\r\n',
].join('\r\n');
const okTo = (request: string) =>
  request
    .replace(/^OPTIONS .*/, 'SIP/2.0 200 OK')
    .replace(/^To: .*$/m, '$&;tag=peer')
    .replaceAll('\r\r', '\r');

async function server(files: CertificateFiles, options = {}): Promise<PeerServer> {
  const made = await listenPeer({ ...pem(files), ca: readFileSync(authority.ca), ...options });
  servers.push(made);
  return made;
}

/** Asks a peer, which answers 200 to whatever comes; gives the final status. */
async function ask(peer: PeerServer, uri: string): Promise<number> {
  srf ??= await connectSrf(engine);
  const answer = responseTo(srf, uri, { method: 'OPTIONS' });
  void peer.connection(0).then(async (connection) => {
    const request = await connection.received(/\r\n\r\n/).catch(() => '');
    if (request !== '') connection.write(okTo(request));
  });
  return (await answer).status;
}

describe('RFC 3261 §26.3: TLS from peers', () => {
  it('is served with TLS 1.2 or later, under SNI too', async () => {
    await start();
    const peer = await connectTlsPeer(port(), trusting());
    peer.write(OPTIONS);
    await peer.received(/200 OK/);
    expect((peer.socket as TLSSocket).authorized).toBe(true);
    peer.socket.end();
    const old = await connectTlsPeer(port(), { ...trusting(), maxVersion: 'TLSv1.1', minVersion: 'TLSv1' });
    await old.closed;
    expect(old.text()).toBe('');
  });

  it('closes a connection that speaks something else, and one that says nothing', async () => {
    await start({}, { streams: { ...DEFAULT_STREAM_LIMITS, messageMs: 200 } });
    const plain = await connectPeer(port());
    plain.write(OPTIONS);
    const mute = await connectPeer(port());
    await Promise.all([plain.closed, mute.closed]);
    expect(engine.stats()).toMatchObject({ tlsFailures: 2, connections: 0, received: 0 });
    expect(notices.filter((one) => one.startsWith('warn: TLS handshake failed')).length).toBeGreaterThan(0);
  });

  it('costs nothing for an unlisted source: it is closed before the handshake', async () => {
    await start({}, { allowedSources: ['127.0.0.9'] });
    const peer = await connectTlsPeer(port(), trusting());
    await peer.closed;
    expect(engine.stats()).toMatchObject({ connectionsUnlisted: 1, tlsFailures: 0 });
  });

  it.each([
    ['none', 'none', true],
    ['request', 'none', true],
    ['request', 'good', true],
    ['request', 'bad', false],
    ['require', 'none', false],
    ['require', 'good', true],
    ['require', 'bad', false],
  ] as const)(
    'with peerCertificate %s, a peer with %s certificate is served: %s',
    async (peerCertificate, shown, served) => {
      await start({ peerCertificate });
      const bad = stranger.issue('bad', 'DNS:carrier.test');
      const certificate = shown === 'none' ? {} : pem(shown === 'good' ? carrier : bad);
      const peer = await connectTlsPeer(port(), { ...trusting(), ...certificate });
      peer.write(OPTIONS);
      if (served) {
        await peer.received(/200 OK/);
        peer.socket.end();
      } else {
        await peer.closed;
        expect(peer.text()).toBe('');
        expect(engine.stats().tlsFailures).toBe(1);
      }
    },
  );
});

describe('RFC 5922 §7: TLS to servers', () => {
  it('goes to a server whose certificate is for the name called, with SNI and our own certificate', async () => {
    await start();
    const peer = await server(carrier, { requestCert: true, rejectUnauthorized: true });
    expect(await ask(peer, `sip:x@carrier.test:${peer.port};transport=tls`)).toBe(200);
    const { socket } = await peer.connection(0);
    expect((socket as TLSSocket).servername).toBe('carrier.test');
    expect((socket as TLSSocket).getPeerCertificate().subjectaltname).toContain('DNS:brusio.test');
    expect(peer.connections[0]?.text()).toMatch(
      new RegExp(`^Via: SIP/2\\.0/TLS 127\\.0\\.0\\.1:${port()};rport;branch=[^;]+;alias`, 'm'),
    );
  });

  it('RFC 3261 §19.1: sips means TLS', async () => {
    await start();
    const peer = await server(carrier);
    expect(await ask(peer, `sips:x@carrier.test:${peer.port}`)).toBe(200);
  });

  it('fails with 503 where the certificate is for somebody else', async () => {
    await start();
    const peer = await server(carrier);
    expect(await ask(peer, `sip:x@other.test:${peer.port};transport=tls`)).toBe(503);
    expect(peer.connections.every((one) => one.text() === '')).toBe(true);
    expect(notices).toContainEqual(
      'warn: TLS handshake failed: the certificate is for carrier.test, not for other.test',
    );
  });

  it('fails with 503 where nobody we trust has signed it, unless verifyServer is off', async () => {
    const unknown = stranger.issue('unknown', 'DNS:carrier.test');
    await start();
    const peer = await server(unknown);
    expect(await ask(peer, `sip:x@carrier.test:${peer.port};transport=tls`)).toBe(503);
    if (srf !== null) leave(srf);
    srf = null;
    await engine.stop();
    await start({ verifyServer: false });
    const again = await server(unknown);
    expect(await ask(again, `sip:x@carrier.test:${again.port};transport=tls`)).toBe(200);
  });

  it('RFC 5923 §6: does not go over a connection to another name at the same address', async () => {
    await start();
    const peer = await server(carrier);
    expect(await ask(peer, `sip:x@carrier.test:${peer.port};transport=tls`)).toBe(200);
    expect(await ask(peer, `sip:x@other.test:${peer.port};transport=tls`)).toBe(503);
  });

  it('RFC 5923 §5: calls a peer over the connection it opened, when it said alias and showed whom it is', async () => {
    await start({ peerCertificate: 'request' });
    const aliased = OPTIONS.replace('z9hG4bKtls1', 'z9hG4bKtls1;alias');
    const peer = await connectTlsPeer(port(), { ...trusting(), ...pem(carrier) });
    peer.write(aliased);
    await peer.received(/200 OK/);
    srf = await connectSrf(engine);
    const answer = responseTo(srf, 'sip:x@carrier.test:5099;transport=tls', { method: 'OPTIONS' });
    const text = await peer.received(/OPTIONS sip:x[\s\S]*\r\n\r\n/);
    peer.write(okTo(text.slice(text.indexOf('OPTIONS sip:x'))));
    expect((await answer).status).toBe(200);
    // Under another name the same connection is none.
    expect((await responseTo(srf, 'sip:x@other.test:5099;transport=tls', { method: 'OPTIONS' })).status).toBe(503);
    peer.socket.end();
  });
});

describe('the certificates', () => {
  it('are read again while it runs; a broken set changes nothing and is told', async () => {
    const used = { certificate: join(authority.dir, 'used.pem'), key: join(authority.dir, 'used.key') };
    const first = authority.issue('first', 'DNS:brusio.test');
    const second = authority.issue('second', 'DNS:brusio.test,DNS:second.test');
    const use = (files: CertificateFiles) => {
      copyFileSync(files.certificate, used.certificate);
      copyFileSync(files.key, used.key);
    };
    const shown = async () => {
      const peer = await connectTlsPeer(port(), trusting());
      const names = (peer.socket as TLSSocket).getPeerCertificate().subjectaltname;
      peer.socket.end();
      return names;
    };
    use(first);
    await start(used);
    const living = await connectTlsPeer(port(), trusting());
    expect(await shown()).toBe('DNS:brusio.test');

    writeFileSync(used.certificate, 'no certificate');
    engine.reload();
    expect(await shown()).toBe('DNS:brusio.test');
    expect(notices.at(-1)).toMatch(
      /^warn: TLS certificates cannot be used, the ones before stay in use: certificate is no/,
    );

    use(second);
    engine.reload();
    expect(await shown()).toBe('DNS:brusio.test, DNS:second.test');
    expect(notices).toContainEqual('info: TLS certificates read');
    // Its certificate ends within two days.
    expect(notices.at(-1)).toMatch(/^warn: TLS certificate ends on /);
    living.write(OPTIONS);
    await living.received(/200 OK/);
    living.socket.end();
  });

  it('are told apart by their files: each problem with the file it is in', () => {
    const files = { ca: null, ...own };
    expect(readTlsMaterial(files)).toMatchObject({ ok: true });
    const problemOf = (changes: object) => {
      const read = readTlsMaterial({ ...files, ...changes });
      return read.ok ? [] : read.problem.map(({ file, message }) => `${file} ${message.split(':')[0]}`);
    };
    expect(problemOf({ certificate: '/nowhere.pem' })).toEqual(['certificate cannot be read']);
    expect(problemOf({ key: carrier.key })).toEqual(['key does not belong to the certificate']);
    expect(problemOf({ key: own.certificate })).toEqual(['key is no private key']);
    expect(problemOf({ certificate: own.key, ca: own.key })).toEqual([
      'certificate is no certificate',
      'ca is no certificate',
    ]);
    expect(problemOf({ key: null })).toEqual(['key is missing']);
  });

  it('stop the start when they cannot be used', async () => {
    await expect(start({ key: carrier.key })).rejects.toMatchObject({
      code: 'sip.tls-files',
      message: 'TLS: key does not belong to the certificate',
    });
    await expect(start({ certificate: null, key: null })).rejects.toMatchObject({ code: 'sip.tls-files' });
  });
});
