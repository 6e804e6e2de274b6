/** ng over WebSocket (`listen-http`, subprotocol `ng.rtpengine.com`): one message each. */
import type { Clock } from '../../base/clock.ts';
import { readNgMessage } from './ng-message.ts';
import { ngReconnecting } from './ng-reconnect.ts';
import { NG_PENDING_OCTETS_MAX, type OpenNgTransport } from './ng-transport.ts';

/** rtpengine's name for ng among the subprotocols of its HTTP listener. */
const NG_SUBPROTOCOL = 'ng.rtpengine.com';

/** Messages that wait for the connection to stand. */
const WAITING_MAX = 100;

/** @param authority `address:port`, IPv6 in brackets */
export function ngOverWebSocket(authority: string, clock: Clock): OpenNgTransport {
  return ngReconnecting(clock, ({ onAnswer, onMalformed, onClosed }) => {
    const socket = new WebSocket(`ws://${authority}/`, NG_SUBPROTOCOL);
    socket.binaryType = 'arraybuffer';
    const waiting: Uint8Array<ArrayBuffer>[] = [];
    let closed = false;
    socket.addEventListener('open', () => {
      if (closed) socket.close();
      for (const octets of waiting.splice(0)) socket.send(octets);
    });
    // The event of a WebSocket's error says nothing; its close follows.
    socket.addEventListener('close', ({ code }) => onClosed(`the WebSocket was closed with code ${code}`));
    socket.addEventListener('message', ({ data }: MessageEvent) => {
      const answer = readNgMessage(data instanceof ArrayBuffer ? Buffer.from(data) : Buffer.from(String(data)));
      if (answer === null) onMalformed();
      else onAnswer(answer);
    });
    return {
      send(message) {
        if (socket.bufferedAmount > NG_PENDING_OCTETS_MAX) return;
        const octets = new Uint8Array(message);
        if (socket.readyState === WebSocket.OPEN) socket.send(octets);
        else if (waiting.length < WAITING_MAX) waiting.push(octets);
      },
      close() {
        closed = true;
        socket.close();
      },
    };
  });
}
