import { createServer, type Socket } from 'node:net';
import { addMs, type Clock, type Timer } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import type { Counters } from '../counters.ts';
import type { Application } from '../dialog/application.ts';
import { type ControlContext, createControlConnection } from './control-connection.ts';
import { createFrameReader, frame } from './frame.ts';

/** The control port on loopback: where the application's drachtio-srf connects. */
export type ControlServer = {
  readonly host: string;
  readonly port: number;
  connections(): number;
  /** Tells every connected application's dialogs that it is gone, and hangs up. */
  close(): Promise<void>;
};

/** What happens around the connections. */
export type ControlServerOptions = {
  readonly clock: Clock;
  readonly counters: Counters;
  /** Octets a client may leave unread; one that reads slower loses its connection. */
  readonly pendingOctetsMax: number;
  readonly onAppGone: (app: Application) => void;
  readonly onContained: (thrown: unknown) => void;
};

/**
 * How long a receipt (the OK for something the application sent) waits for a message that must not wait, to share its
 * write. Writing to a loopback socket wakes another thread, which costs more than everything else a message costs.
 */
const RECEIPT_WAIT_MS = 1;

/** Connections at once: one application, its successor while it restarts, and a few tools. */
const CONNECTIONS_MAX = 16;

const CONTROL_HOST = '127.0.0.1';

/** Listens on an ephemeral port of 127.0.0.1. */
export async function startControlServer(
  context: ControlContext,
  options: ControlServerOptions,
): Promise<ControlServer> {
  const open = new Set<{ readonly socket: Socket; readonly gone: () => void }>();
  const server = createServer({ noDelay: true }, (socket) => {
    if (open.size >= CONNECTIONS_MAX) {
      socket.destroy();
      return;
    }
    open.add(serve(socket));
  });

  const serve = (socket: Socket) => {
    const reader = createFrameReader();
    let batch = '';
    let isUrgent = false;
    const flush = () => {
      const octets = batch;
      batch = '';
      isUrgent = false;
      lazyTimer?.cancel();
      lazyTimer = null;
      if (octets === '' || !socket.writable) return;
      socket.write(octets, 'latin1');
      if (socket.writableLength > options.pendingOctetsMax) {
        options.counters.controlLimit++;
        socket.destroy();
      }
    };
    let lazyTimer: Timer | null = null;
    const connection = createControlConnection(context, {
      write(message, canWait) {
        batch += frame(message);
        if (isUrgent) return;
        if (!canWait) {
          // One write for everything of this turn of the event loop: datagrams come in bursts.
          isUrgent = true;
          setImmediate(flush);
        } else if (lazyTimer === null) {
          lazyTimer = options.clock.setTimer(addMs(options.clock.monotonicMs(), RECEIPT_WAIT_MS), flush);
        }
      },
      end() {
        flush();
        socket.end();
      },
    });
    let isGone = false;
    const entry = {
      socket,
      gone: () => {
        if (isGone) return;
        isGone = true;
        flush();
        connection.closed();
        open.delete(entry);
        contain(() => options.onAppGone(connection.app));
      },
    };
    socket.on('data', (octets) => {
      const read = reader.push(octets as Buffer);
      if (!read.ok) {
        socket.destroy();
        return;
      }
      for (const message of read.value) contain(() => connection.receive(message));
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', entry.gone);
    socket.on('end', () => socket.end());
    return entry;
  };

  const contain = (work: () => void) => {
    try {
      work();
    } catch (thrown) {
      options.counters.contained++;
      options.onContained(thrown);
    }
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new AppError('sip.control-port', `no control port on ${CONTROL_HOST}: ${cause.message}`, { cause })),
    );
    server.listen(0, CONTROL_HOST, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  return {
    host: CONTROL_HOST,
    port,
    connections: () => open.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const entry of [...open]) {
          entry.gone();
          entry.socket.end();
          entry.socket.destroySoon();
        }
      }),
  };
}
