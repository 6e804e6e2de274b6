/** IPv6 on both sides of a call, and on one of them: media addresses per side. */
import { beforeAll, describe, expect, it } from 'vitest';
import { clipFile, isStretchOf } from './ambience-clip.ts';
import { bothTalk } from './conversation.ts';
import { byeToCarrier, byeToDialer } from './dialog-check.ts';
import { BRUSIO_ADDRESS, CARRIER, DIALER_ADDRESS, type Endpoint, TARGET } from './engine-under-test.ts';
import { expectSame, expectWaitLimit, WAIT_LIMIT_MS } from './pace.ts';
import type { RtpEndpoint } from './rtp-endpoint.ts';
import { lengthMs, soundsOf, streamProblems } from './rtp-stream.ts';
import { audioAddress, contactUri, firstOf, type SipMessage } from './sip-trace.ts';
import { expectAmbienceEnded, type LiveCall, type Side, TestBed } from './test-bed.ts';

const V6 = '::1';
/** The one IPv6 address of loopback is everybody's: the ports are this file's own. */
const PORT_FIRST = 24_000 + (process.pid % 1_000) * 8;
const BRUSIO_V6: Endpoint = { address: V6, port: PORT_FIRST };
const CARRIER_V6: Endpoint = { address: V6, port: PORT_FIRST + 1 };
const TARGET_V4 = `${TARGET.address}:${TARGET.port}`;
const TARGET_V6 = `[${V6}]:${BRUSIO_V6.port}`;

let dialerPort = PORT_FIRST + 1;

/** A dialer in IPv6: each call from a port of its own. */
function dialerV6(): Side {
  dialerPort += 1;
  return { local: { address: V6, port: dialerPort }, remote: BRUSIO_V6, rtpAddress: V6 };
}

const dialerV4 = (): Side => ({});
const carrierV6: Side = { local: CARRIER_V6, rtpAddress: V6 };
const carrierV4: Side = {};

type Way = {
  readonly what: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly dialerSide: () => Side;
  readonly carrierSide: Side;
  /** Brusio's address towards each. */
  readonly ours: { readonly dialer: string; readonly carrier: string };
  readonly calls: Readonly<Record<string, (bed: TestBed, way: Way) => Promise<void>>>;
};

const WAIT = 'without an agent: ambience from the answer on, and both legs a BYE at 3.000 s';
const AGENT = 'with an agent after one second: each hears the other';
const INBOUND = 'a call from the carrier comes in the other way, each side at its own address';

/** Where calls that come in go. */
const PBX: Endpoint = { address: V6, port: PORT_FIRST + 7 };
const dialers = { sources: [V6, DIALER_ADDRESS] };
const carrierAtV6 = [{ uri: `sip:[${V6}]:${CARRIER_V6.port}` }];

const WAYS: readonly Way[] = [
  {
    what: 'IPv6 on both legs',
    settings: {
      sip: { listen: TARGET_V6 },
      dialers,
      carriers: carrierAtV6,
      rtp: { dialers: { address: V6 }, carriers: { address: V6 } },
    },
    dialerSide: dialerV6,
    carrierSide: carrierV6,
    ours: { dialer: V6, carrier: V6 },
    calls: { [WAIT]: waits, [AGENT]: hasAgent },
  },
  {
    what: 'a dialer in IPv6 and a carrier in IPv4',
    settings: {
      sip: { listen: [TARGET_V6, TARGET_V4] },
      dialers,
      inbound: [{ number: '', target: `sip:[${V6}]:${PBX.port}` }],
      rtp: { dialers: { address: V6 } },
    },
    dialerSide: dialerV6,
    carrierSide: carrierV4,
    ours: { dialer: V6, carrier: BRUSIO_ADDRESS },
    calls: { [WAIT]: waits, [AGENT]: hasAgent, [INBOUND]: comesIn },
  },
  {
    what: 'a dialer in IPv4 and a carrier in IPv6',
    settings: {
      sip: { listen: [TARGET_V6, TARGET_V4] },
      dialers,
      carriers: carrierAtV6,
      rtp: { carriers: { address: V6 } },
    },
    dialerSide: dialerV4,
    carrierSide: carrierV6,
    ours: { dialer: BRUSIO_ADDRESS, carrier: V6 },
    calls: { [AGENT]: hasAgent },
  },
];

/** An SDP of ours is at one address in every line that has one. */
function expectSdpAt(message: SipMessage, address: string): void {
  const network = `IN IP${address === V6 ? 6 : 4} ${address}`;
  expect(message.body).toMatch(new RegExp(`^o=\\S+ \\d+ \\d+ ${network}\\r?$`, 'm'));
  expect(message.body.match(/^c=.*$/gm)?.map((line) => line.trim())).toEqual([`c=${network}`]);
}

