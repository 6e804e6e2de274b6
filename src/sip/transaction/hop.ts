import type { Instant } from '../../base/clock.ts';

/** The transport protocols of this engine (RFC 3261 §18). */
export type TransportProtocol = 'udp' | 'tcp' | 'tls';

/** One of our own places: where a socket is bound, and what peers know it by. */
export type Listener = {
  readonly protocol: TransportProtocol;
  /** The address the socket is bound to; `0.0.0.0` and `::` stand for all of this machine's. */
  readonly address: string;
  readonly port: number;
  /** What Via and Contact say: an IP address without brackets. */
  readonly host: string;
};

/** The far end of one hop: where a message came from or goes to. `address` is an IP address without brackets. */
export type Hop = {
  readonly protocol: TransportProtocol;
  readonly address: string;
  readonly port: number;
  /** The listener a message came in at; absent where one has still to be chosen. */
  readonly listener?: Listener;
  /** The connection a message came over, for the answer to take (RFC 3261 §18.2.2). */
  readonly connection?: number;
  /** The port its topmost Via names: where an answer goes when the connection is gone (§18.2.2). */
  readonly returnPort?: number;
  /** The name that was called: what the certificate of a TLS peer has to show (RFC 5922 §7). */
  readonly name?: string;
};

/** Hands octets to the network; `failed` is called, never synchronously, when the system refuses them. */
export type SendOctets = (octets: Buffer, hop: Hop, failed: () => void) => void;

/** Whether that transport neither loses nor doubles messages, so that nothing is sent twice over it (RFC 3261 §17). */
export function isReliable(hop: { readonly protocol: TransportProtocol }): boolean {
  return hop.protocol !== 'udp';
}

/** The port that a URI or Via without one means (RFC 3261 §18.2.2, §19.1.2). */
export function defaultPort(protocol: TransportProtocol): number {
  return protocol === 'tls' ? 5061 : 5060;
}

/** An address and a port of a socket, as told to whoever watches the messages. */
export type SocketPlace = { readonly address: string; readonly port: number };

/**
 * Sees every message as it is on the wire, keep-alives not; must not throw, and must copy what it wants to keep of the
 * octets. `local` and `remote` are the ends of the socket.
 */
export type MessageObserver = (
  direction: 'in' | 'out',
  octets: Buffer,
  local: SocketPlace,
  remote: SocketPlace,
  protocol: TransportProtocol,
  at: Instant,
) => void;
