/** What a call that plays ambience holds in the media plane, after a full collection of garbage. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Worker } from 'node:worker_threads';
import { systemClock } from '../../src/base/clock.ts';
import { residentOctets } from '../load/process-load.ts';
import { openCalls, type PlaneOptions, peerMedia, withPlane } from './plane.ts';
import { figure, type Row } from './table.ts';

export const MEMORY_COLUMNS = [
  'calls',
  'heap of main a call, kB',
  "heap of the media threads' a call, kB",
  'buffers a call, kB',
  'resident set a call, kB',
  'sum of the first three',
] as const;

type Memory = { readonly main: number; readonly media: number; readonly external: number; readonly resident: number };

/** One row of the table. */
export async function memory(options: PlaneOptions, calls: number): Promise<Row> {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const threads: Worker[] = [];
  const note = (thread: Worker) => void threads.push(thread);
  process.on('worker', note);
  let row: Row = [];
  await withPlane(
    options,
    1,
    () => {},
    async (plane, peers) => {
      peers.sleep();
      // Code and tables of the first calls are not theirs.
      const [warm] = await openCalls(plane, 1);
      if (warm === undefined) return;
      plane.playAmbience(warm[0], peerMedia(peers.ports[0] ?? 0), systemClock.monotonicMs());
      await sleep(500);
      await plane.close(warm[0]);
      const before = await measured(threads, collect);
      const opened = await openCalls(plane, calls);
      for (const [callId] of opened)
        plane.playAmbience(callId, peerMedia(peers.ports[0] ?? 0), systemClock.monotonicMs());
      await sleep(1000);
      const after = await measured(threads, collect);
      const each = (read: (one: Memory) => number) => (read(after) - read(before)) / calls / 1000;
      const [main, media, external] = [each((m) => m.main), each((m) => m.media), each((m) => m.external)];
      row = [
        String(calls),
        ...[main, media, external, each((m) => m.resident), main + media + external].map((kB) => figure(kB, 1)),
      ];
      await Promise.all(opened.map(([callId]) => plane.close(callId)));
    },
  );
  process.off('worker', note);
  return row;
}

async function measured(threads: readonly Worker[], collect: () => void): Promise<Memory> {
  let [media, external] = [0, 0];
  for (const thread of threads) {
    // A snapshot collects first; nothing else lets one thread collect another's garbage.
    const snapshot = await thread.getHeapSnapshot();
    snapshot.resume();
    await once(snapshot, 'end');
    const heap = await thread.getHeapStatistics();
    media += heap.used_heap_size;
    external += heap.external_memory;
  }
  // The snapshots themselves passed through here as buffers, which V8 lets go of in the background.
  for (let times = 0; times < 3; times += 1) {
    collect();
    await sleep(200);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { main: heapUsed, media, external: external + arrayBuffers, resident: residentOctets(process.pid) };
}
