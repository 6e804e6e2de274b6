/** ng over UDP, the way every rtpengine offers (`listen-ng`): one datagram a message. */
import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { describeError } from '../../base/errors.ts';
import { readNgMessage } from './ng-message.ts';
import { NG_PENDING_OCTETS_MAX, type OpenNgTransport } from './ng-transport.ts';

/** Opens a socket of its own, from which only this rtpengine is heard. */
export function ngOverUdp(address: string, port: number): OpenNgTransport {
  return ({ onAnswer, onMalformed, onProblem }) => {
    const family = isIPv6(address) ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      // The address is a literal; the usual look-up would put the connect off to a later turn.
      lookup: (literal, _options, found) => found(null, literal, family),
    });
    let connected = false;
    let closed = false;
    const waiting: Buffer[] = [];
    // "Connection refused" comes as an error of the socket, which stays usable.
    socket.on('error', (error) => onProblem(describeError(error)));
    socket.on('message', (octets) => {
      const answer = readNgMessage(octets);
      if (answer === null) onMalformed();
      else onAnswer(answer);
    });
    socket.on('connect', () => {
      connected = true;
      for (const message of waiting.splice(0)) socket.send(message);
    });
    socket.connect(port, address);

    return {
      send(message) {
        if (closed || socket.getSendQueueSize() > NG_PENDING_OCTETS_MAX) return;
        if (connected) socket.send(message, (error) => error !== null && onProblem(describeError(error)));
        else if (waiting.length < WAITING_MAX) waiting.push(message);
      },
      close() {
        if (closed) return;
        closed = true;
        socket.close();
      },
    };
  };
}

/** Messages that wait for the socket to be bound, which takes one turn of the event loop. */
const WAITING_MAX = 100;
