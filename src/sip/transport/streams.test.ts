import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEngine, type LocalEngine } from '../engine.ts';
import { DEFAULT_ENGINE_OPTIONS, type EngineOptions } from '../engine-options.ts';
import {
  connectSrf,
  leave,
  responseTo,
  type SrfClient,
  type SrfRequest,
  type SrfResponse,
} from '../testing/srf-client.ts';
import { connectPeer, listenPeer, type PeerConnection, type PeerServer } from '../testing/stream-peer.ts';
import { DEFAULT_STREAM_LIMITS } from './stream-limits.ts';

let engine: LocalEngine;
let srf: SrfClient | null;
let contained: unknown[];
const servers: PeerServer[] = [];

async function start(changes: Partial<EngineOptions> = {}): Promise<void> {
  await engine?.stop();
  engine = await createEngine({ ...DEFAULT_ENGINE_OPTIONS, ...changes }, (thrown) => contained.push(thrown));
}

async function application(): Promise<SrfClient> {
  srf = await connectSrf(engine);
  return srf;
}

async function server(port = 0): Promise<PeerServer> {
  const made = await listenPeer(null, port);
  servers.push(made);
  return made;
}

beforeEach(async () => {
  contained = [];
  srf = null;
  await start();
});

afterEach(async () => {
  if (srf !== null) leave(srf);
  await engine.stop();
  for (const one of servers.splice(0)) await one.close();
  expect(contained).toEqual([]);
});

const port = () => Number(engine.listening.find((one) => one.startsWith('tcp/'))?.split(':')[1]);

