/**
 * Bodies that take their time. A request must have come whole within {@link REQUEST_TIMEOUT_MS}, or its connection is closed:
 * Node's own limit of that kind holds for all requests of a server alike, and a list of ten million numbers takes a minute.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { addMs, type Clock, type Timer } from '../base/clock.ts';
import { AppError } from '../base/errors.ts';

/** A request must have arrived whole within this, in ms; an upload that was answered before its end gets as long for the rest. */
export const REQUEST_TIMEOUT_MS = 10_000;
/** An upload may pause so long between two pieces, in ms … */
export const UPLOAD_PAUSE_MAX_MS = 30_000;
/** … and take so long in all. */
export const UPLOAD_MAX_MS = 30 * 60_000;

/** The deadlines of a server's requests. */
export type RequestDeadlines = {
  /** From now on it has {@link REQUEST_TIMEOUT_MS}. */
  begin(request: IncomingMessage): void;
  /**
   * Its body, as it comes, for as long as an upload may take. Rejects with AppError `http.upload-stalled` or
   * `http.upload-broken`. Whoever stops reading leaves the rest to be thrown away.
   */
  upload(request: IncomingMessage): AsyncGenerator<Uint8Array>;
};

/** @param onLate closes the connection of a request that did not come whole in time */
export function createRequestDeadlines(clock: Clock, onLate: (socket: Socket) => void): RequestDeadlines {
  const timers = new WeakMap<IncomingMessage, Timer>();

  function begin(request: IncomingMessage): void {
    timers.get(request)?.cancel();
    const at = addMs(clock.monotonicMs(), REQUEST_TIMEOUT_MS);
    const timer = clock.setTimer(at, () => {
      if (!request.complete) onLate(request.socket);
    });
    timers.set(request, timer);
  }

  return {
    begin(request) {
      begin(request);
      // Of a request, not of its connection: it has come whole, and was read or thrown away.
      request.once('close', () => timers.get(request)?.cancel());
    },
    async *upload(request) {
      timers.get(request)?.cancel();
      try {
        yield* piecesOf(request, clock);
      } finally {
        if (!request.complete) {
          begin(request);
          request.resume();
        }
      }
    },
  };
}

/** By hand: `for await` over a request would close its connection when reading stops, and nobody would get the answer. */
async function* piecesOf(request: IncomingMessage, clock: Clock): AsyncGenerator<Uint8Array> {
  const over = addMs(clock.monotonicMs(), UPLOAD_MAX_MS);
  let wake = () => {};
  const woken = () => wake();
  for (const event of ['readable', 'end', 'close', 'error']) request.on(event, woken);
  try {
    for (;;) {
      const piece: Uint8Array | null = request.read();
      if (piece !== null) {
        yield piece;
        continue;
      }
      if (request.readableEnded) return;
      if (request.destroyed) throw new AppError('http.upload-broken', 'the upload broke off');
      const now = clock.monotonicMs();
      const limit = Math.min(addMs(now, UPLOAD_PAUSE_MAX_MS), over) as typeof over;
      if (now >= over)
        throw new AppError('http.upload-stalled', `an upload takes at most ${UPLOAD_MAX_MS / 60_000} minutes`);
      await new Promise<void>((resolve, reject) => {
        const timer = clock.setTimer(limit, () => {
          reject(new AppError('http.upload-stalled', `nothing came for ${UPLOAD_PAUSE_MAX_MS / 1000} seconds`));
        });
        wake = () => {
          timer.cancel();
          resolve();
        };
      });
    }
  } finally {
    for (const event of ['readable', 'end', 'close', 'error']) request.off(event, woken);
  }
}
