/** A TCP relay that can be cut, as a cable can: whoever is connected is reset, and nobody gets through until it is whole. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A place on the network. */
type Place = { readonly host: string; readonly port: number };

/** Listens at `from` and carries everything to `to`. */
export async function cuttableWire(to: Place, from: Place): Promise<{ cut(forMs: number): void; close(): void }> {
  const ends = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(to.port, to.host);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(one);
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
