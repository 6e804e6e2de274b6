import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { addMs, type Clock } from '../../base/clock.ts';
import type { Counters } from '../counters.ts';
import { parseVia } from '../message/via.ts';
import { defaultPort, type Hop, type Listener, type MessageObserver } from '../transaction/hop.ts';
import { isWildcard } from './own-addresses.ts';
import { StreamConnection, type StreamConnectionContext } from './stream-connection.ts';
import { IDLE_ENOUGH_MS, type StreamLimits, TCP_KEEP_ALIVE_MS } from './stream-limits.ts';
import type { TlsContexts } from './tls-contexts.ts';
import { identityProblem } from './tls-identity.ts';

/** What a pool stands on. */
export type StreamPoolOptions = {
  readonly clock: Clock;
  readonly limits: StreamLimits;
  readonly counters: Counters;
  readonly facing: (hop: Hop) => Listener;
  readonly tls: TlsContexts;
  readonly verifyServer: boolean;
  readonly onMessage: (octets: Buffer, source: Hop) => void;
  /** A connection that was open, or was being opened, is gone; never called within `send`. */
  readonly onLost: (peer: Hop) => void;
  /** Why a TLS handshake failed. */
  readonly onTlsFailure: (reason: string) => void;
  readonly observe: MessageObserver | null;
};

/**
 * All TCP and TLS connections, whoever opened them (RFC 3261 §18, RFC 5923): an answer goes back over the connection of
 * its request, a request over any open connection to its target, and one is opened where there is none.
 */
export type StreamPool = {
  send(octets: Buffer, hop: Hop, failed: () => void): void;
  /** Takes a connection that a peer opened; closes it when there is no room. `isVerified`: it showed a good certificate. */
  adopt(socket: Socket, listener: Listener, isVerified: boolean): void;
  /** Whether the connection that hop came over is still there. */
  isOpen(hop: Hop): boolean;
  /** Whether there is room for one more, after idle ones had to go; counted when there is none. */
  hasRoom(): boolean;
  size(): number;
  close(): void;
};

