/**
 * UDP by Node's own sockets. They look nothing up: Node's look-up defers every send to a later turn, and the one packet that a
 * stream sends again and again would be patched before it left.
 */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { elapsedMs, type MonotonicMs, systemClock } from '../base/clock.ts';
import { ok, refused } from '../base/result.ts';
import type { Alarm, Udp } from './media-worker-udp.ts';

/**
 * What works everywhere.
 *
 * @param bell see `MediaWorkerData`
 */
export function nodeUdp(bell: Int32Array): Udp {
  return { name: 'node', open, now: systemClock.monotonicMs, alarm: (ring) => nodeAlarm(bell, ring), stop() {} };
}

/**
 * Node's timers count whole milliseconds and come up to one early. While ambience plays the rest is slept through here,
 * which makes the distance of its packets three times as exact. A command rings the bell: it is let in first, since it may
 * be the answer of a call. RTP that arrives meanwhile waits for less than a millisecond.
 */
function nodeAlarm(bell: Int32Array, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let at: MonotonicMs | null = null;
  let isExact = false;
  /** The bell as it was when its messages were last let in. */
  let bellHeard = 0;

  function wake(): void {
    if (at === null) return;
    const restMs = elapsedMs(systemClock.monotonicMs(), at);
    if (restMs > 1 || (restMs > 0 && !isExact)) {
      timer = setTimeout(wake, restMs);
    } else if (restMs > 0 && !sleepsUndisturbed(restMs)) {
      setImmediate(wake);
    } else {
      at = null;
      ring();
    }
  }

  /** False when a command came, before or during the sleep. */
  function sleepsUndisturbed(sleepMs: number): boolean {
    if (Atomics.wait(bell, 0, bellHeard, sleepMs) === 'timed-out') return true;
    bellHeard = Atomics.load(bell, 0);
    return false;
  }

  return {
    set(next, exact) {
      clearTimeout(timer);
      at = next;
      isExact = exact;
      if (next !== null) timer = setTimeout(wake, Math.max(0, elapsedMs(systemClock.monotonicMs(), next)));
    },
  };
}

const open: Udp['open'] = (address, port, onDatagram, onError) => {
  const type = isIPv6(address) ? 'udp6' : 'udp4';
  const family = type === 'udp6' ? 6 : 4;
  const socket = createSocket({
    type,
    ipv6Only: type === 'udp6',
    lookup: (literal, _options, found) => found(null, literal, family),
  });
  let open = true;
  // Node says nothing of a failed send to anybody but the send's own callback.
  const told = (error: Error | null) => {
    if (error !== null && open) onError(error);
  };
  return new Promise((resolve) => {
    socket.once('error', (error) => {
      socket.close();
      resolve(refused(error));
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      socket.on('error', onError);
      // The source of a packet on a link has a zone; no SDP has one, and the link is the one that is bound to.
      const isLink = address.includes('%');
      socket.on('message', (packet, from) => {
        if (open) onDatagram(packet, isLink ? from.address.replace(/%.*$/, '') : from.address, from.port);
      });
      resolve(
        ok({
          send(packet, toPort, toAddress, done) {
            if (open) socket.send(packet, toPort, toAddress, done ?? told);
          },
          close() {
            if (open) socket.close();
            open = false;
          },
          bypassTo: () => null,
        }),
      );
    });
  });
};
