/** A wire over TCP. */
import { connect } from 'node:net';
import { describeError } from '../base/errors.ts';
import type { OpenWire } from './wire.ts';

/** A host name or IP literal, and a port. */
export type TcpPlace = { readonly host: string; readonly port: number };

/** What may wait to be sent: a PBX that takes no more than this is gone. */
export const SEND_OCTETS_MAX = 1_048_576;

/** Connects to a place, each time it is asked. */
export function tcpWire({ host, port }: TcpPlace): OpenWire {
  return (events) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    let closed = false;
    const end = (problem: string) => {
      if (closed) return;
      closed = true;
      socket.destroy();
      events.closed(problem);
    };
    socket.on('connect', () => !closed && events.opened());
    socket.on('data', (octets) => !closed && events.received(octets));
    socket.on('error', (error) => end(describeError(error)));
    socket.on('close', () => end('the connection was closed'));
    return {
      send(text) {
        if (closed) return;
        socket.write(text);
        if (socket.writableLength > SEND_OCTETS_MAX) end('it takes nothing any more');
      },
      close() {
        closed = true;
        socket.destroy();
      },
    };
  };
}
