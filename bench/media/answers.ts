/** Calls that are answered, hear 3 s of ambience and end: the first packet's delay, and what such a call costs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/base/clock.ts';
import type { CallId } from '../../src/call/call-facts.ts';
import type { ThreadedMedia } from '../../src/media/media-plane.ts';
import { STUB_AMBIENCE } from '../../src/testing/stub-clip.ts';
import { spreadOf } from '../load/spread.ts';
import { mediaCpu, type PlaneOptions, peerMedia, withPlane } from './plane.ts';
import { figure, type Row } from './table.ts';

export const ANSWERS_COLUMNS = [
  'answers/s',
  'posted → first packet p50 ms',
  'p99',
  'p99.9',
  'max',
  "media threads' CPU a call, ms",
] as const;

/** From the first call until as many end as begin. */
const SETTLE_S = 4;

const PEER_SOCKETS = 500;

/** One row of the table. */
export async function answers(options: PlaneOptions, perSecond: number, forSeconds: number): Promise<Row> {
  let delays: number[] = [];
  let row: Row = [];
  await withPlane(
    options,
    PEER_SOCKETS,
    (event) => {
      if (event.type === 'ambience-started') delays.push(event.afterMs);
    },
    async (plane, peers) => {
      peers.sleep();
      const lives: Promise<void>[] = [];
      let ended = 0;
      const begin = async (from: number, count: number) => {
        const startMs = systemClock.monotonicMs();
        for (let n = from; n < from + count; n += 1) {
          const waitMs = startMs + (1000 * (n - from)) / perSecond - systemClock.monotonicMs();
          if (waitMs > 1) await sleep(waitMs);
          const port = peers.ports[n % peers.ports.length] ?? 0;
          lives.push(live(plane, `answer-${n}` as CallId, port).then(() => void ended++));
        }
      };
      await begin(0, perSecond * SETTLE_S);
      delays = [];
      const endedBefore = ended;
      const { cpuMs } = await mediaCpu(() => begin(perSecond * SETTLE_S, perSecond * forSeconds));
      const calls = ended - endedBefore;
      const { p50, p99, p999, max } = spreadOf(delays);
      await Promise.all(lives);
      row = [String(perSecond), ...[p50, p99, p999, max].map((ms) => figure(ms, 2)), figure(cpuMs / calls, 2)];
    },
  );
  return row;
}

async function live(plane: ThreadedMedia, callId: CallId, port: number): Promise<void> {
  await plane.open(callId, STUB_AMBIENCE);
  await sleep(200);
  plane.playAmbience(callId, peerMedia(port), systemClock.monotonicMs());
  await sleep(3000);
  await plane.close(callId);
}
