/** Threads that check parts of chains, and the same without a thread. */
import { Worker } from 'node:worker_threads';
import { AppError } from '../../base/errors.ts';
import { threadUrl } from '../../base/thread-url.ts';
import type { ChainPart, PartFindings, PlacedMove } from '../../ledger/verify/range-check.ts';
import type { Connection } from '../connection.ts';
import type { DatabasePlace } from '../database-place.ts';
import { createPartReader } from './part-reader.ts';
import type { VerifyReply, VerifyRequest } from './verify-message.ts';

/** A part of a chain, from its first entry to its last. */
export type Part = Omit<ChainPart, 'prevHash'>;

/** One thing at a time. Rejects with AppError `store.cannot-read`. */
export type VerifyThread = {
  check(part: Part): Promise<PartFindings>;
  /** Of the parts it has checked, those that concern one of these numbers. */
  lifts(numbers: ReadonlySet<string>): Promise<readonly PlacedMove[]>;
  close(): Promise<void>;
};

/** For a small ledger: does it here, by a connection that stays the caller's. */
export function withoutThread(connection: Connection, readEntries?: number): VerifyThread {
  const reader = createPartReader(connection, readEntries);
  return {
    check: (part) => reader.check(part),
    lifts: (numbers) => reader.lifts(numbers),
    close: () => Promise.resolve(),
  };
}

/** A thread with a connection of its own. Rejects with AppError `store.cannot-open`. */
export async function startVerifyThread(place: DatabasePlace): Promise<VerifyThread> {
  const worker = new Worker(threadUrl('verify-worker', import.meta.url), { workerData: place, name: 'brusio-verify' });
  const gone = Promise.withResolvers<void>();
  let waiting: PromiseWithResolvers<VerifyReply> | null = Promise.withResolvers();
  const answered = (settle: (waiter: PromiseWithResolvers<VerifyReply>) => void) => {
    const waiter = waiting;
    waiting = null;
    if (waiter !== null) settle(waiter);
  };
  worker.on('message', (message: VerifyReply) => answered((waiter) => waiter.resolve(message)));
  worker.on('error', (thrown) => answered((waiter) => waiter.reject(thrown)));
  worker.on('exit', () => {
    answered((waiter) => waiter.reject(new AppError('store.cannot-read', 'the thread has ended')));
    gone.resolve();
  });

  async function ask(request: VerifyRequest): Promise<VerifyReply> {
    const waiter = Promise.withResolvers<VerifyReply>();
    waiting = waiter;
    worker.postMessage(request);
    const reply = await waiter.promise;
    if (reply.type === 'failed') throw new AppError('store.cannot-read', reply.message);
    return reply;
  }

  const opened = await waiting.promise;
  if (opened.type === 'cannot-open') throw new AppError('store.cannot-open', opened.message);
  return {
    async check(part) {
      const reply = await ask({ type: 'check', part });
      if (reply.type !== 'checked') throw new AppError('store.cannot-read', `unexpected ${reply.type}`);
      return reply.findings;
    },
    async lifts(numbers) {
      const reply = await ask({ type: 'lifts', numbers });
      return reply.type === 'lifts' ? reply.lifts : [];
    },
    close() {
      worker.postMessage({ type: 'close' } satisfies VerifyRequest);
      return gone.promise;
    },
  };
}
