/**
 * What the media thread does, how fast, and how its cost grows: `node bench/media.ts [--seconds 8] [--only answers,pacing,relay]`.
 *
 * A child process stands for the peers; it never reads what it is sent. tcpdump takes the times from the kernel (it
 * needs the right to capture on `lo`), so nothing that is measured depends on the measurer's event loop. CPU is that of
 * this whole process, garbage collection included, divided by the packets sent.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/base/clock.ts';
import type { Logger } from '../src/base/log.ts';
import type { CallId } from '../src/call/call-facts.ts';
import type { RemoteMedia, RtpAddress } from '../src/call/remote-media.ts';
import type { CallMediaAddresses, MediaEvent, MediaPlane } from '../src/guard/ports.ts';
import { createMediaPlane } from '../src/media/media-plane.ts';
import { stubAudioDir } from '../src/testing/stub-clip.ts';

const PEER_ADDRESS = '127.0.0.31';
const GUARD_ADDRESS = '127.0.0.30';
const PAYLOAD_AT = 12;

type PeerOrder =
  | { readonly type: 'bind'; readonly sockets: number }
  /** Socket n sends a packet to `targets[n]` every 20 ms, each with a phase of its own. */
  | { readonly type: 'talk'; readonly targets: readonly RtpAddress[]; readonly seconds: number }
  | { readonly type: 'sleep' };

// ── The peers ────────────────────────────────────────────────────────────────────────────────────────────────────────

async function peers(): Promise<void> {
  const sockets: Socket[] = [];
  const still = new Int32Array(new SharedArrayBuffer(4));
  process.on('message', async (order: PeerOrder) => {
    if (order.type === 'bind') {
      for (let n = 0; n < order.sockets; n += 1) sockets.push(await unreadSocket());
      process.send?.(sockets.map((socket) => socket.address().port));
      return;
    }
    // From here on the event loop is never entered again: nothing is read, and what is sent leaves synchronously.
    if (order.type === 'talk') talk(sockets, order.targets, order.seconds, still);
    const parent = process.ppid;
    while (process.ppid === parent) Atomics.wait(still, 0, 0, 1000);
    process.exit(0);
  });
}

async function unreadSocket(): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', lookup: (literal, _options, found) => found(null, literal, 4) });
  const bound = once(socket, 'listening');
  socket.bind({ address: PEER_ADDRESS, port: 0, exclusive: true });
  await bound;
  socket.setRecvBufferSize(1);
  return socket;
}

function talk(sockets: Socket[], targets: readonly RtpAddress[], seconds: number, still: Int32Array): void {
  const packet = Buffer.alloc(172, 0xd5);
  packet.writeUInt16BE(0x8008, 0);
  const startMs = systemClock.monotonicMs() + 20;
  const slots = targets.length;
  for (let frame = 0; frame < seconds * 50; frame += 1) {
    for (let slot = 0; slot < slots; slot += 1) {
      const waitMs = startMs + 20 * (frame + slot / slots) - systemClock.monotonicMs();
      if (waitMs > 0.3) Atomics.wait(still, 0, 0, waitMs);
      packet.writeUInt16BE(frame & 0xffff, 2);
      packet.writeUInt32BE(frame * 160, 4);
      packet.writeUInt32BE(slot + 1, 8);
      packet.writeUInt32BE(slot, PAYLOAD_AT);
      packet.writeUInt32BE(frame, PAYLOAD_AT + 4);
      const target = targets[slot];
      if (target !== undefined) sockets[slot]?.send(packet, target.port, target.address);
    }
  }
}

// ── The capture ──────────────────────────────────────────────────────────────────────────────────────────────────────

type Captured = {
  readonly atMs: number;
  readonly fromPort: number;
  readonly toPort: number;
  readonly toPeer: boolean;
  readonly sequence: number;
  readonly timestamp: number;
  /** The first eight octets of the payload. */
  readonly slot: number;
  readonly frame: number;
};

async function captureDuring(work: () => Promise<void>): Promise<Captured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-bench-'));
  const file = join(folder, 'media.pcap');
  const filter = `udp and host ${PEER_ADDRESS}`;
  const args = ['-i', 'lo', '-n', '-s', '64', '-B', '65536', '--time-stamp-precision=nano', '-w', file, filter];
  const tcpdump = spawn('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  tcpdump.stderr.on('data', (text) => {
    said += text;
  });
  while (!said.includes('listening on')) await once(tcpdump.stderr, 'data');
  await work();
  await sleep(300);
  tcpdump.kill('SIGINT');
  await once(tcpdump, 'exit');
  const dropped = Number(/(\d+) packets? dropped by kernel/.exec(said)?.[1] ?? 0);
  if (dropped > 0) console.log(`  the capture lost ${dropped} packets: the figures of this part are not good`);
  const packets = readCapture(readFileSync(file));
  rmSync(folder, { recursive: true });
  return packets;
}

