/**
 * UDP by Node's own sockets. They look nothing up: Node's look-up defers every send to a later turn, and the one packet that a
 * stream sends again and again would be patched before it left.
 */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { ok, refused } from '../base/result.ts';
import type { Udp } from './media-worker-udp.ts';

/** What works everywhere. */
export const nodeUdp: Udp = {
  name: 'node',
  open(address, port, onDatagram, onError) {
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
        socket.on('message', (packet, from) => {
          if (open) onDatagram(packet, from.address, from.port);
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
          }),
        );
      });
    });
  },
  stop() {},
};
