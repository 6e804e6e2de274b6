/** Calls that two people talk in: what the relay adds to their packets' way, and what it costs. */
import type { RtpAddress } from '../../src/call/remote-media.ts';
import { spreadOf } from '../load/spread.ts';
import { type Captured, captureDuring } from './capture.ts';
import { PACKETS_A_SECOND, type Peers } from './peers.ts';
import { mediaCpu, openCalls, type PlaneOptions, peerMedia, seconds, withPlane } from './plane.ts';
import { figure, type Row } from './table.ts';

export const RELAY_COLUMNS = [
  'relay',
  'calls both ways',
  'added latency p50 ms',
  'p99',
  'p99.9',
  'max',
  'lost',
  'of',
  'cores',
  'µs of CPU a packet',
] as const;

/** Above this the capture takes every fourth stream. */
const CAPTURED_WHOLE_MAX = 100;

/** What carries the calls: where each peer's packets are to go, and the CPU in ms of some work. */
export type RelayUnderLoad = {
  readonly name: string;
  readonly calls: number;
  /** Two for each call. */
  readonly targets: readonly RtpAddress[];
  readonly peers: Peers;
  cpu(work: () => Promise<void>): Promise<{ readonly cpuMs: number; readonly ms: number }>;
  /** After the last packet: how many never arrived, or null when it cannot tell. */
  lostOf(sent: number): Promise<number | null>;
};

/** Brusio's own relay. */
export async function relay(options: PlaneOptions, calls: number, forSeconds: number): Promise<Row> {
  let row: Row = [];
  await withPlane(
    options,
    2 * calls,
    () => {},
    async (plane, peers) => {
      const opened = await openCalls(plane, calls);
      const targets: RtpAddress[] = [];
      for (const [n, [callId, addresses]] of opened.entries()) {
        plane.setDialer(callId, peerMedia(peers.ports[2 * n] ?? 0));
        plane.connect(callId, peerMedia(peers.ports[2 * n + 1] ?? 0));
        targets.push(addresses.dialer, addresses.carrier);
      }
      row = await measure(
        {
          ...{ name: 'Brusio', calls, targets, peers, cpu: mediaCpu },
          async lostOf(sent) {
            const reports = await Promise.all(opened.map(([callId]) => plane.close(callId)));
            return (
              sent -
              reports.reduce((sum, one) => sum + (one?.packetsFromDialer ?? 0) + (one?.packetsFromCallee ?? 0), 0)
            );
          },
        },
        forSeconds,
      );
    },
  );
  return row;
}

/** Lets the peers talk, and reads what came of it. */
export async function measure(load: RelayUnderLoad, forSeconds: number): Promise<Row> {
  const { name, calls, targets, peers } = load;
  const talkSeconds = Math.ceil(1.5 * forSeconds + 4);
  peers.talk(targets, talkSeconds);
  await seconds(1);
  const oneIn = calls > CAPTURED_WHOLE_MAX ? 4 : 1;
  const { packets, missed } = await captureDuring({ oneIn, by: 'slot' }, () => seconds(forSeconds));
  const { cpuMs, ms } = await load.cpu(() => seconds(forSeconds / 2));
  await seconds(talkSeconds - 1 - 1.5 * forSeconds + 1);
  const sent = targets.length * talkSeconds * PACKETS_A_SECOND;
  const lost = await load.lostOf(sent);
  const { p50, p99, p999, max } = spreadOf(latencies(packets));
  const share = cpuMs / ms;
  return [
    name,
    String(calls),
    ...[p50, p99, p999, max].map((each) => figure(each, 3)),
    `${lost ?? '–'}${missed > 0 ? ` (the capture missed ${missed})` : ''}`,
    String(sent),
    figure(share, 2),
    figure((share * 1e6) / (targets.length * PACKETS_A_SECOND), 2),
  ];
}

function latencies(packets: readonly Captured[]): number[] {
  const arrived = new Map<number, number>();
  const found: number[] = [];
  for (const { toPeer, slot, frame, atMs } of packets) {
    const key = slot * 1e6 + frame;
    if (!toPeer) {
      arrived.set(key, atMs);
      continue;
    }
    const at = arrived.get(key);
    if (at !== undefined) found.push(atMs - at);
    arrived.delete(key);
  }
  return found;
}
