/**
 * The same work by rtpengine, Debian's daemon without its kernel module: the relay, and `play media` in place of ambience.
 * Skipped with a sentence where it is not installed.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import wavefile from 'wavefile';
import { systemClock } from '../../src/base/clock.ts';
import type { RtpAddress } from '../../src/call/remote-media.ts';
import { cpuOf } from '../load/process-load.ts';
import { PEER_ADDRESS, startPeers } from './peers.ts';
import { GUARD_ADDRESS } from './plane.ts';
import { measure } from './relay.ts';
import type { Row } from './table.ts';

/** Where it takes ng, at any address. */
export const NG_PORT = 2223;

/** An address of its own, where it stands beside a Brusio that has ports too. */
export const RELAY_ADDRESS = '127.0.0.32';

const READY_WITHIN_MS = 5000;

/** A ping is repeated; everything else must be answered, however busy the machine. */
const ANSWER_WITHIN_MS = { ping: 300, others: 10_000 };

/** Whether it is here, and which. */
export function rtpengineVersion(): string | null {
  const { status, stdout, stderr } = spawnSync('rtpengine', ['--version'], { encoding: 'utf8' });
  return status === 0 ? `${stdout}${stderr}`.trim().replace(/^Version:\s*/, '') : null;
}

/** rtpengine's row beside `relay`. */
export async function rtpengineRelay(calls: number, forSeconds: number): Promise<Row> {
  return withRtpengine(async (daemon, ng) => {
    const peers = await startPeers(2 * calls);
    try {
      const targets: RtpAddress[] = [];
      for (let n = 0; n < calls; n += 1) {
        const [from = 0, to = 0] = peers.ports.slice(2 * n, 2 * n + 2);
        const call = { 'call-id': `bench-${n}`, 'from-tag': 'a' };
        // Each side's SDP is answered with the address that the other side is to send to.
        const towardsCallee = portOf(await ng({ command: 'offer', ...call, sdp: sdp(from) }));
        const towardsDialer = portOf(await ng({ command: 'answer', ...call, 'to-tag': 'b', sdp: sdp(to) }));
        targets.push({ address: GUARD_ADDRESS, port: towardsDialer }, { address: GUARD_ADDRESS, port: towardsCallee });
      }
      return await measure(
        {
          ...{ name: 'rtpengine', calls, targets, peers },
          cpu: (work) => cpuDuring(daemon, work),
          lostOf: async () => null,
        },
        forSeconds,
      );
    } finally {
      peers.stop();
    }
  });
}

