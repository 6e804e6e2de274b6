import { Worker } from 'node:worker_threads';
import { AppError } from '../base/errors.ts';
import type { ThreadLoad } from '../base/thread-load.ts';
import { threadUrl } from '../base/thread-url.ts';
import type { EngineStats } from './engine.ts';
import type { EngineOptions } from './engine-options.ts';
import type { EngineCommand, EngineNotice } from './engine-thread-message.ts';

/** A SIP engine in a thread of its own; drachtio-srf connects to its control port with the secret. */
export type Engine = {
  readonly controlHost: string;
  readonly controlPort: number;
  readonly secret: string;
  /** `udp/host:port` of every listener, with its real port. */
  readonly listening: readonly string[];
  stats(): Promise<EngineStats>;
  /** How its thread bears the work. */
  load(): Promise<ThreadLoad>;
  /** Reads the TLS certificates again. */
  reload(): void;
  /** Ends every dialog and request, waits for the answers half a second at most, and ends the thread. */
  stop(): Promise<void>;
  /** Called once when the thread dies without having been stopped; at once when it already has. */
  onFailure(listener: (error: AppError) => void): void;
};

/**
 * Transactions live for 32 s, so what a small nursery does not hold is copied twice before it dies; with 64 MiB a
 * collection comes every few thousand messages.
 */
const YOUNG_GENERATION_MIB = 64;

/**
 * Starts the engine in its own thread. `onContained` hears of every bug of ours that ended with the message that met it.
 * Rejects with `AppError`: `sip.address-in-use`, `sip.address-not-available`, `sip.cannot-listen`,
 * `sip.bad-allowed-source`, `sip.tls-files`, `sip.control-port` or `sip.engine-not-started`.
 */
export function startEngine(
  options: EngineOptions,
  onContained: (report: string) => void = () => undefined,
  onNotice: (level: 'info' | 'warn', message: string) => void = () => undefined,
): Promise<Engine> {
  const worker = new Worker(threadUrl('engine-worker', import.meta.url), {
    workerData: options,
    name: 'sip-engine',
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  });
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: AppError) => void }>();
  const listeners: ((error: AppError) => void)[] = [];
  let nextId = 1;
  let failure: AppError | null = null;
  let stopping: Promise<void> | null = null;
  let cause: unknown;

  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('error', (thrown) => {
    cause = thrown;
  });

  const command = <Answer>(type: EngineCommand['type']): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (failure !== null) {
        reject(failure);
        return;
      }
      const id = nextId++;
      waiting.set(id, { resolve: resolve as (answer: never) => void, reject });
      worker.postMessage({ type, id } satisfies EngineCommand);
    });

  const answered = (id: number, answer: EngineStats | ThreadLoad) => {
    waiting.get(id)?.resolve(answer as never);
    waiting.delete(id);
  };

  const engineOf = (notice: Extract<EngineNotice, { type: 'ready' }>): Engine => ({
    controlHost: notice.controlHost,
    controlPort: notice.controlPort,
    secret: notice.secret,
    listening: notice.listening,
    stats: () => command<EngineStats>('stats'),
    load: () => command<ThreadLoad>('load'),
    reload() {
      if (failure === null) worker.postMessage({ type: 'reload', id: nextId++ } satisfies EngineCommand);
    },
    stop() {
      if (stopping === null) {
        if (failure === null) worker.postMessage({ type: 'stop', id: nextId++ } satisfies EngineCommand);
        stopping = exited;
      }
      return stopping;
    },
    onFailure(listener) {
      if (failure === null) listeners.push(listener);
      else listener(failure);
    },
  });

  return new Promise((resolve, reject) => {
    worker.on('message', (notice: EngineNotice) => {
      switch (notice.type) {
        case 'ready':
          resolve(engineOf(notice));
          break;
        case 'not-started':
          reject(new AppError(notice.code, notice.message));
          break;
        case 'told':
          onNotice(notice.level, notice.message);
          break;
        case 'contained':
          onContained(notice.message);
          break;
        case 'stats':
          answered(notice.id, notice.stats);
          break;
        case 'load':
          answered(notice.id, notice.load);
          break;
        case 'stopped':
          break;
      }
    });
    void exited.then(() => {
      failure = new AppError('sip.engine-stopped', 'the SIP engine has stopped', { cause });
      reject(failure);
      for (const { reject: refuse } of waiting.values()) refuse(failure);
      waiting.clear();
      if (stopping === null) for (const listener of listeners) listener(failure);
    });
  });
}
