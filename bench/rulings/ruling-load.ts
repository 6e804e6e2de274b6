/** Puts INVITEs before the rules, at a rate or as fast as they are ruled on, each call holding its room for a while. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Rulings } from '../../src/guard/ruling-port.ts';
import { type Spread, spreadOf } from '../load/spread.ts';
import type { inviteSource } from './filled-database.ts';

/** What came of it. */
export type RulingLoadResult = {
  readonly perSecond: number;
  readonly allowedShare: number;
  /** From the question on the main thread to the ruling there, ms. */
  readonly ms: Spread;
  /** CPU of the ruling thread a ruling, µs. */
  readonly threadCpuUs: number;
};

/** How long a call that was allowed holds its room, ms. */
const HELD_MS = 2_000;

/** `perSecond` INVITEs, evenly; null: 64 at a time, each followed by the next. */
export async function loadRulings(
  rulings: Rulings,
  thread: Worker,
  invites: ReturnType<typeof inviteSource>,
  { perSecond, seconds }: { readonly perSecond: number | null; readonly seconds: number },
): Promise<RulingLoadResult> {
  const taken: number[] = [];
  let allowed = 0;
  async function ask(): Promise<void> {
    const request = invites();
    const askedAt = performance.now();
    const ruling = await rulings.rule(request);
    taken.push(performance.now() - askedAt);
    if (ruling.allowed) allowed++;
    if (perSecond !== null && ruling.allowed) await pause(HELD_MS);
    rulings.released(request.callId);
  }

  const cpuBefore = await thread.cpuUsage();
  const startedAt = performance.now();
  const lastsMs = seconds * 1_000;
  if (perSecond === null) {
    const oneAfterTheOther = async () => {
      while (performance.now() - startedAt < lastsMs) await ask();
    };
    await Promise.all(Array.from({ length: 64 }, oneAfterTheOther));
  } else {
    const asked: Promise<void>[] = [];
    for (let n = 0; n < perSecond * seconds; n++) {
      const waitMs = startedAt + (n * 1_000) / perSecond - performance.now();
      if (waitMs > 1) await pause(waitMs);
      asked.push(ask());
    }
    await Promise.all(asked);
  }
  const cpu = await thread.cpuUsage(cpuBefore);
  return {
    perSecond: perSecond ?? taken.length / seconds,
    allowedShare: allowed / taken.length,
    ms: spreadOf(taken),
    threadCpuUs: (cpu.user + cpu.system) / taken.length,
  };
}

/** What a question to another thread takes that answers at once, at the same rate: what of a ruling is the machine's. */
export async function echoSpread(perSecond: number, seconds: number): Promise<Spread> {
  const source = `const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m));`;
  const worker = new Worker(source, { eval: true });
  await once(worker, 'online');
  const taken: number[] = [];
  const startedAt = performance.now();
  worker.on('message', (askedAt: number) => taken.push(performance.now() - askedAt));
  for (let n = 0; n < perSecond * seconds; n++) {
    const waitMs = startedAt + (n * 1_000) / perSecond - performance.now();
    if (waitMs > 1) await pause(waitMs);
    worker.postMessage(performance.now());
  }
  await pause(500);
  await worker.terminate();
  return spreadOf(taken);
}