/** The part of `play media` in the pacing table: the daemon's CPU and its packets are read by `watch`. */
export async function rtpenginePlay<Seen>(
  streams: number,
  watch: (
    cpu: (work: () => Promise<void>) => Promise<{ readonly cpuMs: number; readonly ms: number }>,
  ) => Promise<Seen>,
): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-bench-'));
  const file = join(folder, 'clip.wav');
  const wav = new wavefile.WaveFile();
  wav.fromScratch(
    1,
    8000,
    '16',
    Int16Array.from({ length: 60 * 8000 }, (_, n) => 300 * Math.sin(n / 3)),
  );
  writeFileSync(file, wav.toBuffer());
  try {
    return await withRtpengine(async (daemon, ng) => {
      const peers = await startPeers(2 * streams);
      try {
        peers.sleep();
        for (let n = 0; n < streams; n += 1) {
          const [from = 0, to = 0] = peers.ports.slice(2 * n, 2 * n + 2);
          const call = { 'call-id': `bench-${n}`, 'from-tag': 'a' };
          await ng({ command: 'offer', ...call, sdp: sdp(from) });
          await ng({ command: 'answer', ...call, 'to-tag': 'b', sdp: sdp(to) });
          await ng({ command: 'play media', ...call, file });
        }
        return await watch((work) => cpuDuring(daemon, work));
      } finally {
        peers.stop();
      }
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

type Ng = (command: Readonly<Record<string, string>>) => Promise<string>;

/** A daemon that runs. */
export type RunningRtpengine = { readonly pid: number; stop(): Promise<void> };

/** Starts one at an address, control and media; resolves when it answers. */
export async function startRtpengine(address: string): Promise<RunningRtpengine> {
  const { daemon, socket } = await started(address);
  socket.close();
  return { pid: daemon.pid ?? 0, stop: () => ended(daemon) };
}

async function withRtpengine<Seen>(part: (daemon: ChildProcess, ng: Ng) => Promise<Seen>): Promise<Seen> {
  const { daemon, socket, ng } = await started(GUARD_ADDRESS);
  try {
    return await part(daemon, ng);
  } finally {
    socket.close();
    await ended(daemon);
  }
}

async function started(address: string): Promise<{ daemon: ChildProcess; socket: Socket; ng: Ng }> {
  const daemon = spawn(
    'rtpengine',
    [
      ...['--table=-1', '--foreground', '--log-stderr', '--log-level=0', '--config-file=none'],
      ...[`--interface=${address}`, `--listen-ng=${address}:${NG_PORT}`],
      ...['--port-min=20000', '--port-max=41999', '--delete-delay=0', '--timeout=3600', '--silent-timeout=3600'],
    ],
    { stdio: 'ignore' },
  );
  const socket = createSocket('udp4');
  const ng = ngOver(socket, address);
  const readyBy = systemClock.monotonicMs() + READY_WITHIN_MS;
  while (!(await ng({ command: 'ping' }).catch(() => '')).includes('pong')) {
    if (systemClock.monotonicMs() <= readyBy) continue;
    socket.close();
    await ended(daemon);
    throw new Error('rtpengine does not answer');
  }
  return { daemon, socket, ng };
}

async function ended(daemon: ChildProcess): Promise<void> {
  daemon.kill('SIGKILL');
  if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'exit');
}

/** The ng protocol: a cookie, a space, and a dictionary in bencode, both ways. */
function ngOver(socket: Socket, address: string): Ng {
  let cookies = 0;
  const waiting = new Map<string, (answer: string) => void>();
  socket.on('message', (octets) => {
    const text = octets.toString('latin1');
    waiting.get(text.slice(0, text.indexOf(' ')))?.(text);
  });
  return async (command) => {
    const cookie = `c${cookies++}`;
    const pairs = Object.entries(command).sort(([a], [b]) => (a < b ? -1 : 1));
    const body = pairs.map(([name, value]) => bencoded(name) + bencoded(value)).join('');
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    waiting.set(cookie, resolve);
    const withinMs = ANSWER_WITHIN_MS[command.command === 'ping' ? 'ping' : 'others'];
    const timer = setTimeout(() => reject(new Error(`rtpengine did not answer ${command.command}`)), withinMs);
    socket.send(`${cookie} d${body}e`, NG_PORT, address);
    try {
      const answer = await promise;
      if (answer.includes('5:error')) throw new Error(`rtpengine refuses ${command.command}: ${answer}`);
      return answer;
    } finally {
      clearTimeout(timer);
      waiting.delete(cookie);
    }
  };
}

function bencoded(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`;
}

function sdp(port: number): string {
  return [
    'v=0',
    `o=- 1 1 IN IP4 ${PEER_ADDRESS}`,
    's=-',
    `c=IN IP4 ${PEER_ADDRESS}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 8`,
    'a=rtpmap:8 PCMA/8000',
    '',
  ].join('\r\n');
}

function portOf(answer: string): number {
  return Number(/m=audio (\d+) /.exec(answer)?.[1] ?? 0);
}

async function cpuDuring(daemon: ChildProcess, work: () => Promise<void>): Promise<{ cpuMs: number; ms: number }> {
  const before = cpuOf(daemon.pid ?? 0);
  const startMs = systemClock.monotonicMs();
  await work();
  return { cpuMs: cpuOf(daemon.pid ?? 0) - before, ms: systemClock.monotonicMs() - startMs };
}
