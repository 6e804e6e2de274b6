/** ng over WebSocket (`listen-http`, subprotocol `ng.rtpengine.com`): one message each, opened anew when it is lost. */
import { addMs, type Clock, type MonotonicMs } from '../../base/clock.ts';
import { readNgMessage } from './ng-message.ts';
import { RECONNECT_MS } from './ng-tcp.ts';
import { NG_PENDING_OCTETS_MAX, type OpenNgTransport } from './ng-transport.ts';

/** rtpengine's name for ng among the subprotocols of its HTTP listener. */
const NG_SUBPROTOCOL = 'ng.rtpengine.com';

/** Messages that wait for the connection to stand. */
const WAITING_MAX = 100;

/** @param authority `address:port`, IPv6 in brackets */
export function ngOverWebSocket(authority: string, clock: Clock): OpenNgTransport {
  return ({ onAnswer, onMalformed, onProblem }) => {
    let socket: WebSocket | null = null;
    let waiting: Uint8Array<ArrayBuffer>[] = [];
    let mayConnectAt: MonotonicMs = clock.monotonicMs();
    let closed = false;
    reconnect();

    return {
      send(message) {
        if (closed) return;
        if (socket === null) reconnect();
        if (socket === null || socket.bufferedAmount > NG_PENDING_OCTETS_MAX) return;
        const octets = new Uint8Array(message);
        if (socket.readyState === WebSocket.OPEN) socket.send(octets);
        else if (waiting.length < WAITING_MAX) waiting.push(octets);
      },
      close() {
        closed = true;
        socket?.close();
      },
    };

    function reconnect(): void {
      const now = clock.monotonicMs();
      if (now < mayConnectAt) return;
      mayConnectAt = addMs(now, RECONNECT_MS);
      const opened = new WebSocket(`ws://${authority}/`, NG_SUBPROTOCOL);
      opened.binaryType = 'arraybuffer';
      waiting = [];
      socket = opened;
      opened.addEventListener('open', () => {
        if (closed) opened.close();
        for (const octets of waiting.splice(0)) opened.send(octets);
      });
      // The event of a WebSocket's error says nothing; its close follows.
      opened.addEventListener('close', ({ code }) => {
        if (socket === opened) socket = null;
        if (!closed) onProblem(`the WebSocket was closed with code ${code}`);
      });
      opened.addEventListener('message', ({ data }: MessageEvent) => {
        const answer = readNgMessage(data instanceof ArrayBuffer ? Buffer.from(data) : Buffer.from(String(data)));
        if (answer === null) onMalformed();
        else onAnswer(answer);
      });
    }
  };
}