function readCapture(file: Buffer): Captured[] {
  const packets: Captured[] = [];
  for (let at = 24; at + 16 <= file.length; at += 16 + file.readUInt32LE(at + 8)) {
    const udp = at + 16 + 14 + 20;
    const rtp = udp + 8;
    if (file.readUInt32LE(at + 8) < 62) continue;
    packets.push({
      atMs: file.readUInt32LE(at) * 1000 + file.readUInt32LE(at + 4) / 1e6,
      toPeer: file[at + 16 + 14 + 19] === 31,
      fromPort: file.readUInt16BE(udp),
      toPort: file.readUInt16BE(udp + 2),
      sequence: file.readUInt16BE(rtp + 2),
      timestamp: file.readUInt32BE(rtp + 4),
      slot: file.readUInt32BE(rtp + PAYLOAD_AT),
      frame: file.readUInt32BE(rtp + PAYLOAD_AT + 4),
    });
  }
  return packets;
}

// ── The parts ────────────────────────────────────────────────────────────────────────────────────────────────────────

const silent: Logger = { debug() {}, info() {}, warn() {}, error: console.error, child: () => silent };

function media(port: number): RemoteMedia {
  const codecs = [{ name: 'PCMA', payloadType: 8 } as const];
  return { rtp: { address: PEER_ADDRESS, port }, codecs, telephoneEventPayloadType: 101, direction: 'sendrecv' };
}

type Bench = { readonly plane: MediaPlane; readonly ports: readonly number[]; readonly child: ChildProcess };

async function withPlane(
  sockets: number,
  onEvent: (event: MediaEvent) => void,
  part: (bench: Bench) => Promise<void>,
): Promise<void> {
  const plane = createMediaPlane(
    {
      bindAddress: GUARD_ADDRESS,
      advertisedAddress: GUARD_ADDRESS,
      portMin: 20000,
      portMax: 37999,
      audioDir: stubAudioDir(),
      clip: 'stub',
      workers: 1,
    },
    silent,
  );
  await plane.start(onEvent);
  const child = fork(import.meta.filename, ['peers']);
  child.send({ type: 'bind', sockets } satisfies PeerOrder);
  const [ports]: readonly number[][] = await once(child, 'message');
  await part({ plane, ports: ports ?? [], child });
  await plane.stop();
  child.kill('SIGKILL');
}

async function openCalls(plane: MediaPlane, count: number): Promise<[CallId, CallMediaAddresses][]> {
  const opened: [CallId, CallMediaAddresses][] = [];
  for (let n = 0; n < count; n += 1) {
    const callId = `bench-${n}` as CallId;
    opened.push([callId, await plane.open(callId)]);
  }
  return opened;
}

/** Nearest-rank percentiles, in ms. */
function spread(values: number[], digits = 3): string {
  const sorted = values.sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN).toFixed(digits);
  return `p50 ${at(0.5)}  p99 ${at(0.99)}  p99.9 ${at(0.999)}  max ${at(1)} ms (n ${sorted.length})`;
}

/** Cores that this process uses; measured without the capture, whose cost the kernel adds to each sender's. */
async function cpuShare(seconds: number): Promise<number> {
  const before = process.cpuUsage();
  const startMs = systemClock.monotonicMs();
  await sleep(seconds * 1000);
  return cpuMs(before) / (systemClock.monotonicMs() - startMs);
}

