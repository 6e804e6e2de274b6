/** TLS around a SIPp that speaks plain TCP: Debian's is built without it. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer, type TlsOptions } from 'node:tls';
import type { Endpoint } from './engine-under-test.ts';

/** A tunnel that runs. */
export type TlsTunnel = { close(): Promise<void> };

/** Takes plain TCP at `from` and speaks TLS to `to`. */
export function intoTls(from: Endpoint, to: Endpoint, options: object): Promise<TlsTunnel> {
  const place = { host: to.address, port: to.port, localAddress: from.address };
  return tunnel(createServer(), from, () => connectTls({ ...place, ...options }));
}

/** Takes TLS at `from` and speaks plain TCP to `to`. */
export function outOfTls(from: Endpoint, to: Endpoint, options: TlsOptions): Promise<TlsTunnel> {
  const server = createTlsServer(options);
  return tunnel(server, from, () => connect({ host: to.address, port: to.port }), 'secureConnection');
}

async function tunnel(server: Server, from: Endpoint, open: () => Socket, event = 'connection'): Promise<TlsTunnel> {
  const sockets = new Set<Socket>();
  server.on(event, (near: Socket) => {
    const far = open();
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen(from.port, from.address);
  await once(server, 'listening');
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
