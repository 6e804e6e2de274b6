/**
 * What the relay by rtpengine costs a call, beside Brusio's own ports in the same run: the first packet's delay, the
 * bridge, and the packets of a bridged call, coupled at rtpengine or with Brusio between.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../src/base/clock.ts';
import { seededRandom } from '../src/base/random.ts';
import type { CallId } from '../src/call/call-facts.ts';
import type { MediaEvent, MediaPlane } from '../src/guard/media-port.ts';
import type { ThreadedMedia } from '../src/media/media-plane.ts';
import { openNg } from '../src/media/rtpengine/ng-open.ts';
import { createRtpenginePlane, type RtpenginePlane } from '../src/media/rtpengine/rtpengine-plane.ts';
import { STUB_AMBIENCE } from '../src/testing/stub-clip.ts';
import { numbersIn, optionsOf } from './load/options.ts';
import { cpuOf } from './load/process-load.ts';
import { spreadOf } from './load/spread.ts';
import { captureDuring } from './media/capture.ts';
import { type Peers, startPeers } from './media/peers.ts';
import { mediaCpu, newPlane, peerMedia, QUIET } from './media/plane.ts';
import { measure, RELAY_COLUMNS } from './media/relay.ts';
import { NG_PORT, RELAY_ADDRESS, rtpengineVersion, startRtpengine } from './media/rtpengine.ts';
import { figure, placeText, type Row, startTable } from './media/table.ts';

const HELP = `usage: npm run bench -- --only rtpengine [--parts answers,bridge,relay] [--seconds 8] [--calls 50] [--bridges 50]
   or: node bench/rtpengine.ts [the same options]

answers  answer → first packet, on Brusio's own ports and through rtpengine
bridge   the callee's longest wait for a packet while its call is bridged
relay    bridged calls: CPU a packet, added latency, loss

Needs rtpengine, tcpdump, and the machine for itself.
`;

/** Who stands between the peers once they are bridged. */
const WAYS = ['Brusio', 'rtpengine', 'rtpengine, Brusio, rtpengine'] as const;
type Way = (typeof WAYS)[number];

/** A plane of one of the ways, its daemon if it has one, and peers. */
type Bench = {
  readonly plane: MediaPlane;
  readonly peers: Peers;
  readonly daemon: { readonly pid: number } | null;
  /** What the plane says, from now on. */
  listen(onEvent: (event: MediaEvent) => void): void;
};

async function withWay(way: Way, sockets: number, part: (bench: Bench) => Promise<void>): Promise<void> {
  const embedded: ThreadedMedia = newPlane({ workers: 1, native: true });
  const daemon = way === 'Brusio' ? null : await startRtpengine(RELAY_ADDRESS);
  const plane = daemon === null ? embedded : behindRtpengine(embedded, way === 'rtpengine');
  let onEvent: (event: MediaEvent) => void = () => {};
  const peers = await startPeers(sockets);
  try {
    await plane.start((event) => onEvent(event));
    await part({
      plane,
      peers,
      daemon,
      listen: (listener) => {
        onEvent = listener;
      },
    });
  } finally {
    await plane.stop();
    peers.stop();
    await daemon?.stop();
  }
}

function behindRtpengine(inner: ThreadedMedia, direct: boolean): RtpenginePlane {
  const place = { transport: 'udp', address: RELAY_ADDRESS, port: NG_PORT } as const;
  return createRtpenginePlane({
    inner,
    instances: [{ name: 'bench', weight: 1, open: openNg(place, systemClock) }],
    rules: { timeoutMs: 5_000, lostAfterMs: 60_000, whenDown: 'refuse', direct, interfaces: null },
    clock: systemClock,
    random: seededRandom(1),
    cookiePrefix: 'bench-',
    log: QUIET,
  });
}

// ── Answer → first packet ────────────────────────────────────────────────────────────────────────────────────────────

const ANSWERS_COLUMNS = ['ports of', 'calls', 'answer → first packet p50 ms', 'p99', 'max'] as const;

/** Every tenth of a second a call is opened, rings for 50 ms, is answered and hears one packet. */
async function answers(way: Way, calls: number): Promise<Row> {
  let row: Row = [];
  await withWay(way, 2 * calls, async ({ plane, peers, listen }) => {
    peers.sleep();
    const delays: number[] = [];
    for (let n = 0; n < calls; n += 1) {
      const callId = `answer-${n}` as CallId;
      await plane.open(callId, STUB_AMBIENCE);
      plane.setDialer(callId, peerMedia(peers.ports[2 * n] ?? 0));
      await sleep(50);
      const started = Promise.withResolvers<number>();
      listen((event) => event.type === 'ambience-started' && started.resolve(event.afterMs));
      plane.playAmbience(callId, peerMedia(peers.ports[2 * n + 1] ?? 0), systemClock.monotonicMs());
      delays.push(await started.promise);
      await plane.close(callId);
      await sleep(50);
    }
    const { p50, p99, max } = spreadOf(delays);
    row = [way === 'Brusio' ? way : 'rtpengine', String(calls), ...[p50, p99, max].map((ms) => figure(ms, 2))];
  });
  return row;
}

