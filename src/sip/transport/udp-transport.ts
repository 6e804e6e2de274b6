import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Hop, Listener, MessageObserver } from '../transaction/hop.ts';
import { listenError } from './listen-error.ts';
import { isWildcard, knownAs } from './own-addresses.ts';

/** A bound UDP socket that speaks SIP (RFC 3261 §18). */
export type UdpTransport = {
  /** With its real address and port. */
  readonly listener: Listener;
  send(octets: Buffer, hop: Hop, failed: () => void): void;
  close(): Promise<void>;
};

/** Socket buffer asked for: at 250 calls/s some 4,000 messages of 1 KiB a second, so a quarter of a second of them. */
const SOCKET_BUFFER_OCTETS = 1 << 20;

/** Where to bind; port 0 takes any free one. */
export type UdpPlace = { readonly address: string; readonly port: number; readonly externalAddress?: string | null };

/** What arrives, and what goes wrong. */
export type UdpEvents = {
  /** Must not throw. */
  readonly onMessage: (octets: Buffer, source: Hop) => void;
  readonly onError: (thrown: Error) => void;
  readonly observer?: { readonly observe: MessageObserver; readonly clock: Clock } | null;
};

/**
 * Binds and starts to receive. Throws `AppError` `sip.address-in-use`, `sip.address-not-available` or
 * `sip.cannot-listen`.
 */
export async function bindUdp(listen: UdpPlace, events: UdpEvents): Promise<UdpTransport> {
  const { onMessage, onError, observer = null } = events;
  const family = isIPv6(listen.address) ? 6 : 4;
  const socket: Socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    // An IPv4 peer has a listener of its own; here it would come as ::ffff:192.0.2.1, which no list of sources knows.
    ipv6Only: family === 6,
    // Addresses are always literal here; the usual look-up would put off every send by a turn of the event loop.
    lookup: (hostname, _options, callback) => callback(null, hostname, family),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (cause) => reject(listenError(listen, 'udp', cause)));
    socket.bind(listen.port, listen.address, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
  socket.on('error', onError);
  enlarge(socket);
  const { address, port } = socket.address();
  const host = knownAs(address, listen.externalAddress ?? null);
  const listener: Listener = { protocol: 'udp', address, port, host };
  const place = { address: isWildcard(address) ? host : address, port };
  socket.on('message', (octets, remote) => {
    if (observer !== null) observer.observe('in', octets, place, remote, 'udp', observer.clock.now());
    onMessage(octets, { protocol: 'udp', address: remote.address, port: remote.port, listener });
  });

  let isOpen = true;
  return {
    listener,
    send(octets, hop, failed) {
      if (!isOpen) return;
      if (observer !== null) observer.observe('out', octets, place, hop, 'udp', observer.clock.now());
      socket.send(octets, hop.port, hop.address, (error) => {
        if (error !== null) failed();
      });
    },
    close: () =>
      new Promise((resolve) => {
        if (!isOpen) {
          resolve();
          return;
        }
        isOpen = false;
        socket.close(() => resolve());
      }),
  };
}

function enlarge(socket: Socket): void {
  try {
    socket.setRecvBufferSize(SOCKET_BUFFER_OCTETS);
    socket.setSendBufferSize(SOCKET_BUFFER_OCTETS);
  } catch {
    // The system allows less: what it gives by default works too.
  }
}
