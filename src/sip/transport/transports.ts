import type { Faces } from '../dialog/faces.ts';
import type { ListenOption } from '../engine-options.ts';
import type { Hop, Listener, SendOctets } from '../transaction/hop.ts';
import { createFaces } from './listener-choice.ts';
import { isWildcard, ownAddresses } from './own-addresses.ts';
import { bindUdp, type UdpTransport } from './udp-transport.ts';

/** All sockets of an engine. */
export type Transports = {
  readonly faces: Faces;
  readonly send: SendOctets;
  /** Whether that is one of our own listeners. */
  isSelf(hop: Hop): boolean;
  close(): Promise<void>;
};

/** What arrives, and what goes wrong. */
export type TransportEvents = {
  /** Must not throw. */
  readonly onMessage: (octets: Buffer, source: Hop) => void;
  readonly onError: (thrown: Error) => void;
};

/** Opens every listener, or none: throws what the first that cannot be opened throws. */
export async function openTransports(listen: readonly ListenOption[], events: TransportEvents): Promise<Transports> {
  const sockets = new Map<Listener, UdpTransport>();
  const close = async () => {
    await Promise.all([...sockets.values()].map((socket) => socket.close()));
  };
  try {
    for (const option of listen) {
      const socket = await bindUdp(option, events);
      sockets.set(socket.listener, socket);
    }
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const faces = createFaces([...sockets.keys()]);
  const own = new Set(
    faces.all.flatMap((one) => addressesOf(one).map((address) => key(one.protocol, address, one.port))),
  );

  return {
    faces,
    send(octets, hop, failed) {
      sockets.get(faces.facing(hop))?.send(octets, hop, failed);
    },
    isSelf: (hop) => own.has(key(hop.protocol, hop.address, hop.port)),
    close,
  };
}

function addressesOf({ address, host }: Listener): string[] {
  return [address, host, ...(isWildcard(address) ? ownAddresses() : [])];
}

function key(protocol: string, address: string, port: number): string {
  return `${protocol} ${address} ${port}`;
}