function cpuMs(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

async function pacing(streams: number, seconds: number): Promise<void> {
  await withPlane(
    streams,
    () => {},
    async ({ plane, ports, child }) => {
      child.send({ type: 'sleep' } satisfies PeerOrder);
      const calls = await openCalls(plane, streams);
      const packets = await captureDuring(async () => {
        for (const [n, [callId]] of calls.entries()) {
          plane.playAmbience(callId, media(ports[n] ?? 0), systemClock.monotonicMs());
          if (n % Math.ceil(streams / 200) === 0) await sleep(5);
        }
        await sleep(seconds * 1000);
      });
      const cpu = await cpuShare(seconds / 2);
      let sent = 0;
      for (const [callId] of calls) sent += (await plane.close(callId))?.packetsToCallee ?? 0;
      const errors: number[] = [];
      let [drift, lost, skipped] = [0, 0, 0];
      for (const stream of Map.groupBy(packets, ({ toPort }) => toPort).values()) {
        for (const [n, packet] of stream.slice(1).entries()) {
          const before = stream[n];
          if (before === undefined) continue;
          lost += ((packet.sequence - before.sequence) & 0xffff) - 1;
          skipped += ((packet.timestamp - before.timestamp) >>> 0) / 160 - 1;
          errors.push(Math.abs(packet.atMs - before.atMs - 20));
        }
        drift = Math.max(drift, Math.abs(driftOf(stream)));
      }
      console.log(`pacing of ${streams} streams: |Δ−20 ms| ${spread(errors)}`);
      console.log(
        `  drift at most ${(drift * 100).toFixed(4)} %, lost ${lost} and skipped ${skipped} of ${sent}; ` +
          `${((cpu * 1e6) / (streams * 50)).toFixed(2)} µs of CPU a packet`,
      );
    },
  );
}

/** How much faster the packets come than their timestamps say, by the most punctual packet of the first and last second. */
function driftOf(stream: readonly Captured[]): number {
  const first = stream[0];
  if (first === undefined || stream.length < 150) return 0;
  const latenessMs = ({ atMs, timestamp }: Captured) => atMs - first.atMs - ((timestamp - first.timestamp) >>> 0) / 8;
  const punctual = (part: readonly Captured[]) => Math.min(...part.map(latenessMs));
  return (punctual(stream.slice(-50)) - punctual(stream.slice(1, 51))) / (20 * (stream.length - 50));
}

/** What the machine gives to anybody at this moment, without which no figure below can be judged. */
async function machine(): Promise<void> {
  const [from, to] = [await unreadSocket(), await unreadSocket()];
  const { address, port } = to.address();
  const packet = Buffer.alloc(172);
  const before = process.cpuUsage();
  for (let n = 0; n < 50_000; n += 1) from.send(packet, port, address);
  const sendUs = cpuMs(before) / 50;
  from.close();
  to.close();
  const still = new Int32Array(new SharedArrayBuffer(4));
  const lateMs: number[] = [];
  let dueMs = systemClock.monotonicMs() + 5;
  for (; lateMs.length < 400; dueMs += 5) {
    Atomics.wait(still, 0, 0, Math.max(0, dueMs - systemClock.monotonicMs()));
    lateMs.push(systemClock.monotonicMs() - dueMs);
  }
  const load = loadavg()
    .map((each) => each.toFixed(2))
    .join(' ');
  console.log(
    `machine: load ${load}; a bare send ${sendUs.toFixed(2)} µs; a sleeping thread is late by ${spread(lateMs)}`,
  );
}

async function relay(count: number, seconds: number): Promise<void> {
  await withPlane(
    2 * count,
    () => {},
    async ({ plane, ports, child }) => {
      const calls = await openCalls(plane, count);
      const targets: RtpAddress[] = [];
      for (const [n, [callId, addresses]] of calls.entries()) {
        plane.setDialer(callId, media(ports[2 * n] ?? 0));
        plane.connect(callId, media(ports[2 * n + 1] ?? 0));
        targets.push(addresses.dialer, addresses.carrier);
      }
      const packets = await captureDuring(async () => {
        child.send({ type: 'talk', targets, seconds: 1.5 * seconds + 3 } satisfies PeerOrder);
        await sleep(1000 + seconds * 1000);
      });
      const cpu = await cpuShare(seconds / 2);
      for (const [callId] of calls) await plane.close(callId);
      const arrived = new Map<number, number>();
      const latencies: number[] = [];
      for (const { toPeer, slot, frame, atMs } of packets) {
        const key = slot * 1e6 + frame;
        if (!toPeer) arrived.set(key, atMs);
        else if (arrived.has(key)) latencies.push(atMs - (arrived.get(key) ?? 0));
        if (toPeer) arrived.delete(key);
      }
      console.log(`relay of ${count} calls both ways: added latency ${spread(latencies)}`);
      console.log(
        `  still on their way ${arrived.size}; ${((cpu * 1e6) / (count * 100)).toFixed(2)} µs of CPU a packet`,
      );
    },
  );
}

async function answers(perSecond: number, seconds: number): Promise<void> {
  const delays: number[] = [];
  const onEvent = (event: MediaEvent) => {
    if (event.type === 'ambience-started') delays.push(event.afterMs);
  };
  await withPlane(500, onEvent, async ({ plane, ports, child }) => {
    child.send({ type: 'sleep' } satisfies PeerOrder);
    const before = process.cpuUsage();
    const lives: Promise<unknown>[] = [];
    const startMs = systemClock.monotonicMs();
    const count = perSecond * seconds;
    for (let n = 0; n < count; n += 1) {
      const waitMs = startMs + (1000 * n) / perSecond - systemClock.monotonicMs();
      if (waitMs > 1) await sleep(waitMs);
      lives.push(live(plane, `answer-${perSecond}-${n}` as CallId, ports[n % ports.length] ?? 0));
    }
    await Promise.all(lives);
    const each = (cpuMs(before) / count).toFixed(2);
    console.log(`${perSecond} answers/s: play-ambience posted → first packet ${spread(delays)}`);
    console.log(`  ${each} ms of CPU for a call with 3 s of ambience, its four sockets included`);
  });
}

async function live(plane: MediaPlane, callId: CallId, port: number): Promise<void> {
  await plane.open(callId);
  await sleep(200);
  plane.playAmbience(callId, media(port), systemClock.monotonicMs());
  await sleep(3000);
  await plane.close(callId);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '8' }, only: { type: 'string', default: 'answers,pacing,relay' } },
  });
  const seconds = Number(values.seconds);
  console.log(`Node ${process.version}, ${availableParallelism()} cores of ${cpus()[0]?.model ?? 'unknown'}`);
  const parts: readonly [string, readonly number[], (size: number, seconds: number) => Promise<void>][] = [
    ['answers', [10, 50, 200], answers],
    ['pacing', [100, 1000, 2000], pacing],
    ['relay', [100, 250], relay],
  ];
  for (const [name, sizes, part] of parts) {
    for (const size of values.only.includes(name) ? sizes : []) {
      await machine();
      await part(size, seconds);
    }
  }
}

await (process.argv[2] === 'peers' ? peers() : main());
