import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import type { Counters } from '../counters.ts';
import type { Listener } from '../transaction/hop.ts';
import { listenError } from './listen-error.ts';
import { knownAs } from './own-addresses.ts';
import { type StreamLimits, TCP_KEEP_ALIVE_MS } from './stream-limits.ts';
import type { StreamPool } from './stream-pool.ts';
import { TLS_VERSION_MIN, type TlsContexts } from './tls-contexts.ts';
import type { TlsOptions } from './tls-options.ts';

/** A socket that takes connections. */
export type StreamListener = { readonly listener: Listener; close(): Promise<void> };

/** Where to listen; port 0 takes any free one. */
export type StreamPlace = {
  readonly protocol: 'tcp' | 'tls';
  readonly address: string;
  readonly port: number;
  readonly externalAddress: string | null;
};

/** What a listener stands on. */
export type StreamListenerOptions = {
  readonly limits: StreamLimits;
  readonly counters: Counters;
  readonly tls: TlsContexts;
  readonly peerCertificate: TlsOptions['peerCertificate'];
  /** Whether a source may talk at all. */
  readonly isAllowed: (address: string) => boolean;
  /** Why a TLS handshake failed. */
  readonly onTlsFailure: (reason: string) => void;
};

/** Connections that the system keeps for us until we take them. */
const BACKLOG = 256;

/**
 * Takes connections and hands them to the pool. A source that is not allowed is turned away before it can say a word, and
 * before TLS costs anything. Throws `AppError` like `bindUdp`.
 */
export async function listenForStreams(
  place: StreamPlace,
  pool: () => StreamPool,
  options: StreamListenerOptions,
): Promise<StreamListener> {
  const { limits, counters, isAllowed } = options;
  const server: Server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(listenError(place, place.protocol, cause)));
    server.listen({ host: place.address, port: place.port, backlog: BACKLOG, ipv6Only: true }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
  // The system is out of descriptors: what waits in the backlog is taken when there are some again.
  server.on('error', () => void counters.sendErrors++);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : place.port;
  const host = knownAs(place.address, place.externalAddress);
  const listener: Listener = { protocol: place.protocol, address: place.address, port, host };

  /** By where they come from: the TLS socket does not tell which one it stands on. */
  const handshakes = new Map<string, Socket>();
  const placeOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`;
  const tlsServer = place.protocol === 'tls' ? tlsServerOf(options) : null;
  tlsServer?.on('secureConnection', (socket: TLSSocket) => {
    handshakes.delete(placeOf(socket));
    const hasCertificate = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
    // `request` serves a peer without a certificate, but not one with a bad one.
    if (hasCertificate && !socket.authorized) {
      counters.tlsFailures++;
      options.onTlsFailure(String(socket.authorizationError ?? 'peer certificate not trusted'));
      socket.destroy();
      return;
    }
    pool().adopt(socket, listener, hasCertificate);
  });
  tlsServer?.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    counters.tlsFailures++;
    options.onTlsFailure((error as NodeJS.ErrnoException).code ?? error.message);
    socket.destroy();
  });

  server.on('connection', (socket) => {
    socket.on('error', () => socket.destroy());
    if (!isAllowed(socket.remoteAddress ?? '')) {
      counters.connectionsUnlisted++;
      socket.resetAndDestroy();
      return;
    }
    if (handshakes.size >= limits.connectionsMax || !pool().hasRoom()) {
      socket.resetAndDestroy();
      return;
    }
    if (tlsServer === null) {
      pool().adopt(socket, listener, false);
      return;
    }
    const from = placeOf(socket);
    handshakes.set(from, socket);
    socket.once('close', () => {
      if (handshakes.get(from) === socket) handshakes.delete(from);
    });
    tlsServer.emit('connection', socket);
  });

  return {
    listener,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of handshakes.values()) socket.destroy();
      }),
  };
}

function tlsServerOf({ limits, tls, peerCertificate }: StreamListenerOptions): TlsServer {
  const pem = () => {
    const { cert, key, ca } = tls.material();
    return { ...(cert && { cert }), ...(key && { key }), ...(ca && { ca }) };
  };
  const server = createTlsServer({
    ...pem(),
    minVersion: TLS_VERSION_MIN,
    requestCert: peerCertificate !== 'none',
    rejectUnauthorized: peerCertificate === 'require',
    handshakeTimeout: limits.messageMs,
  });
  tls.onChange(() => server.setSecureContext({ ...pem(), minVersion: TLS_VERSION_MIN }));
  return server;
}