// ── The bridge ───────────────────────────────────────────────────────────────────────────────────────────────────────

const BRIDGE_COLUMNS = [
  'between the peers',
  'calls',
  'longest wait of a callee p50 ms',
  'p99',
  'max',
  'coupled',
] as const;

/** Calls whose dialer talks while ambience plays are bridged one after the other; each callee's packets are watched. */
async function bridge(way: Way, calls: number): Promise<Row> {
  let row: Row = [];
  await withWay(way, 2 * calls, async ({ plane, peers }) => {
    const opened = await waiting(plane, peers, calls);
    const talkSeconds = 4 + calls * 0.05;
    peers.talk(opened, talkSeconds);
    await sleep(500);
    const { packets } = await captureDuring({ oneIn: 1, by: 'slot' }, async () => {
      for (let n = 0; n < calls; n += 1) {
        plane.connect(`bench-${n}` as CallId, null);
        await sleep(50);
      }
      await sleep(500);
    });
    const callees = new Map(Array.from({ length: calls }, (_, n) => [peers.ports[2 * n + 1] ?? 0, [] as number[]]));
    for (const { toPeer, toPort, atMs } of packets) if (toPeer) callees.get(toPort)?.push(atMs);
    const waits = [...callees.values()].map((at) => Math.max(...at.slice(1).map((ms, n) => ms - (at[n] ?? ms))));
    const { p50, p99, max } = spreadOf(waits);
    const coupled = 'status' in plane ? String((plane as RtpenginePlane).status().coupled) : '–';
    row = [way, String(calls), ...[p50, p99, max].map((ms) => figure(ms, 1)), coupled];
  });
  return row;
}

/** Calls in which ambience plays; where each peer is to send, two for each call. */
async function waiting(plane: MediaPlane, peers: Peers, calls: number) {
  const targets = [];
  for (let n = 0; n < calls; n += 1) {
    const callId = `bench-${n}` as CallId;
    const { dialer, carrier } = await plane.open(callId, STUB_AMBIENCE);
    plane.setDialer(callId, peerMedia(peers.ports[2 * n] ?? 0));
    plane.playAmbience(callId, peerMedia(peers.ports[2 * n + 1] ?? 0), systemClock.monotonicMs());
    targets.push(dialer, carrier);
  }
  return targets;
}

// ── Bridged calls ────────────────────────────────────────────────────────────────────────────────────────────────────

async function relay(way: Way, calls: number, seconds: number): Promise<Row> {
  let row: Row = [];
  await withWay(way, 2 * calls, async ({ plane, peers, daemon }) => {
    const targets = await waiting(plane, peers, calls);
    for (let n = 0; n < calls; n += 1) plane.connect(`bench-${n}` as CallId, null);
    row = await measure(
      {
        ...{ name: way, calls, targets, peers },
        async cpu(work) {
          const before = daemon === null ? 0 : cpuOf(daemon.pid);
          const { cpuMs, ms } = await mediaCpu(work);
          return { cpuMs: cpuMs + (daemon === null ? 0 : cpuOf(daemon.pid) - before), ms };
        },
        async lostOf(sent) {
          const reports = await Promise.all(
            Array.from({ length: calls }, (_, n) => plane.close(`bench-${n}` as CallId)),
          );
          return (
            sent - reports.reduce((sum, one) => sum + (one?.packetsFromDialer ?? 0) + (one?.packetsFromCallee ?? 0), 0)
          );
        },
      },
      seconds,
    );
  });
  return row;
}

async function main(): Promise<void> {
  const options = optionsOf(HELP, { parts: 'answers,bridge,relay', seconds: '8', calls: '50', bridges: '50' }, [
    'rtpengine',
    'tcpdump',
  ]);
  if (options === null) return;
  console.log(`${placeText()}\nrtpengine: ${rtpengineVersion()}`);
  const parts: Readonly<Record<string, () => Promise<void>>> = {
    async answers() {
      const table = startTable('Answer → first packet', ANSWERS_COLUMNS);
      for (const way of WAYS.slice(0, 2)) table.row(await answers(way, Number(options.bridges)));
    },
    async bridge() {
      const table = startTable('The bridge', BRIDGE_COLUMNS);
      for (const way of WAYS) table.row(await bridge(way, Number(options.bridges)));
    },
    async relay() {
      const table = startTable('Bridged calls; the CPU is that of everything between the peers', RELAY_COLUMNS);
      for (const calls of numbersIn(options.calls))
        for (const way of WAYS) table.row(await relay(way, calls, Number(options.seconds)));
    },
  };
  for (const name of options.parts.split(',')) {
    const part = parts[name];
    if (part === undefined) throw new Error(`no such part: ${name}\n${HELP}`);
    await part();
  }
}

await main();
