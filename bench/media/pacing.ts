/** Ambience to many callees at once: how far from 20 ms its packets are, and what they cost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import { spreadOf } from '../load/spread.ts';
import { type Captured, captureDuring, type Sample } from './capture.ts';
import { PACKETS_A_SECOND } from './peers.ts';
import {
  busyWithJson,
  mediaCpu,
  niceMedia,
  openCalls,
  type PlaneOptions,
  peerMedia,
  seconds,
  withPlane,
} from './plane.ts';
import { rtpenginePlay } from './rtpengine.ts';
import { figure, type Row } from './table.ts';

/** One run. */
export type PacingRun = {
  readonly streams: number;
  /** The main thread parses and writes JSON all the time. */
  readonly busy: boolean;
  /** The media threads keep the niceness they raise themselves to; else they get that of everybody. */
  readonly raised: boolean;
};

export const PACING_COLUMNS = [
  'streams',
  'main thread',
  'priority',
  '\\|Δ−20\\| p50 ms',
  'p99',
  'p99.9',
  'max',
  'drift %',
  'lost',
  'skipped',
  'CPU of 1,000 streams, cores',
  'µs a packet',
] as const;

/** Above this the capture takes every fourth stream: it is to watch, not to weigh. */
const CAPTURED_WHOLE_MAX = 1000;

const RAISED_NICENESS = -15;

/** A row beside the others: `play media` of rtpengine in place of ours. */
export async function rtpenginePacing(streams: number, forSeconds: number): Promise<Row> {
  return rtpenginePlay(streams, async (cpuDuring) => {
    await seconds(1);
    const { packets, missed } = await captureDuring(sampleOf(streams), () => seconds(forSeconds));
    const cpu = await cpuDuring(() => seconds(forSeconds / 2));
    return rowOf({ streams, who: 'rtpengine', priority: 'as everybody', packets, missed, cpu });
  });
}

/** One row of the table. */
export async function pacing(options: PlaneOptions, run: PacingRun, forSeconds: number): Promise<Row> {
  const { streams, busy, raised } = run;
  let row: Row = [];
  await withPlane(
    options,
    streams,
    () => {},
    async (plane, peers) => {
      peers.sleep();
      const calls = await openCalls(plane, streams);
      const given = niceMedia(raised ? RAISED_NICENESS : 0);
      const json = busy ? busyWithJson() : null;
      for (const [n, [callId]] of calls.entries()) {
        plane.playAmbience(callId, peerMedia(peers.ports[n] ?? 0), systemClock.monotonicMs());
        if (n % Math.ceil(streams / 200) === 0) await sleep(5);
      }
      await seconds(1);
      const { packets, missed } = await captureDuring(sampleOf(streams), () => seconds(forSeconds));
      const cpu = await mediaCpu(() => seconds(forSeconds / 2));
      json?.stop();
      await Promise.all(calls.map(([callId]) => plane.close(callId)));
      const priority = raised ? (given ? 'raised' : 'not allowed') : 'as everybody';
      row = rowOf({ streams, who: busy ? 'busy on JSON' : 'idle', priority, packets, missed, cpu });
    },
  );
  return row;
}

function sampleOf(streams: number): Sample {
  return { oneIn: streams > CAPTURED_WHOLE_MAX ? 4 : 1, by: 'ssrc' };
}

type Seen = {
  readonly streams: number;
  readonly who: string;
  readonly priority: string;
  readonly packets: readonly Captured[];
  readonly missed: number;
  readonly cpu: { readonly cpuMs: number; readonly ms: number };
};

function rowOf({ streams, who, priority, packets, missed, cpu }: Seen): Row {
  const { errors, drift, lost, skipped } = read(packets);
  const { p50, p99, p999, max } = spreadOf(errors);
  const share = cpu.cpuMs / cpu.ms;
  return [
    ...[String(streams), who, priority],
    ...[p50, p99, p999, max].map((ms) => figure(ms, 3)),
    figure(drift * 100, 3),
    `${lost}${missed > 0 ? ` (the capture missed ${missed})` : ''}`,
    String(skipped),
    figure((share * 1000) / streams, 2),
    figure((share * 1e6) / (streams * PACKETS_A_SECOND), 2),
  ];
}

type PacingFigures = {
  /** |Δ−20 ms| of packets one after the other in a stream, ms. */
  readonly errors: readonly number[];
  readonly drift: number;
  readonly lost: number;
  readonly skipped: number;
};

function read(packets: readonly Captured[]): PacingFigures {
  const errors: number[] = [];
  let [drift, lost, skipped] = [0, 0, 0];
  for (const stream of Map.groupBy(packets, ({ toPort }) => toPort).values()) {
    for (const [n, packet] of stream.slice(1).entries()) {
      const before = stream[n];
      if (before === undefined) continue;
      // Signed: rtpengine sends some packets out of their order.
      lost += (((packet.sequence - before.sequence) << 16) >> 16) - 1;
      skipped += ((packet.timestamp - before.timestamp) | 0) / 160 - 1;
      errors.push(Math.abs(packet.atMs - before.atMs - 20));
    }
    drift = Math.max(drift, Math.abs(driftOf(stream)));
  }
  return { errors, drift, lost, skipped };
}

/** How much faster the packets come than their timestamps say, by the most punctual packet of the first and last second. */
function driftOf(stream: readonly Captured[]): number {
  const first = stream[0];
  if (first === undefined || stream.length < 150) return 0;
  const latenessMs = ({ atMs, timestamp }: Captured) => atMs - first.atMs - ((timestamp - first.timestamp) | 0) / 8;
  const punctual = (part: readonly Captured[]) => Math.min(...part.map(latenessMs));
  return (punctual(stream.slice(-50)) - punctual(stream.slice(1, 51))) / (20 * (stream.length - 50));
}
