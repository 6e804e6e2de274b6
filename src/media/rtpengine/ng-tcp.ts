/** ng over TCP (`listen-tcp-ng`): one message after the other on one connection. */
import { connect } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import { ngReconnecting } from './ng-reconnect.ts';
import { NgStream } from './ng-stream.ts';
import { NG_PENDING_OCTETS_MAX, type OpenNgTransport } from './ng-transport.ts';

/** Connects at once, and again whenever something is to be sent and there is no connection. */
export function ngOverTcp(address: string, port: number, clock: Clock): OpenNgTransport {
  return ngReconnecting(clock, ({ onAnswer, onMalformed, onProblem, onClosed }) => {
    const socket = connect({ host: address, port, noDelay: true, keepAlive: true });
    const stream = new NgStream();
    socket.on('error', (error) => onProblem(describeError(error)));
    socket.on('close', (hadError) => onClosed(hadError ? null : 'the connection was closed'));
    socket.on('data', (octets) => {
      const answers = stream.take(octets);
      if (answers === null) {
        onMalformed();
        socket.destroy();
      }
      for (const answer of answers ?? []) onAnswer(answer);
    });
    return {
      send(message) {
        // Before the connection stands Node keeps what is written.
        if (socket.writableLength <= NG_PENDING_OCTETS_MAX) socket.write(message);
      },
      close: () => void socket.destroy(),
    };
  });
}
