import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';

/** One connection of a peer of a test: what came over it, as text. */
export type PeerConnection = {
  readonly socket: Socket;
  /** Everything received so far. */
  text(): string;
  /** Resolves once what was received matches; rejects when the connection ends before. */
  received(pattern: RegExp): Promise<string>;
  /** Resolves when it is closed, by whomever. */
  readonly closed: Promise<void>;
  write(...segments: (string | Buffer)[]): void;
};

/** A server of a test, TCP or TLS. */
export type PeerServer = {
  readonly port: number;
  /** In the order in which they came. */
  readonly connections: PeerConnection[];
  /** The next connection that comes, or the one of that index. */
  connection(index: number): Promise<PeerConnection>;
  close(): Promise<void>;
};

/** Wraps a socket that is open, or will be. */
export function peerConnection(socket: Socket): PeerConnection {
  let text = '';
  const waiting = new Set<() => void>();
  let isClosed = false;
  socket.on('data', (octets: Buffer) => {
    text += octets.toString('latin1');
    for (const look of waiting) look();
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      isClosed = true;
      for (const look of waiting) look();
      resolve();
    });
  });
  return {
    socket,
    text: () => text,
    received: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(text)) resolve(text);
          else if (isClosed) reject(new Error(`closed after: ${text}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    closed,
    write(...segments) {
      for (const segment of segments) socket.write(segment);
    },
  };
}

/** Connects to `127.0.0.1:port`, from another loopback address when told. */
export async function connectPeer(port: number, localAddress?: string): Promise<PeerConnection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, ...(localAddress && { localAddress }) });
  const peer = peerConnection(socket);
  await Promise.race([once(socket, 'connect').catch(() => undefined), peer.closed]);
  return peer;
}

/** Connects with TLS; resolves when the handshake is over, or has failed. */
export async function connectTlsPeer(port: number, options: object): Promise<PeerConnection> {
  const socket = connectTls({ host: '127.0.0.1', port, ...options });
  const peer = peerConnection(socket);
  await Promise.race([once(socket, 'secureConnect').catch(() => undefined), peer.closed]);
  return peer;
}

/** Listens on a free port of 127.0.0.1, or on that one; `tls` makes it a TLS server. */
export async function listenPeer(tls: TlsOptions | null = null, port = 0, address = '127.0.0.1'): Promise<PeerServer> {
  const connections: PeerConnection[] = [];
  const waiting = new Set<() => void>();
  const take = (socket: Socket | TLSSocket) => {
    connections.push(peerConnection(socket));
    for (const look of waiting) look();
  };
  const server: Server = tls === null ? createServer(take) : createTlsServer(tls, take);
  server.on('tlsClientError', () => undefined);
  server.listen(port, address);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    connection: (index) =>
      new Promise((resolve) => {
        const look = () => {
          const found = connections[index];
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { socket } of connections) socket.destroy();
      }),
  };
}