let serial = 0;
const options = (via = '127.0.0.1:5099', extra: readonly string[] = []) => {
  serial++;
  return [
    'OPTIONS sip:127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TCP ${via};branch=z9hG4bKo${serial}`,
    'From: <sip:a@127.0.0.1>;tag=a',
    'To: <sip:b@127.0.0.1>',
    `Call-ID: o${serial}`,
    'CSeq: 1 OPTIONS',
    ...extra,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
};
const answerTo = (request: string, status = '200 OK', extra: readonly string[] = []) => {
  const line = (name: string) => new RegExp(`^${name}: .*$`, 'im').exec(request)?.[0] ?? '';
  const to = line('To');
  return [
    `SIP/2.0 ${status}`,
    line('Via'),
    line('From'),
    to.includes('tag=') ? to : `${to};tag=peer`,
    line('Call-ID'),
    line('CSeq'),
    ...extra,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
};
const answers = (peer: PeerConnection) => peer.text().match(/^SIP\/2\.0 \d+/gm) ?? [];

describe('RFC 3261 §18.2.2, §18.3: requests over TCP', () => {
  it('are answered over the same connection, several in one segment and one in many', async () => {
    const peer = await connectPeer(port());
    peer.write(options() + options() + options());
    await peer.received(/(SIP\/2\.0 200[\s\S]*){3}/);
    for (const octet of options()) peer.write(octet);
    await peer.received(/(SIP\/2\.0 200[\s\S]*){4}/);
    expect(peer.text()).toContain(`;rport=${peer.socket.localPort};received=127.0.0.1`);
    expect(engine.stats()).toMatchObject({ connections: 1, connectionsAccepted: 1, received: 4 });
    peer.socket.end();
  });

  it('§18.2.2: are answered over a new connection to the sent-by port when theirs is gone', async () => {
    const app = await application();
    const back = await server();
    const peer = await connectPeer(port());
    const arrived = new Promise<{ req: SrfRequest; res: SrfResponse }>((resolve) => {
      app.options((req, res) => resolve({ req, res }));
    });
    peer.write(options(`127.0.0.1:${back.port}`));
    const { req, res } = await arrived;
    expect(req.protocol).toBe('tcp');
    peer.socket.destroy();
    await peer.closed;
    while (engine.stats().connections > 0) await new Promise((resolve) => setImmediate(resolve));
    res.send(200);
    expect(await (await back.connection(0)).received(/\r\n\r\n/)).toMatch(/^SIP\/2\.0 200 OK/);
  });

  it('RFC 5626 §4.4.1: a ping gets its pong', async () => {
    const peer = await connectPeer(port());
    peer.write('\r\n\r', '\n');
    expect(await peer.received(/\n/)).toBe('\r\n');
    expect(engine.stats().keepAlives).toBe(1);
    peer.socket.end();
  });

  it('malformed ones are answered 400, and the connection goes on', async () => {
    const peer = await connectPeer(port());
    peer.write(options().replace('CSeq: 1 OPTIONS', 'CSeq: x'), options());
    await peer.received(/400 [\s\S]*SIP\/2\.0 200/);
    peer.socket.end();
  });
});

describe('connections that mean no good', () => {
  it.each([
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a TLS ClientHello', Buffer.from([0x16, 3, 1, 2, 0, 1, 0])],
    ['a message without Content-Length', options().replace('Content-Length: 0\r\n', '')],
    ['a Content-Length that is none', options().replace('Length: 0', 'Length: -5')],
    ['a message too large', options().replace('Length: 0', 'Length: 70000')],
    ['a head without end', `OPTIONS sip:a SIP/2.0\r\n${'X: y\r\n'.repeat(8_000)}`],
  ])('are closed and counted: %s', async (_name, octets) => {
    const peer = await connectPeer(port());
    peer.write(octets);
    await peer.closed;
    expect(answers(peer)).toEqual([]);
    expect(engine.stats().framingFaults).toBe(1);
    const good = await connectPeer(port());
    good.write(options());
    await good.received(/200 OK/);
    good.socket.end();
  });

  it('from an unlisted source: never get to say a word', async () => {
    await start({ allowedSources: ['127.0.0.1'] });
    const strangers = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const peer = await connectPeer(port(), '127.0.0.66').catch(() => null);
        peer?.write(options());
        return peer;
      }),
    );
    const listed = await connectPeer(port());
    listed.write(options());
    await listed.received(/200 OK/);
    await Promise.all(strangers.map((peer) => peer?.closed));
    for (const peer of strangers) expect(peer?.text() ?? '').toBe('');
    expect(engine.stats()).toMatchObject({ connectionsUnlisted: 200, connectionsAccepted: 1, received: 1 });
    listed.socket.end();
  });

  it('that begin a message and do not end it, or say nothing at all', async () => {
    await start({ streams: { ...DEFAULT_STREAM_LIMITS, messageMs: 100 } });
    const mute = await connectPeer(port());
    const slow = await connectPeer(port());
    slow.write(options(), 'OPTIONS sip:a');
    await Promise.all([mute.closed, slow.closed]);
    expect(answers(slow)).toEqual(['SIP/2.0 200']);
    expect(engine.stats()).toMatchObject({ slowMessages: 2, connections: 0 });
  });

  it('that do not read what we answer', async () => {
    await start({ streams: { ...DEFAULT_STREAM_LIMITS, pendingOctetsMax: 50_000 } });
    const peer = await connectPeer(port());
    peer.socket.pause();
    const flood = () => {
      for (let count = 0; count < 100 && !peer.socket.destroyed; count++) peer.write(options());
    };
    while (engine.stats().slowReaders === 0) {
      flood();
      await new Promise((resolve) => setImmediate(resolve));
    }
    peer.socket.destroy();
    expect(engine.stats().slowReaders).toBe(1);
  });
});

describe('an engine that stops', () => {
  it('does not wait for a peer that does not read', async () => {
    await start({ streams: { ...DEFAULT_STREAM_LIMITS, pendingOctetsMax: 1 << 30 } });
    const peer = await connectPeer(port());
    peer.socket.pause();
    // More answers than the system's buffers hold.
    const many = 30_000;
    for (let count = 0; count < many; count++) peer.write(options());
    while (engine.stats().received < many) await new Promise((resolve) => setImmediate(resolve));
    await engine.stop();
    peer.socket.destroy();
  });
});

describe('the limit of connections', () => {
  it('turns the next one away while none is idle, and takes one again when there is room', async () => {
    await start({ streams: { ...DEFAULT_STREAM_LIMITS, connectionsMax: 20 } });
    const peers = await Promise.all(Array.from({ length: 20 }, () => connectPeer(port())));
    for (const peer of peers) peer.write(options());
    await Promise.all(peers.map((peer) => peer.received(/200 OK/)));
    const late = await connectPeer(port());
    await late.closed;
    expect(engine.stats()).toMatchObject({ connections: 20, connectionLimit: 1 });
    peers[0]?.socket.destroy();
    while (engine.stats().connections === 20) await new Promise((resolve) => setImmediate(resolve));
    const again = await connectPeer(port());
    again.write(options());
    await again.received(/200 OK/);
    for (const peer of [...peers, again]) peer.socket.destroy();
  });

  it('an idle connection is closed after its time', async () => {
    await start({ streams: { ...DEFAULT_STREAM_LIMITS, idleMs: 150 } });
    const peer = await connectPeer(port());
    peer.write(options());
    await peer.closed;
    expect(answers(peer)).toEqual(['SIP/2.0 200']);
    expect(engine.stats()).toMatchObject({ connectionsIdle: 1, connections: 0 });
  });
});

