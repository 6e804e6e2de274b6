/** ng over TCP (`listen-tcp-ng`): one message after the other on one connection, opened anew when it is lost. */
import { connect, type Socket } from 'node:net';
import { addMs, type Clock, type MonotonicMs } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import { NgStream } from './ng-stream.ts';
import { NG_PENDING_OCTETS_MAX, type OpenNgTransport } from './ng-transport.ts';

/** The least time between two attempts to connect. */
export const RECONNECT_MS = 500;

/** Connects at once, and again whenever something is to be sent and there is no connection. */
export function ngOverTcp(address: string, port: number, clock: Clock): OpenNgTransport {
  return ({ onAnswer, onMalformed, onProblem }) => {
    let socket: Socket | null = null;
    let mayConnectAt: MonotonicMs = clock.monotonicMs();
    let closed = false;
    reconnect();

    return {
      send(message) {
        if (closed) return;
        if (socket === null) reconnect();
        // Before the connection stands Node keeps what is written.
        if (socket !== null && socket.writableLength <= NG_PENDING_OCTETS_MAX) socket.write(message);
      },
      close() {
        closed = true;
        socket?.destroy();
      },
    };

    function reconnect(): void {
      const now = clock.monotonicMs();
      if (now < mayConnectAt) return;
      mayConnectAt = addMs(now, RECONNECT_MS);
      const opened = connect({ host: address, port, noDelay: true, keepAlive: true });
      const stream = new NgStream();
      socket = opened;
      opened.on('error', (error) => onProblem(describeError(error)));
      opened.on('close', (hadError) => {
        if (socket === opened) socket = null;
        if (!closed && !hadError) onProblem('the connection was closed');
      });
      opened.on('data', (octets) => {
        const answers = stream.take(octets);
        if (answers === null) {
          onMalformed();
          opened.destroy();
        }
        for (const answer of answers ?? []) onAnswer(answer);
      });
    }
  };
}
