/** The UDP sockets of one leg: RTP on an even port, RTCP on the odd one above. */
import { systemClock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';
import type { SendRtp } from './media-leg.ts';
import type { OnDatagram, Udp, UdpSocket } from './media-worker-udp.ts';
import type { PortPool } from './port-pool.ts';

/** Pairs that are tried for one leg before it is given up: other programs' ports are rare in a range of our own. */
export const BIND_TRIES_MAX = 16;

/** What the owner of a leg's sockets is told. */
export type LegHandlers = {
  readonly onRtp: OnDatagram;
  readonly onRtcp: OnDatagram;
  readonly onError: (detail: string) => void;
};

/** A leg's bound sockets. */
export type LegSockets = {
  /** The RTP port. */
  readonly port: number;
  readonly send: SendRtp;
  readonly sendRtcp: SendRtp;
  readonly rtp: UdpSocket;
  /** Closes both sockets; the pair goes back to the pool, to rest. */
  close(): void;
};

/** Why a leg has no sockets. */
export type LegProblem = { readonly code: 'media.ports-exhausted' | 'media.bind-failed'; readonly problem: string };

/** Binds the next free pair of the pool; a pair that another program holds is given back and the next is tried. */
export async function openLeg(
  udp: Udp,
  bindAddress: string,
  pool: PortPool,
  handlers: LegHandlers,
): Promise<Result<LegSockets, LegProblem>> {
  for (let tries = 0; tries < BIND_TRIES_MAX; tries += 1) {
    const port = pool.take(systemClock.monotonicMs());
    if (port === null) return refused({ code: 'media.ports-exhausted', problem: 'every RTP port pair is in use' });
    const sockets = await bindPair(udp, bindAddress, port, handlers);
    if (sockets.ok) return ok(legSockets(sockets.value, port, pool));
    pool.release(port, systemClock.monotonicMs());
    if (sockets.problem.code !== 'EADDRINUSE') {
      return refused({ code: 'media.bind-failed', problem: describeError(sockets.problem) });
    }
  }
  return refused({ code: 'media.ports-exhausted', problem: `${BIND_TRIES_MAX} RTP port pairs in a row are taken` });
}

type SocketPair = { readonly rtp: UdpSocket; readonly rtcp: UdpSocket };

async function bindPair(
  udp: Udp,
  address: string,
  port: number,
  handlers: LegHandlers,
): Promise<Result<SocketPair, NodeJS.ErrnoException>> {
  const onError = (error: Error) => handlers.onError(describeError(error));
  const rtp = await udp.open(address, port, handlers.onRtp, onError);
  if (!rtp.ok) return rtp;
  const rtcp = await udp.open(address, port + 1, handlers.onRtcp, onError);
  if (rtcp.ok) return ok({ rtp: rtp.value, rtcp: rtcp.value });
  rtp.value.close();
  return rtcp;
}

function legSockets({ rtp, rtcp }: SocketPair, port: number, pool: PortPool): LegSockets {
  let open = true;
  return {
    port,
    rtp,
    send: (packet, toPort, toAddress, done) => rtp.send(packet, toPort, toAddress, done),
    sendRtcp: (packet, toPort, toAddress, done) => rtcp.send(packet, toPort, toAddress, done),
    close() {
      if (!open) return;
      open = false;
      rtp.close();
      rtcp.close();
      pool.release(port, systemClock.monotonicMs());
    },
  };
}
