/**
 * A long steady load, and whether anything grows: failures, memory, file descriptors, event-loop delay.
 *
 * Memory is told by its slope after the warm-up, a least-squares line, in MiB an hour, of the resident set and of both
 * JavaScript heaps. V8 gives pages back and takes them again by a hundred MiB at a time, so that a line through half an
 * hour says more of when it did than of what is kept: the resident set is judged by how its highest value grows from the
 * middle third of the time to the last. A soak below ten minutes says little, and is not judged by it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../src/base/clock.ts';
import {
  ADDRESSES,
  type BrusioUnderLoad,
  engineFigure,
  loopDelayMs,
  type Samples,
  sample,
  startBrusio,
} from './load/brusio-under-load.ts';
import { endOnSignals } from './load/ends-with-run.ts';
import { optionsOf } from './load/options.ts';
import { cpuByThread, cpuSum, openFiles, residentOctets } from './load/process-load.ts';
import { type SippLoad, startSippLoad } from './load/sipp-load.ts';
import { slopeOf, spreadOf } from './load/spread.ts';
import { unreadSocket } from './load/unread-socket.ts';
import { openWebhookSink, type WebhookSink } from './load/webhook-sink.ts';

const HELP = `usage: npm run soak -- [--minutes 30] [--rate 50] [--every 10] [--warm-up 3]

Runs Brusio with SIPp on both sides: whole calls with 3 s of ambience and a webhook each, at a steady rate.
  --minutes N   how long calls are placed
  --rate N      calls per second
  --every N     seconds between two lines of figures
  --warm-up N   minutes at the start that the slope of memory leaves out; at most a third of the time
Exits with 1 when a call failed, an outcome is missing, the event loop's p99 is over 20 ms, or the
resident set's highest value grows by more than 50 MiB an hour.
`;

const MIB = 1024 * 1024;

/** The goal of the 30 minutes at 50 calls/s. */
const LOOP_DELAY_P99_MS_MAX = 20;

/** A shorter soak tells its memory, which is that of the warm-up, and does not judge it. */
const MEMORY_MINUTES_MIN = 10;

/** Above the noise of a resident set over half an hour; a leak of 100 octets a call at 50 calls/s would be 17. */
const RESIDENT_GROWTH_MIB_MAX = 50;

/** A transaction lives 64·T1 = 32 s after its call: then the engine must hold nothing. */
const EMPTY_AFTER_MS = 40_000;

const OUTCOMES_WITHIN_MS = 20_000;

type Moment = {
  readonly atMin: number;
  readonly residentMib: number;
  readonly mainHeapMib: number;
  readonly engineHeapMib: number;
  readonly externalMib: number;
  readonly files: number;
};

async function main(): Promise<void> {
  const values = optionsOf(HELP, { minutes: '30', rate: '50', every: '10', 'warm-up': '3' }, ['sipp']);
  if (values === null) return;
  endOnSignals();
  const [minutes, rate, everyS] = [Number(values.minutes), Number(values.rate), Number(values.every)];
  const warmUpMin = Math.min(Number(values['warm-up']), minutes / 3);
  const sink = await openWebhookSink(ADDRESSES.webhook);
  const dialerRtp = await unreadSocket(ADDRESSES.dialer);
  const carrierRtp = await unreadSocket(ADDRESSES.carrier);
  const brusio = await startBrusio({ webhook: sink });
  const calls = Math.round(minutes * 60 * rate);
  console.log(`soak: ${rate} calls/s for ${minutes} min, ${calls} calls; Node ${process.version}`);
  const load = await startSippLoad({
    dialer: 'sip-test/scenarios/dialer-waits-for-bye.xml',
    carrier: 'sip-test/scenarios/carrier-answers.xml',
    callsPerSecond: rate,
    calls,
    rtpPorts: { dialer: dialerRtp.port, carrier: carrierRtp.port },
  });
  try {
    const moments = await watch({ brusio, sink, load, minutes, everyS });
    const giveUpAtMs = systemClock.monotonicMs() + OUTCOMES_WITHIN_MS;
    while (sink.total() < calls && systemClock.monotonicMs() < giveUpAtMs) await sleep(100);
    console.log('calls are over; waiting for the last transactions');
    await sleep(EMPTY_AFTER_MS);
    const samples = await brusio.samples();
    const steady = moments.moments.filter(({ atMin }) => atMin >= warmUpMin);
    process.exitCode = verdict({ ...moments, steady, samples, load, sink, calls, log: brusio.log() }) ? 0 : 1;
  } finally {
    await load.stop();
    console.log(`exit code of Brusio: ${await brusio.stop()}`);
    await Promise.all([sink.close(), dialerRtp.close(), carrierRtp.close()]);
  }
}

