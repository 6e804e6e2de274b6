/** A UDP port that takes RTP and never reads it: the kernel drops what does not fit, and nobody's CPU is used. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** A bound port. */
export type UnreadSocket = { readonly port: number; close(): Promise<void> };

/** Binds a free port. */
export async function unreadSocket(address: string): Promise<UnreadSocket> {
  const worker = new Worker(new URL(import.meta.url), { workerData: address });
  const [port]: readonly number[] = await once(worker, 'message');
  return { port: port ?? 0, close: async () => void (await worker.terminate()) };
}

if (!isMainThread && parentPort !== null) {
  const socket = createSocket('udp4');
  socket.bind(0, workerData as string, () => {
    socket.setRecvBufferSize(1);
    parentPort?.postMessage(socket.address().port);
    // The event loop is never entered again. The message is on its way already.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
}
