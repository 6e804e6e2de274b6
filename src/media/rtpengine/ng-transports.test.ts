import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type Socket as Connection, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { NgClient } from './ng-client.ts';
import { openNg } from './ng-open.ts';

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function clientOf(transport: 'udp' | 'tcp', port: number, address = '127.0.0.1'): NgClient {
  const client = new NgClient({
    open: openNg({ transport, address, port }, systemClock),
    clock: systemClock,
    timeoutMs: 10_000,
    cookiePrefix: 'k',
    onHeard: () => undefined,
    onUnanswered: () => undefined,
  });
  closers.push(() => client.close());
  return client;
}

/** Answers every request as `reply` says. */
async function udpDaemon(reply: (cookie: string) => string, address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (message, from) =>
    socket.send(reply(message.toString().split(' ', 1)[0] ?? ''), from.port, from.address),
  );
  socket.bind(0, address);
  await once(socket, 'listening');
  closers.push(() => socket.close());
  return socket;
}

describe('over UDP', () => {
  it.each(['127.0.0.1', '::1'])('a question is asked and answered on %s', async (address) => {
    const daemon = await udpDaemon((cookie) => `${cookie} d6:result4:ponge`, address);
    await expect(clientOf('udp', daemon.address().port, address).ask({ command: 'ping' })).resolves.toMatchObject({
      result: 'pong',
    });
  });

  it('nobody but the rtpengine that was asked is heard', async () => {
    const heard = Promise.withResolvers<number>();
    const daemon = createSocket('udp4');
    daemon.on('message', (_message, { port }) => heard.resolve(port));
    daemon.bind(0, '127.0.0.1');
    await once(daemon, 'listening');
    closers.push(() => daemon.close());
    const client = clientOf('udp', daemon.address().port);
    const asked = client.ask({ command: 'ping' });
    const clientPort = await heard.promise;
    const stranger = createSocket('udp4');
    closers.push(() => stranger.close());
    await new Promise((sent) => stranger.send('k1 d6:result5:errore', clientPort, '127.0.0.1', sent));
    daemon.send('k1 d6:result4:ponge', clientPort, '127.0.0.1');
    await expect(asked).resolves.toMatchObject({ result: 'pong' });
    expect(client.counts()).toMatchObject({ unexpected: 0, malformed: 0 });
  });

  it('a daemon that comes later answers what was asked before, since it is asked again', async () => {
    const place = await udpDaemon(() => '');
    const { port } = place.address();
    place.close();
    closers.pop();
    await once(place, 'close');
    const client = clientOf('udp', port);
    const asked = client.ask({ command: 'ping' });
    await expect.poll(() => client.problem()).toMatch(/ECONNREFUSED/);
    const daemon = createSocket('udp4');
    daemon.on('message', (message, from) =>
      daemon.send(`${message.toString().split(' ', 1)[0]} d6:result4:ponge`, from.port, from.address),
    );
    daemon.bind(port, '127.0.0.1');
    closers.push(() => daemon.close());
    await expect(asked).resolves.toMatchObject({ result: 'pong' });
    expect(client.problem()).toBeNull();
  });
});

describe('over TCP', () => {
  async function tcpDaemon(onConnection: (connection: Connection, nth: number) => void): Promise<number> {
    let connections = 0;
    const live = new Set<Connection>();
    const server: Server = createServer((connection) => {
      live.add(connection);
      connection.on('error', () => undefined);
      connections += 1;
      onConnection(connection, connections);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => {
      for (const connection of live) connection.destroy();
      server.close();
    });
    const address = server.address();
    return typeof address === 'object' ? (address?.port ?? 0) : 0;
  }

  it('answers come in any order and in pieces', async () => {
    const port = await tcpDaemon((connection) => {
      let text = '';
      connection.on('data', (chunk) => {
        text += chunk.toString();
        if (!text.includes('k2 ')) return;
        connection.write('k2 d6:result4:pongek1 d6:res');
        setImmediate(() => connection.write('ult4:ponge'));
      });
    });
    const client = clientOf('tcp', port);
    await expect(Promise.all([client.ask({ command: 'ping' }), client.ask({ command: 'ping' })])).resolves.toHaveLength(
      2,
    );
  });

  it.each([
    ['is cut', (connection: Connection) => connection.destroy()],
    [
      'brings something that is no answer',
      (connection: Connection) => connection.write('HTTP/1.1 400 Bad Request\r\n'),
    ],
  ])('a connection that %s is opened anew, and what was asked is asked again', async (_what, spoil) => {
    const port = await tcpDaemon((connection, nth) => {
      connection.on('data', (chunk) => {
        if (nth === 1) spoil(connection);
        else connection.write(`${chunk.toString().split(' ', 1)[0]} d6:result4:ponge`);
      });
    });
    const client = clientOf('tcp', port);
    await expect(client.ask({ command: 'ping' })).resolves.toMatchObject({ result: 'pong' });
    expect(client.counts().resent).toBeGreaterThan(0);
  });
});
