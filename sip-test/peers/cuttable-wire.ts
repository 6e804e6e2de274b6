/** A TCP relay that can be cut, as a cable can: whoever is connected is reset, and nobody gets through until it is whole. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A place on the network. */
export type Place = { readonly host: string; readonly port: number };

/** A relay that runs. */
export type CuttableWire = { cut(forMs: number): void; close(): void };

/**
 * Listens at `from` and carries everything to `to`.
 *
 * @param speaksAs the address that it connects from, where the far end lets nobody else in
 */
export async function cuttableWire(to: Place, from: Place, speaksAs: string): Promise<CuttableWire> {
  const ends = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.on('error', () => undefined);
      near.resetAndDestroy();
      return;
    }
    const far = connect({ ...to, localAddress: speaksAs });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(one);
      one.setNoDelay(true);
      one.pipe(other);
      one.on('error', () => undefined);
      one.on('close', () => {
        ends.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(from.port, from.host);
  await once(server, 'listening');
  return {
    cut(forMs) {
      isCut = true;
      for (const end of ends) end.resetAndDestroy();
      setTimeout(() => {
        isCut = false;
      }, forMs);
    },
    close() {
      server.close();
      for (const end of ends) end.destroy();
    },
  };
}