/** Makes an empty pool. */
export function createStreamPool(options: StreamPoolOptions): StreamPool {
  const { clock, limits, counters, facing, tls } = options;
  const byId = new Map<number, StreamConnection>();
  /** By what a request to that peer would ask for; the newest last. */
  const byPeer = new Map<string, Set<StreamConnection>>();
  /** Peers that connected and may be called over the same connection (RFC 5923 §8). */
  const verified = new Set<StreamConnection>();
  const aliases = new Map<StreamConnection, number>();
  let nextId = 1;
  let isClosing = false;

  const file = (connection: StreamConnection, port: number) => {
    const key = keyOf(connection.remote, port);
    const others = byPeer.get(key);
    if (others === undefined) byPeer.set(key, new Set([connection]));
    else others.add(connection);
  };

  const unfile = (connection: StreamConnection, port: number) => {
    const key = keyOf(connection.remote, port);
    const others = byPeer.get(key);
    others?.delete(connection);
    if (others?.size === 0) byPeer.delete(key);
  };

  const onClosed = (connection: StreamConnection) => {
    if (!byId.delete(connection.id)) return;
    const { remote } = connection;
    unfile(connection, remote.port);
    const alias = aliases.get(connection);
    if (alias !== undefined) unfile(connection, alias);
    aliases.delete(connection);
    verified.delete(connection);
    if (isClosing) return;
    clock.setTimer(clock.monotonicMs(), () => {
      options.onLost(remote);
      if (alias !== undefined) options.onLost({ ...remote, port: alias });
    });
  };

  const context: StreamConnectionContext = {
    ...options,
    onMessage(octets, source) {
      const connection = byId.get(source.connection ?? 0);
      if (connection !== undefined && verified.has(connection)) learnAlias(connection, octets);
      options.onMessage(octets, source);
    },
    onClosed,
  };

  /** `;alias` in the Via of a peer with a good certificate: what we send to its sent-by may come this way (RFC 5923 §5). */
  const learnAlias = (connection: StreamConnection, octets: Buffer) => {
    if (aliases.has(connection)) return;
    const text = octets.toString('latin1', 0, ALIAS_WITHIN_OCTETS);
    const value = /^(?:via|v)[ \t]*:[ \t]*([^\r\n,]*;[ \t]*alias\b[^\r\n,]*)/im.exec(text)?.[1];
    const via = value === undefined ? null : parseVia(value);
    if (via === null) return;
    const port = via.port ?? defaultPort(connection.remote.protocol);
    aliases.set(connection, port);
    file(connection, port);
  };

  const add = (connection: StreamConnection) => {
    byId.set(connection.id, connection);
    file(connection, connection.remote.port);
    return connection;
  };

  const hasRoom = () => {
    if (byId.size < limits.connectionsMax) return true;
    let idlest: StreamConnection | null = null;
    for (const connection of byId.values()) {
      if (connection.idleMs() >= (idlest?.idleMs() ?? IDLE_ENOUGH_MS)) idlest = connection;
    }
    if (idlest === null) {
      counters.connectionLimit++;
      return false;
    }
    counters.connectionsIdle++;
    idlest.close();
    return true;
  };

  const found = (hop: Hop, port: number): StreamConnection | null => {
    let last: StreamConnection | null = null;
    for (const connection of byPeer.get(keyOf(hop, port)) ?? []) {
      if (connection.isUsable && mayCarry(connection, hop)) last = connection;
    }
    return last;
  };

  /** A TLS connection carries what is for a name that its peer's certificate shows (RFC 5923 §6). */
  const mayCarry = (connection: StreamConnection, hop: Hop): boolean => {
    if (hop.protocol !== 'tls' || (!options.verifyServer && !verified.has(connection))) return true;
    const socket = connection.socket as TLSSocket;
    if (socket.connecting || !socket.authorized) return nameFor.get(connection) === (hop.name ?? hop.address);
    return identityProblem(socket.getPeerCertificate(), hop.name ?? hop.address) === null;
  };

  /** The name that a connection of ours was opened for. */
  const nameFor = new WeakMap<StreamConnection, string>();

  const open = (hop: Hop, port: number): StreamConnection | null => {
    if (isClosing || !hasRoom()) return null;
    const listener = facing({ ...hop, port });
    const place = {
      host: hop.address,
      port,
      // Carriers know us by our address; all of the machine's would be known by any.
      ...(isWildcard(listener.address) ? {} : { localAddress: listener.address }),
    };
    const name = hop.name ?? hop.address;
    const plan = { id: nextId++, listener, address: hop.address, port };
    let connection: StreamConnection;
    if (hop.protocol === 'tls') {
      const socket = connectTls({
        ...place,
        secureContext: tls.context(),
        rejectUnauthorized: options.verifyServer,
        ...(isIP(name) === 0 ? { servername: name } : {}),
        checkServerIdentity(_host, certificate) {
          const problem = options.verifyServer ? identityProblem(certificate, name) : null;
          return problem === null ? undefined : new Error(problem);
        },
      });
      socket.once('error', (error) => {
        if (socket.getProtocol() === null && isRefusal(error)) return;
        counters.tlsFailures++;
        options.onTlsFailure(reasonOf(error));
      });
      socket.setNoDelay(true);
      socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
      connection = new StreamConnection(socket, { ...plan, opensWith: 'secureConnect' }, context);
      nameFor.set(connection, name);
      socket.once('secureConnect', () => counters.connectionsOpened++);
    } else {
      const socket = connectTcp({ ...place, noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEP_ALIVE_MS });
      connection = new StreamConnection(socket, { ...plan, opensWith: 'connect' }, context);
      socket.once('connect', () => counters.connectionsOpened++);
    }
    return add(connection);
  };

  return {
    send(octets, hop, failed) {
      const own = hop.connection === undefined ? undefined : byId.get(hop.connection);
      const port = hop.returnPort ?? hop.port;
      const connection = own?.isUsable ? own : (found(hop, port) ?? open(hop, port));
      if (connection === null) {
        counters.connectFailures++;
        clock.setTimer(clock.monotonicMs(), failed);
        return;
      }
      connection.send(octets, failed);
    },

    adopt(socket, listener, isVerified) {
      const { remoteAddress, remotePort } = socket;
      if (isClosing || remoteAddress === undefined || remotePort === undefined) {
        socket.destroy();
        return;
      }
      counters.connectionsAccepted++;
      const plan = { id: nextId++, listener, address: remoteAddress, port: remotePort, opensWith: null };
      const connection = add(new StreamConnection(socket, plan, context));
      if (isVerified) verified.add(connection);
    },

    isOpen: ({ connection }) => connection !== undefined && (byId.get(connection)?.isUsable ?? false),
    hasRoom,
    size: () => byId.size,
    close() {
      isClosing = true;
      const last = [...byId.values()];
      for (const connection of last) connection.close();
      // A peer that does not read must not keep us.
      clock.setTimer(addMs(clock.monotonicMs(), GOODBYE_MS), () => {
        for (const { socket } of last) socket.destroy();
      });
    },
  };
}

/** How long the last words to a peer may take when we stop. */
const GOODBYE_MS = 200;

/** Where the topmost Via of an honest request is found. */
const ALIAS_WITHIN_OCTETS = 2_048;

function keyOf(hop: Hop, port: number): string {
  return `${hop.protocol} ${hop.address} ${port}`;
}

/** The TCP connection itself failed: that says nothing about TLS. */
function isRefusal(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL', 'EINVAL'].includes(code ?? '');
}

function reasonOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.message;
}
