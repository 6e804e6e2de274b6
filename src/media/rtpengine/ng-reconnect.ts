/** A connection to rtpengine that is opened anew when it is lost: at once, and again whenever something is to be sent. */
import { addMs, type Clock, type MonotonicMs } from '../../base/clock.ts';
import type { NgTransport, NgTransportHandlers, OpenNgTransport } from './ng-transport.ts';

/** What one connection tells while it lives. */
export type NgConnectionHandlers = NgTransportHandlers & {
  /** It is of no more use; `problem` is told unless we closed it. */
  readonly onClosed: (problem: string | null) => void;
};

/** The least time between two attempts to connect. */
const RECONNECT_MS = 500;

/** Every connection is opened by `connect`, which may not call its handlers before it returns. */
export function ngReconnecting(
  clock: Clock,
  connect: (handlers: NgConnectionHandlers) => NgTransport,
): OpenNgTransport {
  return (handlers) => {
    let current: NgTransport | null = null;
    let mayConnectAt: MonotonicMs = clock.monotonicMs();
    let closed = false;
    reconnect();

    return {
      send(message) {
        if (closed) return;
        if (current === null) reconnect();
        current?.send(message);
      },
      close() {
        closed = true;
        current?.close();
      },
    };

    function reconnect(): void {
      const now = clock.monotonicMs();
      if (now < mayConnectAt) return;
      mayConnectAt = addMs(now, RECONNECT_MS);
      const opened = connect({
        ...handlers,
        onClosed(problem) {
          if (current === opened) current = null;
          if (!closed && problem !== null) handlers.onProblem(problem);
        },
      });
      current = opened;
    }
  };
}