describe('RFC 3261 §18.1.1, RFC 5923: requests of ours over TCP', () => {
  const ask = (app: SrfClient, uri: string, headers = {}) => responseTo(app, uri, { method: 'OPTIONS', headers });

  it('go over one connection to the same place, with Via and Contact of the TCP listener', async () => {
    const app = await application();
    const peer = await server();
    const uri = `sip:x@127.0.0.1:${peer.port};transport=tcp`;
    const first = ask(app, uri);
    const connection = await peer.connection(0);
    const request = await connection.received(/\r\n\r\n/);
    expect(request).toMatch(new RegExp(`^Via: SIP/2\\.0/TCP 127\\.0\\.0\\.1:${port()};rport;branch=`, 'm'));
    connection.write(answerTo(request));
    expect((await first).status).toBe(200);

    const invite = { method: 'INVITE', body: 'v=0\r\n', headers: { Contact: '<sip:me@localhost>' } };
    const response = responseTo(app, uri, invite);
    const text = await connection.received(/INVITE [\s\S]*v=0/);
    expect(text).toContain(`Contact: <sip:me@127.0.0.1:${port()};transport=tcp>`);
    connection.write(answerTo(text.slice(text.indexOf('INVITE')), '486 Busy Here'));
    expect((await response).status).toBe(486);
    expect(peer.connections).toHaveLength(1);
    expect(engine.stats()).toMatchObject({ connectionsOpened: 1, connections: 1 });
  });

  it('fail with 503, after the receipt, where nobody listens', async () => {
    const app = await application();
    const peer = await server();
    await peer.close();
    const response = await ask(app, `sip:x@127.0.0.1:${peer.port};transport=tcp`);
    expect(response.status).toBe(503);
  });

  it('§18.4: are sent again, once, when their connection is closed before an answer', async () => {
    const app = await application();
    const peer = await server();
    const response = ask(app, `sip:x@127.0.0.1:${peer.port};transport=tcp`);
    const first = await peer.connection(0);
    const request = await first.received(/\r\n\r\n/);
    first.socket.destroy();
    const second = await peer.connection(1);
    expect(await second.received(/\r\n\r\n/)).toBe(request);
    second.socket.destroy();
    expect((await response).status).toBe(503);
    expect(peer.connections).toHaveLength(2);
  });

  it('§18.4: reach a peer that was started anew', async () => {
    const app = await application();
    const peer = await server();
    const uri = `sip:x@127.0.0.1:${peer.port};transport=tcp`;
    const first = ask(app, uri);
    const before = await peer.connection(0);
    before.write(answerTo(await before.received(/\r\n\r\n/)));
    await first;
    await peer.close();
    const reborn = await server(peer.port);
    const second = ask(app, uri);
    const after = await reborn.connection(0);
    after.write(answerTo(await after.received(/\r\n\r\n/)));
    expect((await second).status).toBe(200);
  });

  it('§18.1.1: leave UDP when they are too large for it, and come back when TCP is refused', async () => {
    const app = await application();
    const udpOnly = await createEngine(
      {
        ...DEFAULT_ENGINE_OPTIONS,
        listen: [{ protocols: ['udp'], address: '127.0.0.1', port: 0, externalAddress: null }],
      },
      (thrown) => contained.push(thrown),
    );
    const far = udpOnly.listening[0]?.slice('udp/'.length);
    const large = { 'X-Large': 'x'.repeat(1_400) };
    expect((await ask(app, `sip:${far}`, large)).status).toBe(200);
    expect(engine.stats().connectFailures).toBe(0);
    expect(engine.stats().sendErrors).toBe(1);

    const both = await createEngine(DEFAULT_ENGINE_OPTIONS, (thrown) => contained.push(thrown));
    const near = both.listening[0]?.slice('udp/'.length);
    expect((await ask(app, `sip:${near}`, large)).status).toBe(200);
    expect(both.stats()).toMatchObject({ connectionsAccepted: 1 });
    await Promise.all([udpOnly.stop(), both.stop()]);
  });
});
