import { createSocket } from 'node:dgram';
import { addMs, type Clock } from '../../base/clock.ts';
import type { Hop } from '../transaction/hop.ts';

/**
 * Finds out that nobody listens at a hop.
 *
 * The system tells ICMP port unreachable to connected UDP sockets only, and ours is connected to nobody. So when a request
 * has to be sent again because nothing was heard, a connected socket sends one keep-alive (CRLF CRLF, RFC 5626 §3.5.1,
 * which SIP elements ignore) to the same place and waits for an ECONNREFUSED.
 */
export type ReachabilityProbe = {
  /** Nothing was heard from this hop for T1. */
  suspect(hop: Hop): void;
  close(): void;
};

/** How long a probe waits: an ICMP message takes one round trip. */
const PROBE_WAIT_MS = 1_000;

/** One probe of one hop in this time, however many requests to it are silent. */
const PROBE_PAUSE_MS = 5_000;

/** Hops probed or paused at once; further ones are left to Timers B and F. */
const PROBES_MAX = 64;

const KEEP_ALIVE = Buffer.from('\r\n\r\n');

/** Makes a probe; `onUnreachable` may be called once for each suspicion. */
export function createReachabilityProbe(clock: Clock, onUnreachable: (hop: Hop) => void): ReachabilityProbe {
  const probed = new Map<string, () => void>();

  return {
    suspect(hop) {
      const key = `${hop.address} ${hop.port}`;
      if (probed.has(key) || probed.size >= PROBES_MAX) return;
      const socket = createSocket(hop.address.includes(':') ? 'udp6' : 'udp4');
      let isOpen = true;
      const close = () => {
        if (isOpen) socket.close();
        isOpen = false;
      };
      probed.set(key, close);
      const startMs = clock.monotonicMs();
      clock.setTimer(addMs(startMs, PROBE_WAIT_MS), close);
      clock.setTimer(addMs(startMs, PROBE_PAUSE_MS), () => probed.delete(key));
      socket.on('error', (error) => {
        close();
        if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') onUnreachable(hop);
      });
      socket.connect(hop.port, hop.address, () => {
        if (isOpen) socket.send(KEEP_ALIVE);
      });
    },
    close() {
      for (const close of probed.values()) close();
      probed.clear();
    },
  };
}
