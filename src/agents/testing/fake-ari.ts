/** ARI on a socket, as far as a source speaks with it: HTTP for requests, a WebSocket (RFC 6455) for events. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What it answers. */
export type FakeAriState = {
  password: string;
  channels: readonly unknown[];
  bridges: readonly unknown[];
  /** Takes requests and says nothing. */
  isSilent: boolean;
};

/** A server that can be told what to say. */
export type FakeAri = {
  readonly url: string;
  readonly state: FakeAriState;
  /** Method and path of each request, with its body. */
  readonly requests: string[];
  /** One text message to every client. */
  say(text: string): void;
  /** The first octets of a message that will never be whole, and the end of every connection. */
  cut(): void;
  stop(): Promise<void>;
};

/** Listens on 127.0.0.1. */
export async function startFakeAri(state: FakeAriState): Promise<FakeAri> {
  const clients = new Set<Duplex>();
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += String(piece)));
    request.on('end', () => {
      requests.push(`${request.method} ${request.url}${body && ` ${body}`}`);
      if (state.isSilent) return;
      const path = request.url?.replace(/\?.*/, '');
      const answers: Record<string, unknown> = {
        '/ari/asterisk/info': {},
        '/ari/channels': state.channels,
        '/ari/bridges': state.bridges,
        '/ari/applications/brusio/eventFilter': {},
      };
      const answer = answers[path ?? ''];
      const status = !isKnown(request.headers.authorization) ? 401 : answer === undefined ? 404 : 200;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket) => {
    requests.push(`UPGRADE ${request.url}`);
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    clients.add(socket);
    socket.on('error', () => clients.delete(socket));
    socket.on('close', () => clients.delete(socket));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function isKnown(authorization: string | undefined): boolean {
    return authorization === `Basic ${Buffer.from(`brusio:${state.password}`).toString('base64')}`;
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    requests,
    say(text) {
      for (const client of clients) client.write(textFrame(text));
    },
    cut() {
      for (const client of clients) client.write(textFrame('{"type":"ChannelEnteredBridge"}').subarray(0, 9));
      for (const socket of sockets) socket.destroy();
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A whole text message from a server (RFC 6455 §5.2): FIN and opcode 1, no mask, a length of 7 or 16 bits. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length < 126) return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
  return Buffer.concat([Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]), payload]);
}