type Watched = {
  readonly moments: readonly Moment[];
  readonly loopP99Ms: { readonly main: number; readonly engine: number };
  readonly firstPacketMs: readonly number[];
  readonly waitMs: readonly number[];
  readonly byKind: Readonly<Record<string, number>>;
  readonly cpuMs: number;
  readonly loadCores: number;
};

/** Prints a line of figures now and then, until the calls are over. */
async function watch(stage: {
  readonly brusio: BrusioUnderLoad;
  readonly sink: WebhookSink;
  readonly load: SippLoad;
  readonly minutes: number;
  readonly everyS: number;
}): Promise<Watched> {
  const { brusio, sink, load, minutes, everyS } = stage;
  const startMs = systemClock.monotonicMs();
  const endMs = startMs + minutes * 60_000;
  const atStart = await brusio.samples();
  const cpuAtStart = cpuSum(cpuByThread(brusio.pid));
  const moments: Moment[] = [];
  const firstPacketMs: number[] = [];
  const waitMs: number[] = [];
  const byKind: Record<string, number> = {};
  let before = atStart;
  let after = atStart;
  let isOver = false;
  const over = load.finished().then(() => {
    isOver = true;
  });
  console.log(
    'minute | calls, failed, outcomes | MiB resident, heap main, heap engine, external | files | live, dialogs, transactions | loop p99 main, engine | first packet p50/p99/max',
  );
  while (!isOver) {
    await Promise.race([sleep(everyS * 1000), over]);
    after = await brusio.samples();
    const window = sink.takeWindow();
    firstPacketMs.push(...window.firstPacketMs);
    waitMs.push(...window.waitMs);
    for (const [kind, count] of Object.entries(window.byKind)) byKind[kind] = (byKind[kind] ?? 0) + count;
    const moment = momentOf(brusio.pid, after, (systemClock.monotonicMs() - startMs) / 60_000);
    // The last calls' end is no steady load any more.
    if (systemClock.monotonicMs() <= endMs) moments.push(moment);
    const { created, failed } = load.dialer();
    const first = spreadOf(window.firstPacketMs);
    const delay = (thread: string) => `≤${loopDelayMs(before, after, thread, 0.99)}`;
    console.log(
      `${moment.atMin.toFixed(1).padStart(5)} | ${created} ${failed} ${sink.total()} | ${[moment.residentMib, moment.mainHeapMib, moment.engineHeapMib, moment.externalMib].map((mib) => mib.toFixed(0)).join(' ')} | ` +
        `${moment.files} | ${liveCalls(after)} ${engineFigure(after, 'dialogs')} ${engineFigure(after, 'transactions')} | ` +
        `${delay('main')} ${delay('sip-engine')} | ${[first.p50, first.p99, first.max].map((ms) => ms.toFixed(1)).join('/')}`,
    );
    before = after;
  }
  const durationMs = systemClock.monotonicMs() - startMs;
  const own = process.cpuUsage();
  return {
    moments,
    loopP99Ms: {
      main: loopDelayMs(atStart, after, 'main', 0.99),
      engine: loopDelayMs(atStart, after, 'sip-engine', 0.99),
    },
    firstPacketMs,
    waitMs,
    byKind,
    cpuMs: (cpuSum(cpuByThread(brusio.pid)) - cpuAtStart) / Math.max(1, sink.total()),
    loadCores: (load.cpuMs() + (own.user + own.system) / 1000) / durationMs,
  };
}

function momentOf(pid: number, samples: Samples, atMin: number): Moment {
  const heap = (thread: string) => sample(samples, `brusio_heap_octets{thread="${thread}"}`) / MIB;
  return {
    atMin,
    residentMib: residentOctets(pid) / MIB,
    mainHeapMib: heap('main'),
    engineHeapMib: heap('sip-engine'),
    externalMib: sample(samples, 'brusio_external_octets{thread="main"}') / MIB,
    files: openFiles(pid),
  };
}

function liveCalls(samples: Samples): number {
  return [...samples].reduce((sum, [name, value]) => (name.startsWith('brusio_calls_live{') ? sum + value : sum), 0);
}

