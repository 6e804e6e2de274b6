import { Worker } from 'node:worker_threads';
import { AppError } from '../base/errors.ts';
import { threadUrl } from '../base/thread-url.ts';
import type { CallOver, PeersOrder, PeersReport, PeersStart, PlaceCalls } from './demo-peers-message.ts';

/** The demo's dialer and carrier, in a thread of their own. */
export type DemoPeers = {
  /** The carrier's SIP port. */
  readonly carrierPort: number;
  /** Places every call of the demo; resolves when `count` calls are over, each told to `onOver`. Rejects on a failure. */
  placeCalls(order: PlaceCalls, count: number, onOver: (call: CallOver) => void): Promise<void>;
  stop(): Promise<void>;
};

/** Starts the thread and its carrier. Rejects with AppError `demo.peers` when the thread cannot be started. */
export async function startDemoPeers(start: PeersStart): Promise<DemoPeers> {
  const worker = new Worker(threadUrl('demo-peers-worker', import.meta.url), { workerData: start });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let onReport: (report: PeersReport) => void = () => undefined;
  let onFailure: (error: AppError) => void = () => undefined;
  worker.on('message', (report: PeersReport) => {
    if (report.type === 'failed') onFailure(new AppError('demo.peers', report.problem));
    else onReport(report);
  });
  worker.on('error', (cause) =>
    onFailure(new AppError('demo.peers', `dialer and carrier: ${String(cause)}`, { cause })),
  );

  const carrierPort = await new Promise<number>((resolve, reject) => {
    onFailure = reject;
    onReport = (report) => {
      if (report.type === 'carrier-ready') resolve(report.port);
    };
  });

  return {
    carrierPort,
    placeCalls: (order, count, onOver) =>
      new Promise((resolve, reject) => {
        let over = 0;
        onFailure = reject;
        onReport = (report) => {
          if (report.type !== 'call-over') return;
          onOver(report);
          if (++over === count) resolve();
        };
        worker.postMessage(order satisfies PeersOrder);
      }),
    async stop() {
      worker.postMessage({ type: 'stop' } satisfies PeersOrder);
      await ended;
    },
  };
}
