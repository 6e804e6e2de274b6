import type { Clock } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Counters } from '../counters.ts';
import type { Faces } from '../dialog/faces.ts';
import type { EngineOptions, ListenOption } from '../engine-options.ts';
import { type Hop, isReliable, type Listener, type MessageObserver, type SendOctets } from '../transaction/hop.ts';
import { createFaces } from './listener-choice.ts';
import { isWildcard, ownAddresses } from './own-addresses.ts';
import { listenForStreams, type StreamListener } from './stream-listener.ts';
import { createStreamPool } from './stream-pool.ts';
import { createTlsContexts, type TlsReload } from './tls-contexts.ts';
import { bindUdp, type UdpTransport } from './udp-transport.ts';

/** All sockets of an engine. */
export type Transports = {
  readonly faces: Faces;
  readonly send: SendOctets;
  /** Whether that is one of our own listeners. */
  isSelf(hop: Hop): boolean;
  /** Whether a message can go back the way that hop's came. */
  isOpen(hop: Hop): boolean;
  /** TCP and TLS connections. */
  connections(): number;
  /** Reads the certificates again; null when there are none. */
  reloadTls(): TlsReload | null;
  close(): Promise<void>;
};

/** What the sockets need to know. */
export type TransportsOptions = Pick<EngineOptions, 'listen' | 'streams' | 'tls'> & {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly isAllowed: (address: string) => boolean;
  /** Must not throw. */
  readonly onMessage: (octets: Buffer, source: Hop) => void;
  /** A connection to or from that peer is gone. */
  readonly onLost: (peer: Hop) => void;
  readonly onTlsFailure: (reason: string) => void;
  readonly observe: MessageObserver | null;
};

/** How often another port is tried when the one the system chose for UDP is taken on TCP. */
const PORT_TRIES_MAX = 16;

/** Opens every listener, or none: throws what the first that cannot be opened throws, and `sip.tls-files`. */
export async function openTransports(options: TransportsOptions): Promise<Transports> {
  const { clock, counters, observe } = options;
  const datagrams = new Map<Listener, UdpTransport>();
  const streams: StreamListener[] = [];
  const listeners: Listener[] = [];
  const tls = createTlsContexts(options.tls);
  const hasTls =
    options.tls.certificate !== null ||
    options.tls.ca !== null ||
    options.listen.some(({ protocols }) => protocols.includes('tls'));
  if (hasTls) requireTls(tls.reload(), options);

  const pool = createStreamPool({
    ...options,
    limits: options.streams,
    facing: (hop) => faces.facing(hop),
    tls,
    verifyServer: options.tls.verifyServer,
  });
  const streamOptions = { ...options, limits: options.streams, tls, peerCertificate: options.tls.peerCertificate };
  const udpEvents = {
    onMessage: options.onMessage,
    onError: () => void counters.sendErrors++,
    observer: observe === null ? null : { observe, clock },
  };

  const close = async () => {
    pool.close();
    await Promise.all([...datagrams.values(), ...streams].map((socket) => socket.close()));
  };

  /** All protocols of one option, on one port. */
  const open = async (option: ListenOption): Promise<void> => {
    const opened: { readonly listener: Listener; close(): Promise<void> }[] = [];
    let { port } = option;
    try {
      for (const protocol of option.protocols) {
        const place = { protocol, address: option.address, port, externalAddress: option.externalAddress };
        const socket =
          protocol === 'udp'
            ? await bindUdp(place, udpEvents)
            : await listenForStreams({ ...place, protocol }, () => pool, streamOptions);
        opened.push(socket);
        port = socket.listener.port;
      }
    } catch (thrown) {
      await Promise.all(opened.map((socket) => socket.close()));
      throw thrown;
    }
    for (const socket of opened) {
      listeners.push(socket.listener);
      if ('send' in socket) datagrams.set(socket.listener, socket as UdpTransport);
      else streams.push(socket);
    }
  };

  try {
    for (const option of options.listen) await withAnotherPort(option, open);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const faces = createFaces(listeners);
  const own = new Set(
    faces.all.flatMap((one) => addressesOf(one).map((address) => key(one.protocol, address, one.port))),
  );

  return {
    faces,
    send(octets, hop, failed) {
      if (isReliable(hop)) pool.send(octets, hop, failed);
      else datagrams.get(faces.facing(hop))?.send(octets, hop, failed);
    },
    isSelf: (hop) => own.has(key(hop.protocol, hop.address, hop.port)),
    isOpen: (hop) => !isReliable(hop) || pool.isOpen(hop),
    connections: pool.size,
    reloadTls: () => (hasTls ? tls.reload() : null),
    close,
  };
}

/** A port that the system chose for the first protocol may be taken on the second: then it chooses again. */
async function withAnotherPort(option: ListenOption, open: (option: ListenOption) => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await open(option);
      return;
    } catch (thrown) {
      const isTaken = thrown instanceof AppError && thrown.code === 'sip.address-in-use';
      if (option.port !== 0 || !isTaken || tries >= PORT_TRIES_MAX) throw thrown;
    }
  }
}

function requireTls(reload: TlsReload, { listen, tls }: TransportsOptions): void {
  if (!reload.ok) throw new AppError('sip.tls-files', `TLS: ${reload.problems.join('; ')}`);
  if (tls.certificate === null && listen.some(({ protocols }) => protocols.includes('tls'))) {
    throw new AppError('sip.tls-files', 'TLS: certificate is missing: a listener needs one');
  }
}

function addressesOf({ address, host }: Listener): string[] {
  return [address, host, ...(isWildcard(address) ? ownAddresses() : [])];
}

function key(protocol: string, address: string, port: number): string {
  return `${protocol} ${address} ${port}`;
}
