/**
 * What it costs a call that people watch: the CPU of this process for the three events of a silent call, with nobody reading
 * `GET /v1/events`, with one reader and with several, who are processes of their own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fastify } from 'fastify';
import { elapsedMs, systemClock } from '../src/base/clock.ts';
import type { CallView } from '../src/guard/guard-view.ts';
import { createEventHub, type EventHub } from '../src/http/events/event-hub.ts';
import { eventRoutes } from '../src/http/events/event-routes.ts';
import { watchLiveState } from '../src/http/events/live-state.ts';
import { SAMPLE_STATE } from '../src/http/testing/live-samples.ts';
import { sampleCallId, sampleRecord } from '../src/testing/stored-calls.ts';
import { numbersIn, optionsOf } from './load/options.ts';

const HELP = `usage: npm run bench -- --only events [--readers 0,1,5] [--calls 2000] [--rounds 4]
   or: node bench/events.ts [the same options]
Each number of readers in its turn, round after round; the least CPU of each is told. Calls come at some 200 a second.
`;

/** Told in one turn of the event loop, and the pause between two: some 200 calls a second. */
const CALLS_A_TURN = 2;
const TURN_MS = 10;

/** A reader of a process of its own, which reads and does nothing else. */
const READER = 'for await (const _ of (await fetch(process.argv[1])).body);';

const record = sampleRecord(1);
const waiting: CallView = {
  ...{ callId: sampleCallId(1), state: 'waiting', kind: 'guarded', campaign: 'luce', number: '+39333•••4567' },
  ...{ dialerReference: null, dialerCallId: 'a84b4c76e66710@pc33.example.com', agent: null, class: null },
  ...{ answeredAt: '2026-11-20T09:15:04.214Z', waitEndsAt: '2026-11-20T09:15:07.214Z' },
};

function tellCall(hub: EventHub): void {
  const at = systemClock.now().wallMs;
  const { callId, campaign } = waiting;
  hub.tell({ type: 'call.answered', at, data: waiting });
  hub.tell({ type: 'call.comfort_noise_started', at, data: { callId, campaign, startedAfterMs: 0.8 } });
  hub.tell({ type: 'call.outcome', at, data: record });
}

/** Microseconds of a call: of telling its events, and of all that comes of it. */
async function priceOf(hub: EventHub, url: string, readers: number, calls: number) {
  const reading: ChildProcess[] = Array.from({ length: readers }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', READER, url], { stdio: 'ignore' }),
  );
  while (hub.stats().readers < readers) await sleep(50);
  const before = process.cpuUsage();
  let tellingMs = 0;
  for (let told = 0; told < calls; told += CALLS_A_TURN) {
    const from = systemClock.monotonicMs();
    for (let n = 0; n < CALLS_A_TURN; n++) tellCall(hub);
    tellingMs += elapsedMs(from, systemClock.monotonicMs());
    await sleep(TURN_MS);
  }
  const { user, system } = process.cpuUsage(before);
  const exits = reading.map((child) => once(child, 'exit'));
  for (const child of reading) child.kill();
  await Promise.all(exits);
  return { tellUs: (1000 * tellingMs) / calls, cpuUs: (user + system) / calls };
}

const values = optionsOf(HELP, { readers: '0,1,5', calls: '2000', rounds: '4' });
if (values !== null) {
  const hub = createEventHub(
    systemClock,
    watchLiveState(() => SAMPLE_STATE),
    'bench',
  );
  const app = fastify();
  for (const { path, handle } of eventRoutes(hub, () => true)) app.get(path, handle);
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/v1/events`;
  const [calls, rounds] = [Number(values.calls), Number(values.rounds)];
  await priceOf(hub, url, 1, calls);
  const least = new Map<number, { tellUs: number; cpuUs: number }>();
  for (let round = 0; round < rounds; round++)
    for (const readers of numbersIn(values.readers)) {
      const price = await priceOf(hub, url, readers, calls);
      const known = least.get(readers);
      if (known === undefined || price.cpuUs < known.cpuUs) least.set(readers, price);
    }
  console.log(
    `${calls} calls, ${rounds} rounds, an outcome of ${JSON.stringify(record).length} octets, Node ${process.version}`,
  );
  for (const [readers, { tellUs, cpuUs }] of least)
    console.log(
      `${readers} readers: ${cpuUs.toFixed(0)} µs of CPU a call, of them ${tellUs.toFixed(1)} in the call's own turns`,
    );
  hub.stop();
  await app.close();
}
