/** Asks about cleared lists in a thread that ends with its answer. */
import { Worker } from 'node:worker_threads';
import { AppError, describeError } from '../../base/errors.ts';
import { threadUrl } from '../../base/thread-url.ts';
import {
  type AskScreening,
  type ListPiece,
  PIECE_OCTETS,
  PIECES_MAX,
  type ScreeningReply,
  type ScreeningSaid,
} from './screening-message.ts';

/**
 * Young objects of an import die at once, so little room is enough for them; the digests are outside. With Node's default the
 * heap alone would take 100 MB. In MB.
 */
const YOUNG_GENERATION_MB = 4;

/** Rejects with AppError `store.cannot-read`, `store.thread-gone`, or what `octets` rejects with: then nothing is imported. */
export const askInThread: AskScreening = async (task, octets, onProgress) => {
  const worker = new Worker(threadUrl('screening-worker', import.meta.url), {
    workerData: task,
    name: 'brusio-screening',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const answered = Promise.withResolvers<ScreeningSaid>();
  // The same few buffers go to and fro: copies of a long list would be held until a collection came.
  const free: ArrayBuffer[] = Array.from({ length: PIECES_MAX }, () => new ArrayBuffer(0));
  let isOver = false;
  let wake = () => {};

  worker.on('message', (message: ScreeningReply) => {
    if (message.type === 'taken') {
      free.push(message.buffer);
      wake();
    } else if (message.type === 'progress') {
      onProgress(message.progress);
    } else if (message.type === 'said') {
      answered.resolve(message.said);
    } else {
      answered.reject(new AppError('store.cannot-read', message.message));
    }
  });
  worker.on('error', (thrown) => {
    answered.reject(new AppError('store.thread-gone', `the screening thread failed: ${describeError(thrown)}`));
  });
  worker.on('exit', () => {
    answered.reject(new AppError('store.thread-gone', 'the screening thread has ended'));
  });

  async function freeBuffer(): Promise<ArrayBuffer | null> {
    while (!isOver) {
      const buffer = free.pop();
      if (buffer !== undefined) return buffer.byteLength === 0 ? new ArrayBuffer(PIECE_OCTETS) : buffer;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return null;
  }

  async function send(): Promise<void> {
    for await (const piece of octets) {
      for (let from = 0; from < piece.length; from += PIECE_OCTETS) {
        const buffer = await freeBuffer();
        if (buffer === null) return;
        const part = piece.subarray(from, from + PIECE_OCTETS);
        const copy = new Uint8Array(buffer, 0, part.length);
        copy.set(part);
        worker.postMessage({ octets: copy } satisfies ListPiece, [buffer]);
      }
    }
    worker.postMessage({ octets: null } satisfies ListPiece);
  }

  try {
    // Whichever comes first: a refusal does not wait for the rest of the list, nor a broken upload for an answer.
    return await Promise.race([answered.promise, send().then(() => answered.promise)]);
  } finally {
    isOver = true;
    wake();
    await worker.terminate();
  }
};