/** Every packet came from where the SDP said, and each side saw its own address of ours. */
function expectLegs(call: LiveCall, invite: SipMessage, answer: SipMessage, ours: Way['ours']): void {
  const legs: readonly [RtpEndpoint, SipMessage, string][] = [
    [call.calleeRtp, invite, ours.carrier],
    [call.dialerRtp, answer, ours.dialer],
  ];
  for (const [end, message, address] of legs) {
    expectSdpAt(message, address);
    const said = audioAddress(message);
    const from = new Set(end.packets.map((packet) => `${packet.from.address} ${packet.from.port}`));
    expect(from).toEqual(new Set([`${said?.address} ${said?.port}`]));
    expect(contactUri(message)).toContain(address === V6 ? `[${V6}]:` : `${address}:`);
  }
}

async function waits(bed: TestBed, { dialerSide, carrierSide }: Way): Promise<void> {
  const sides = { dialerSide: dialerSide(), carrierSide };
  const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers', ...sides });
  const { dialer, carrier, outcome } = await call.ended();

  expectWaitLimit(outcome.waitMs);
  expectSame(byeToDialer(dialer).atMs, byeToCarrier(carrier).atMs, 'the two BYEs');
  const { packets, rtcp } = call.calleeRtp;
  expect(streamProblems(packets)).toEqual([]);
  expect(isStretchOf(clipFile('open-plan-office', 'pcma.al'), packets), 'an unbroken stretch of the clip').toBe(true);
  await expectAmbienceEnded(call, outcome);
  expectSame(lengthMs(packets), WAIT_LIMIT_MS, 'the ambience, and the wait');
  expect(rtcp.length, 'a sender report with the first packet, and a BYE with the last').toBeGreaterThanOrEqual(2);
  expect(outcome).toMatchObject({ handling: 'silent', class: 'A', endedBy: 'guard', endCause: 'deadline' });
}

async function hasAgent(bed: TestBed, { dialerSide, carrierSide, ours }: Way): Promise<void> {
  const sides = { dialerSide: dialerSide(), carrierSide };
  const call = await bed.call({ dialer: 'dialer-reports-agent-by-info', carrier: 'carrier-answers', ...sides });
  await bothTalk(call);
  const { dialer, carrier, outcome } = await call.ended();

  expectLegs(call, firstOf(carrier.received('INVITE'), 'INVITE'), firstOf(dialer.received(200, 'INVITE'), '200'), ours);
  expect(new Set(soundsOf(call.calleeRtp.packets))).toEqual(new Set(['other', 'agent']));
  expect(streamProblems(call.calleeRtp.packets)).toEqual([]);
  expect(soundsOf(call.dialerRtp.packets)).toEqual(['callee']);
  expect(call.dialerRtp.rtcp.length, 'RTCP to the dialer').toBeGreaterThan(0);
  byeToCarrier(carrier);
  expect(outcome).toMatchObject({ handling: 'agent', class: 'B', endedBy: 'dialer', agent: { source: 'sip-info' } });
  expect(await bed.brusio.api.metrics()).toMatch(/^brusio_media_dropped_total\{reason="foreign"\} 0$/m);
}

/** The carrier is the caller: its address of ours is on the leg that the call came in on. */
async function comesIn(bed: TestBed, { ours }: Way): Promise<void> {
  const call = await bed.call({
    dialer: 'dialer-talks-and-hangs-up',
    carrier: 'carrier-answers',
    dialerSide: { local: { address: CARRIER.address, port: 5070 }, rtpAddress: CARRIER.address },
    carrierSide: { local: PBX, rtpAddress: V6 },
  });
  await bothTalk(call);
  const { dialer, carrier, outcome } = await call.ended();

  const swapped = { dialer: ours.carrier, carrier: ours.dialer };
  const [invite, answer] = [
    firstOf(carrier.received('INVITE'), 'INVITE'),
    firstOf(dialer.received(200, 'INVITE'), '200'),
  ];
  expectLegs(call, invite, answer, swapped);
  expect(soundsOf(call.calleeRtp.packets)).toEqual(['agent']);
  expect(soundsOf(call.dialerRtp.packets)).toEqual(['callee']);
  expect(outcome).toMatchObject({ kind: 'inbound', handling: 'relayed', class: null });
}

describe.each(WAYS)('$what', (way) => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open({}, way.settings);
    return () => bed.close();
  });

  it.each(Object.entries(way.calls))('%s', (_what, place) => place(bed, way));
});
