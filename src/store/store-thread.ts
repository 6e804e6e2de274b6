/** The main side of the store's thread: asks, and is answered; knows when the thread is gone. */
import { Worker } from 'node:worker_threads';
import { AppError, describeError } from '../base/errors.ts';
import { threadUrl } from '../base/thread-url.ts';
import type {
  ChangeGroup,
  GroupResult,
  StoreAnswers,
  StoreQuery,
  StoreReply,
  StoreRequest,
  StoreWorkerData,
} from './store-message.ts';

/** A running thread with the database open. */
export type StoreThread = {
  /**
   * One group at a time: resolves when it is on the disk or has failed; rejects when the thread died over it. Throws
   * DataCloneError at once when an entry is not plain data.
   */
  commit(group: ChangeGroup): Promise<GroupResult>;
  /** Rejects with AppError `store.cannot-read`, also when the thread dies first. */
  ask<Q extends StoreQuery>(query: Q): Promise<StoreAnswers[Q['ask']]>;
  /** Closes the database and resolves when the thread is gone. */
  close(): Promise<void>;
};

/** Starts a thread. Rejects with AppError `store.cannot-open`; `onGone` is called when it dies without being asked to. */
export type StartStoreThread = (data: StoreWorkerData, onGone: (problem: string) => void) => Promise<StoreThread>;

type Waiter<T> = { resolve(value: T): void; reject(error: Error): void };

/** Runs `store-worker.ts`; `spawned` lets a test hold the thread it is about to kill. */
export function workerThreadStarter(spawned: (worker: Worker) => void = () => {}): StartStoreThread {
  return async (data, onGone) => {
    const worker = new Worker(threadUrl('store-worker', import.meta.url), { workerData: data, name: 'brusio-store' });
    spawned(worker);
    const opened = Promise.withResolvers<void>();
    const exited = Promise.withResolvers<void>();
    const waitingForAnswer = new Map<number, Waiter<never>>();
    let waitingForCommit: Waiter<GroupResult> | null = null;
    let lastId = 0;
    let state: 'opening' | 'open' | 'closing' | 'gone' = 'opening';
    let problem = 'the store thread has ended';

    worker.on('message', (message: StoreReply) => {
      if (message.type === 'opened') {
        opened.resolve();
      } else if (message.type === 'cannot-open') {
        opened.reject(new AppError('store.cannot-open', message.message));
      } else if (message.type === 'group') {
        const waiter = waitingForCommit;
        waitingForCommit = null;
        waiter?.resolve(message.result);
      } else {
        const waiter = waitingForAnswer.get(message.id);
        waitingForAnswer.delete(message.id);
        if (message.type === 'answer') waiter?.resolve(message.answer as never);
        else waiter?.reject(new AppError('store.cannot-read', message.problem));
      }
    });
    worker.on('error', (thrown) => {
      problem = `the store thread failed: ${describeError(thrown)}`;
    });
    worker.on('exit', () => {
      const asked = state === 'closing' || state === 'opening';
      state = 'gone';
      opened.reject(new AppError('store.cannot-open', problem));
      waitingForCommit?.reject(new AppError('store.thread-gone', problem));
      for (const waiter of waitingForAnswer.values()) waiter.reject(new AppError('store.cannot-read', problem));
      waitingForAnswer.clear();
      exited.resolve();
      if (!asked) onGone(problem);
    });
    const post = (request: StoreRequest) => worker.postMessage(request);

    await opened.promise;
    state = 'open';
    return {
      commit(group) {
        const waiter = Promise.withResolvers<GroupResult>();
        post({ type: 'commit', group });
        waitingForCommit = waiter;
        if (state === 'gone') waiter.reject(new AppError('store.thread-gone', problem));
        return waiter.promise;
      },
      ask<Q extends StoreQuery>(query: Q) {
        const waiter = Promise.withResolvers<StoreAnswers[Q['ask']]>();
        if (state === 'gone') {
          waiter.reject(new AppError('store.cannot-read', problem));
        } else {
          const id = ++lastId;
          waitingForAnswer.set(id, waiter as Waiter<never>);
          post({ type: 'query', id, query });
        }
        return waiter.promise;
      },
      close() {
        if (state === 'open') {
          state = 'closing';
          post({ type: 'close' });
        }
        return exited.promise;
      },
    };
  };
}
