import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { rtcpDump, rtcpOctets } from '../src/media/rtcp/rtcp-fixture.ts';
import { isRtcp } from '../src/media/rtcp/rtcp-read.ts';
import { continuityProblems } from '../src/testing/rtp-continuity.ts';
import { metricSum } from './brusio-api.ts';
import { bothTalk } from './conversation.ts';
import { DIALER_ADDRESS, type Endpoint, loopback } from './engine-under-test.ts';
import { malformedMedia } from './malformed-media.ts';
import type { RtpArrival, RtpEndpoint } from './rtp-endpoint.ts';
import { soundsOf } from './rtp-stream.ts';
import { audioAddress } from './sip-trace.ts';
import { type LiveCall, TestBed } from './test-bed.ts';

/** `npm run test:long` keeps it up for a minute; else one call's time. */
const FLOOD_MS = Number(process.env.BRUSIO_MALFORMED_MEDIA_MS ?? 0);
const STRANGER = loopback(36);
const HOLD_MS = 1_500;

describe('the stream that a callee gets', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it(
    'is one through ambience, agent, hold and resume, while every port is sent what is no media',
    async () => {
      const until = Date.now() + FLOOD_MS;
      do await oneCall(bed);
      while (Date.now() < until);
      const metrics = await bed.brusio.api.metrics();
      for (const reason of ['foreign', 'malformed']) {
        expect(metricSum(metrics, new RegExp(`^brusio_media_dropped_total\\{reason="${reason}"\\}`))).toBeGreaterThan(
          50,
        );
      }
    },
    FLOOD_MS + 60_000,
  );
});

async function oneCall(bed: TestBed): Promise<void> {
  const call = await bed.call({
    dialer: 'dialer-holds-and-resumes',
    carrier: 'carrier-is-held-and-resumed',
    dialerKeys: ({ port }) => ({
      hold_address: DIALER_ADDRESS,
      hold_port: String(port),
      hold_session: '',
      hold_media: '\r\na=inactive',
    }),
    carrierKeys: { held_answer: 'a=inactive' },
  });
  await bothTalk(call);
  const ambience = await call.calleeRtp.packet('ambience', () => true);
  const ports = await mediaPorts(call);
  const stopFlood = flood(ports, call.calleeRtp);
  await bed.brusio.api.agentConnected(call.dialerCallId, '1001');
  // What the callee's side would report of the stream, of which it lost nothing.
  const lost = { ssrc: 77, about: ambience.ssrc, lost: 3, jitter: 80, lastSr: 0, delay: 0 };
  call.calleeRtp.sendRtcp({ ...ports.carrier, port: ports.carrier.port + 1 }, rtcpOctets(lost));
  const { outcome } = await call.ended();
  stopFlood();

  const { packets, rtcp } = call.calleeRtp;
  expect(soundsOf(packets)).toEqual(expect.arrayContaining(['agent']));
  const told = packets.map((packet) => ({ ...packet, isEvent: false, ticks: packet.payload.length }));
  expect(continuityProblems(told, 0)).toEqual([]);
  expectTimeAcrossHold(packets);

  const reports = rtcp.filter(isRtcp).map(rtcpDump);
  expect(reports[0]?.[0]).toMatchObject({ packetType: 200, ssrc: ambience.ssrc });
  expect(reports.at(-1)?.at(-1)).toMatchObject({ packetType: 203, ssrcs: [ambience.ssrc] });
  expect(outcome).toMatchObject({
    handling: 'agent',
    class: 'B',
    comfortNoise: { calleeReport: { lost: 3, jitterMs: 10, roundTripMs: null } },
  });
  expect(outcome.media?.packetsRejected, 'dropped and counted').toBeGreaterThan(50);
  const firstMs = Date.parse(outcome.media?.firstFromCallee ?? '') - Date.parse(outcome.times.invited);
  expect(firstMs).toBeGreaterThanOrEqual(0);
}

/** The hold is the one long pause, and the timestamps go over it as time does. */
function expectTimeAcrossHold(packets: readonly RtpArrival[]): void {
  const resumed = packets.findIndex(({ atMs }, n) => n > 0 && atMs - (packets[n - 1]?.atMs ?? 0) > HOLD_MS / 2);
  const [before, after] = [packets[resumed - 1], packets[resumed]];
  if (before === undefined || after === undefined) throw new Error('nothing was held');
  expect(after.marker, 'marker where the stream resumes').toBe(true);
  const ticksMs = ((after.timestamp - before.timestamp) >>> 0) / 8;
  expect(Math.abs(ticksMs - (after.atMs - before.atMs))).toBeLessThan(HOLD_MS / 2);
}

type MediaPorts = { readonly dialer: Endpoint; readonly carrier: Endpoint };

async function mediaPorts(call: LiveCall): Promise<MediaPorts> {
  const answer = await call.dialer.message('200', (one) => one.status === 200 && one.direction === 'received');
  const invite = await call.carrier.message('INVITE', ({ method }) => method === 'INVITE');
  const [dialer, carrier] = [audioAddress(answer), audioAddress(invite)];
  if (dialer === null || carrier === null) throw new Error('Brusio sent no SDP');
  return { dialer, carrier };
}

/** From a stranger to all four ports, and from the callee's own port to its two; ends when called. */
function flood({ dialer, carrier }: MediaPorts, callee: RtpEndpoint): () => void {
  const stranger = createSocket('udp4').bind(0, STRANGER);
  const datagrams = malformedMedia(9);
  let flooding = true;
  void (async () => {
    for (let n = 0; flooding; n += 1) {
      const datagram = datagrams[n % datagrams.length] as Buffer;
      for (const { address, port } of [dialer, carrier]) {
        for (const to of [port, port + 1]) stranger.send(datagram, to, address);
      }
      callee.say(carrier, datagram);
      callee.sendRtcp({ ...carrier, port: carrier.port + 1 }, datagram);
      await sleep(2);
    }
    stranger.close();
  })();
  return () => {
    flooding = false;
  };
}
