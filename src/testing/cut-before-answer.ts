/** Stands between a test's store and its PostgreSQL, and cuts the connection where it hurts. */

import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A place to connect to instead of the server's. */
export type ConnectionCutter = {
  readonly url: string;
  /** The next time the client sends this text, the server gets it and the client hears no more. */
  next(text: string): void;
  /** How many times that happened. */
  cuts(): number;
  /** The clients' connections end; the server is not told. */
  loseClients(): void;
  close(): Promise<void>;
};

/** For a server on a Unix socket, as `startPostgresqlServer` has it. */
export async function cutBeforeAnswer(url: string): Promise<ConnectionCutter> {
  const [, socketFolder = ''] = /host=([^&]+)/.exec(url) ?? [];
  const folder = await mkdtemp(join(tmpdir(), 'brusio-cut-'));
  let awaited: string | null = null;
  let cuts = 0;
  const clients = new Set<Socket>();
  const upstreams = new Set<Socket>();

  const listener = createServer((client) => {
    const upstream = connect(join(socketFolder, '.s.PGSQL.5432'));
    clients.add(client);
    upstreams.add(upstream);
    let isCut = false;
    client.on('data', (octets) => {
      upstream.write(octets);
      if (awaited === null || !octets.includes(awaited)) return;
      awaited = null;
      isCut = true;
      cuts++;
    });
    upstream.on('data', (octets) => {
      // The server has answered: it is done there.
      if (isCut) client.destroy();
      else client.write(octets);
    });
    client.on('error', () => {});
    upstream.on('error', () => {});
    client.on('close', () => clients.delete(client));
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => listener.listen(join(folder, '.s.PGSQL.5432'), resolve));
  return {
    url: url.replace(socketFolder, folder),
    next(text) {
      awaited = text;
    },
    cuts: () => cuts,
    loseClients() {
      for (const client of clients) client.destroy();
    },
    async close() {
      for (const socket of [...clients, ...upstreams]) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}
