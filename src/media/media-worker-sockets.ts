/**
 * The UDP sockets of one leg: RTP on an even port, RTCP on the odd one above.
 *
 * They are not connected, since a peer's address may move, and they look nothing up: Node's own look-up defers every send
 * to a later turn, and the one packet that a stream sends again and again would be patched before it left. Receive
 * buffers stay at the kernel's default: 208 KiB hold five seconds of one stream.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { systemClock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';
import type { SendRtp } from './media-leg.ts';
import type { PortPool } from './port-pool.ts';

/** Pairs that are tried for one leg before it is given up: other programs' ports are rare in a range of our own. */
export const BIND_TRIES_MAX = 16;

/** What the owner of a leg's sockets is told. */
export type LegHandlers = {
  readonly onRtp: (packet: Buffer, address: string, port: number) => void;
  readonly onRtcp: (datagram: Buffer, address: string, port: number) => void;
  readonly onError: (detail: string) => void;
};

/** A leg's bound sockets. */
export type LegSockets = {
  /** The RTP port. */
  readonly port: number;
  readonly send: SendRtp;
  readonly sendRtcp: SendRtp;
  /** Closes both sockets; the pair goes back to the pool, to rest. */
  close(): void;
};

/** Why a leg has no sockets. */
export type LegProblem = { readonly code: 'media.ports-exhausted' | 'media.bind-failed'; readonly problem: string };

/** Binds the next free pair of the pool; a pair that another program holds is given back and the next is tried. */
export async function openLeg(
  bindAddress: string,
  pool: PortPool,
  handlers: LegHandlers,
): Promise<Result<LegSockets, LegProblem>> {
  for (let tries = 0; tries < BIND_TRIES_MAX; tries += 1) {
    const port = pool.take(systemClock.monotonicMs());
    if (port === null) return refused({ code: 'media.ports-exhausted', problem: 'every RTP port pair is in use' });
    const sockets = await bindPair(bindAddress, port);
    if (sockets.ok) return ok(legSockets(sockets.value, port, pool, handlers));
    pool.release(port, systemClock.monotonicMs());
    if (sockets.problem.code !== 'EADDRINUSE') {
      return refused({ code: 'media.bind-failed', problem: describeError(sockets.problem) });
    }
  }
  return refused({ code: 'media.ports-exhausted', problem: `${BIND_TRIES_MAX} RTP port pairs in a row are taken` });
}

type SocketPair = { readonly rtp: Socket; readonly rtcp: Socket };

async function bindPair(address: string, port: number): Promise<Result<SocketPair, NodeJS.ErrnoException>> {
  const rtp = await bindSocket(address, port);
  if (!rtp.ok) return rtp;
  const rtcp = await bindSocket(address, port + 1);
  if (rtcp.ok) return ok({ rtp: rtp.value, rtcp: rtcp.value });
  rtp.value.close();
  return rtcp;
}

function bindSocket(address: string, port: number): Promise<Result<Socket, NodeJS.ErrnoException>> {
  const type = isIPv6(address) ? 'udp6' : 'udp4';
  const family = type === 'udp6' ? 6 : 4;
  const socket = createSocket({
    type,
    ipv6Only: type === 'udp6',
    lookup: (literal, _options, found) => found(null, literal, family),
  });
  return new Promise((resolve) => {
    socket.once('error', (error) => {
      socket.close();
      resolve(refused(error));
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(ok(socket));
    });
  });
}

function legSockets({ rtp, rtcp }: SocketPair, port: number, pool: PortPool, handlers: LegHandlers): LegSockets {
  let open = true;
  const onError = (error: Error) => handlers.onError(describeError(error));
  rtp.on('error', onError);
  rtcp.on('error', onError);
  rtp.on('message', (packet, from) => handlers.onRtp(packet, from.address, from.port));
  rtcp.on('message', (datagram, from) => handlers.onRtcp(datagram, from.address, from.port));
  return {
    port,
    send(packet, toPort, toAddress, done) {
      if (open) rtp.send(packet, toPort, toAddress, done);
    },
    sendRtcp(packet, toPort, toAddress, done) {
      if (open) rtcp.send(packet, toPort, toAddress, done);
    },
    close() {
      if (!open) return;
      open = false;
      rtp.close();
      rtcp.close();
      pool.release(port, systemClock.monotonicMs());
    },
  };
}
