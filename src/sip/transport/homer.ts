/**
 * Sends a copy of every SIP message to a Homer server (HEP3 over UDP). Nothing waits for it, and nothing is kept: what
 * cannot be sent at once is lost and counted.
 */
import { createSocket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import type { Counters } from '../counters.ts';
import type { MessageObserver } from '../transaction/hop.ts';
import { type CaptureAgent, encodeHep3 } from './hep3.ts';

/** Where the copies go. Plain data. */
export type HomerOptions = CaptureAgent & {
  readonly address: string;
  readonly port: number;
};

/** A running copier. */
export type Homer = {
  readonly observe: MessageObserver;
  counts(): Pick<Counters, 'captured' | 'captureLost'>;
};

/** Octets waiting in the socket for a system that takes none; beyond it copies are dropped. */
export const HOMER_PENDING_OCTETS_MAX = 4 * 1024 * 1024;

/** A status line begins with the protocol's name (RFC 3261 §7.2). */
const RESPONSE_START = Buffer.from('SIP/');

/**
 * Opens the socket, which keeps no thread alive. Requests of sources that `isAllowed` does not know are not copied:
 * scanners are not to fill somebody's Homer. Answers are, they come from wherever a carrier's name leads.
 */
export function openHomer(options: HomerOptions, isAllowed: (address: string) => boolean): Homer {
  const family = isIPv4(options.address) ? 4 : 6;
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    // The address is a literal; the usual look-up would put every send off to a later turn of the event loop.
    lookup: (literal, _options, found) => found(null, literal, family),
  });
  // A server that is not there is no trouble of ours; sends that the system refuses are counted in their callback.
  socket.on('error', () => undefined);
  socket.unref();
  let [captured, captureLost] = [0, 0];

  return {
    observe(direction, octets, local, remote, protocol, at) {
      const isIn = direction === 'in';
      if (isIn && !octets.subarray(0, RESPONSE_START.length).equals(RESPONSE_START) && !isAllowed(remote.address))
        return;
      const [source, destination] = isIn ? [remote, local] : [local, remote];
      const datagram = encodeHep3({ protocol, source, destination, atMs: at.wallMs, payload: octets }, options);
      if (datagram === null || socket.getSendQueueSize() > HOMER_PENDING_OCTETS_MAX) {
        captureLost += 1;
        return;
      }
      socket.send(datagram, options.port, options.address, (error) => {
        if (error === null) captured += 1;
        else captureLost += 1;
      });
    },
    counts: () => ({ captured, captureLost }),
  };
}