function verdict(
  all: Watched & {
    readonly steady: readonly Moment[];
    readonly samples: Samples;
    readonly load: SippLoad;
    readonly sink: WebhookSink;
    readonly calls: number;
    readonly log: string;
  },
): boolean {
  const { steady, samples, load, sink, calls, loopP99Ms } = all;
  const slope = (read: (moment: Moment) => number) =>
    slopeOf(steady.map((moment) => [moment.atMin / 60, read(moment)]));
  const resident = highestByThird(steady);
  const { successful, failed, retransmitted } = load.dialer();
  const [first, wait] = [spreadOf(all.firstPacketMs), spreadOf(all.waitMs)];
  const left = ['dialogs', 'transactions'].map((name) => engineFigure(samples, name));
  const log = unexpectedLines(all.log);
  const isEmpty = left.every((count) => count === 0) && liveCalls(samples) === 0;
  const checks: readonly (readonly [what: string, isGood: boolean])[] = [
    [
      `calls: ${successful} of ${calls} good, ${failed} failed at the dialer, ${load.carrier().failed} at the carrier`,
      successful === calls && load.carrier().failed === 0,
    ],
    [
      `outcomes: ${sink.total()} of ${calls}, ${sink.repeated()} delivered twice, ${sink.wrong()} wrong; ${JSON.stringify(all.byKind)}`,
      sink.total() === calls && sink.wrong() === 0,
    ],
    [
      `event loop p99: main ≤ ${loopP99Ms.main} ms, engine ≤ ${loopP99Ms.engine} ms`,
      loopP99Ms.main <= LOOP_DELAY_P99_MS_MAX && loopP99Ms.engine <= LOOP_DELAY_P99_MS_MAX,
    ],
    [
      `memory, MiB an hour after the warm-up (${steady.length} samples): resident ${slope(({ residentMib }) => residentMib).toFixed(1)}, heap main ${slope(({ mainHeapMib }) => mainHeapMib).toFixed(1)}, heap engine ${slope(({ engineHeapMib }) => engineHeapMib).toFixed(1)}, external ${slope(({ externalMib }) => externalMib).toFixed(1)}`,
      true,
    ],
    [
      `resident set, highest of the middle third ${resident.middleMib.toFixed(0)} MiB, of the last ${resident.lastMib.toFixed(0)}: ${resident.growthMibPerHour.toFixed(1)} MiB an hour`,
      resident.growthMibPerHour <= RESIDENT_GROWTH_MIB_MAX || (steady.at(-1)?.atMin ?? 0) < MEMORY_MINUTES_MIN,
    ],
    [
      `left ${EMPTY_AFTER_MS / 1000} s after the last call: ${liveCalls(samples)} calls, ${left.join(' dialogs, ')} transactions`,
      isEmpty,
    ],
    [`files: ${steady[0]?.files ?? '–'} at first, ${steady.at(-1)?.files ?? '–'} at last`, true],
    [
      `first packet p50/p99/max ${first.p50.toFixed(1)}/${first.p99.toFixed(1)}/${first.max.toFixed(1)} ms; wait p50/p99 ${wait.p50}/${wait.p99} ms`,
      true,
    ],
    [
      `CPU of a call ${all.cpuMs.toFixed(2)} ms; SIPp repeated ${retransmitted + load.carrier().retransmitted} messages; the load itself used ${all.loadCores.toFixed(2)} cores`,
      true,
    ],
    [
      `log at warn and above, limits on silent calls apart: ${log.length === 0 ? 'nothing' : `${log.length} lines, the last ${log.at(-1)}`}`,
      log.length === 0,
    ],
  ];
  for (const [what, isGood] of checks) console.log(`${isGood ? '  ok  ' : 'FAILED'} ${what}`);
  const isGood = checks.every(([, good]) => good);
  if (!isGood && load.errors() !== '') console.log(load.errors());
  console.log(isGood ? 'the soak is passed' : 'the soak is FAILED');
  return isGood;
}

await main();

/** All calls of a soak are silent ones: that their campaign passes its limits is to be told. */
function unexpectedLines(log: string): readonly string[] {
  return log.split('\n').filter((line) => line !== '' && !/"msg":"campaign: .* limit on silent calls/.test(line));
}

/** How the highest value of the resident set grows from the middle third of the moments to the last. */
function highestByThird(moments: readonly Moment[]): { middleMib: number; lastMib: number; growthMibPerHour: number } {
  const third = Math.floor(moments.length / 3);
  const highest = (from: number, to: number) =>
    Math.max(0, ...moments.slice(from, to).map(({ residentMib }) => residentMib));
  const [middleMib, lastMib] = [highest(third, 2 * third), highest(2 * third, moments.length)];
  const hours = ((moments[2 * third]?.atMin ?? 0) - (moments[third]?.atMin ?? 0)) / 60;
  return { middleMib, lastMib, growthMibPerHour: hours > 0 ? (lastMib - middleMib) / hours : 0 };
}
