import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { RenderedClip } from '../../audio/render-clip.ts';
import { threadUrl } from '../../base/thread-url.ts';
import type { ClipOrder, ClipReport } from './clip-worker.ts';

/**
 * Renders clips, each in a thread of its own, as many at once as there are processors; in the orders' order. Rejects
 * with the first thread's failure.
 */
export async function renderClips(
  orders: readonly ClipOrder[],
  report: (step: string) => void,
): Promise<readonly RenderedClip[]> {
  const clips: RenderedClip[] = [];
  const waiting = orders.map((order, index) => ({ order, index }));
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { order, index } = next;
      clips[index] = await renderInThread(order, (step) => report(`${order.name}: ${step}`));
    }
  };
  await Promise.all(Array.from({ length: Math.min(orders.length, availableParallelism()) }, work));
  return clips;
}

function renderInThread(order: ClipOrder, report: (step: string) => void): Promise<RenderedClip> {
  const { promise, resolve, reject } = Promise.withResolvers<RenderedClip>();
  const worker = new Worker(threadUrl('clip-worker', import.meta.url), { workerData: order });
  worker.on('message', (message: ClipReport) => {
    if (message.type === 'clip') resolve(message.clip);
    else report(message.step);
  });
  worker.on('error', reject);
  worker.on('exit', () => reject(new Error(`the thread of ${order.name} ended without a clip`)));
  return promise;
}
