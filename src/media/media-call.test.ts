import { beforeEach, describe, expect, it } from 'vitest';
import { LAWS } from '../audio/codec.ts';
import { addMs, type MonotonicMs } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import { callParts } from '../testing/media-call-parts.ts';
import { continuityProblems } from '../testing/rtp-continuity.ts';
import { FILL_AFTER_MS } from './ambience-turns.ts';
import { MediaCall } from './media-call.ts';
import { Pacer } from './pacer.ts';
import { rtcpDump, rtcpOctets } from './rtcp/rtcp-fixture.ts';
import { isRtcp } from './rtcp/rtcp-read.ts';
import { type RtpFields, rtpFields, rtpOctets } from './rtp-fixture.ts';
import { SEND_ERRORS_MAX } from './send-failures.ts';

type SentRtcp = { readonly octets: Buffer; readonly atMs: number; readonly to: string };
type Sent = ReturnType<typeof rtpFields> & { readonly atMs: number; readonly to: string };

const VOICE = 0xee;
/** A-law's smallest positive value. */
const SILENCE = 0xd5;
const calleeMedia: RemoteMedia = {
  rtp: { address: '192.0.2.1', port: 4000 },
  // No fades in G.722: what is heard is told by its octets.
  codecs: [{ name: 'G722', payloadType: 9 }],
  telephoneEventPayloadType: 101,
  direction: 'sendrecv',
};
const dialerMedia: RemoteMedia = { ...calleeMedia, rtp: { address: '192.0.2.2', port: 5000 } };

describe('the media of a call', () => {
  let nowMs: number;
  let silences: [string, number, number][];
  let voices: number[];
  let pacer: Pacer;
  let chores: Pacer;
  let toCalleeOctets: Buffer[];
  let rtcpToCallee: SentRtcp[];
  let rtcpToDialer: SentRtcp[];
  let call: MediaCall;
  let toCallee: Sent[];
  let toDialer: Sent[];
  let startedAfterMs: number[];
  let heardAtMs: number[];
  let failures: string[];
  let sequence: number;
  /** What the kernel says of first packets, on a later turn. */
  let kernelAnswers: (() => void)[];

  beforeEach(() => {
    nowMs = 1000;
    sequence = 500;
    [toCallee, toDialer, startedAfterMs, heardAtMs, failures, kernelAnswers] = [[], [], [], [], [], []];
    [rtcpToCallee, rtcpToDialer, toCalleeOctets, silences, voices] = [[], [], [], [], []];
    pacer = new Pacer(0 as MonotonicMs, 5, 20);
    chores = new Pacer(0 as MonotonicMs, 50, 1000);
    call = newCall(null);
  });

  function newCall(sendError: Error | null): MediaCall {
    const record = (list: Sent[]) => (packet: Buffer, port: number, address: string) => {
      if (isRtcp(packet)) {
        if (list === toCallee) toCalleeOctets.push(Buffer.from(packet));
        return;
      }
      list.push({ ...rtpFields(packet), atMs: nowMs, to: `${address}:${port}` });
    };
    const recordRtcp = (list: SentRtcp[]) => (octets: Buffer, port: number, address: string) => {
      list.push({ octets: Buffer.from(octets), atMs: nowMs, to: `${address}:${port}` });
    };
    const made = new MediaCall(
      callParts({
        pacer,
        firstFrame: 48,
        calleeStream: { ssrc: 1, sequence: 65534, timestamp: 2 ** 32 - 160 },
        sendToCallee: (packet, port, address, done) => {
          record(toCallee)(packet, port, address);
          kernelAnswers.push(() => done?.(sendError));
        },
        sendToDialer: record(toDialer),
        rtcp: {
          chores,
          calleeCname: 'callee-cname',
          dialerCname: 'dialer-cname',
          sendToCallee: recordRtcp(rtcpToCallee),
          sendToDialer: recordRtcp(rtcpToDialer),
          wallOffsetMs: Date.UTC(2026, 10, 22),
        },
        silence: { calleeMs: 1000, dialerMs: 2000 },
        voiceActivity: { thresholdDbm0: -40, durationMs: 200 },
        onVoice: () => voices.push(nowMs),
        onSilent: (leg, forMs) => silences.push([leg, Math.round(forMs), nowMs]),
        now: () => nowMs as MonotonicMs,
        onAmbienceStarted: (afterMs) => startedAfterMs.push(afterMs),
        onDialerHeard: () => heardAtMs.push(nowMs),
        onFailed: (detail) => failures.push(detail),
      }),
    );
    made.setDialer(dialerMedia);
    return made;
  }

  /** Moves time on in steps of a millisecond; `each` is called in every step before the pacer. */
  function pass(durationMs: number, each: (atMs: number) => void = () => {}): void {
    for (const endMs = nowMs + durationMs; nowMs < endMs; ) {
      nowMs += 1;
      each(nowMs);
      pacer.run(nowMs as MonotonicMs);
      chores.run(nowMs as MonotonicMs);
    }
  }

  function dialerSpeaks(fields: Partial<RtpFields> = {}): void {
    sequence += 1;
    const packet = { payloadType: 9, ssrc: 9, sequence, timestamp: sequence * 160, fill: VOICE, ...fields };
    call.fromDialer(rtpOctets(packet), '192.0.2.2', 5000);
  }

  const everyFrame = (atMs: number) => {
    if (atMs % 20 === 7) dialerSpeaks();
  };
  const answeredAt = () => addMs(nowMs as MonotonicMs, -2);

  it('plays its first packet at once, then one every 20 ms, around the loop', () => {
    call.playAmbience(calleeMedia, answeredAt());
    expect(toCallee).toHaveLength(1);
    pass(60);
    expect(toCallee.map(({ atMs, fill, to }) => [atMs, fill, to])).toEqual([
      [1000, 48, '192.0.2.1:4000'],
      [1020, 49, '192.0.2.1:4000'],
      [1040, 0, '192.0.2.1:4000'],
      [1060, 1, '192.0.2.1:4000'],
    ]);
    expect(toCallee.map((packet) => packet.sequence)).toEqual([65534, 65535, 0, 1]);
    expect(toCallee.map((packet) => packet.timestamp)).toEqual([2 ** 32 - 160, 0, 160, 320]);
    for (const answer of kernelAnswers) answer();
    expect(startedAfterMs).toEqual([2]);
  });

  it('lets the callee be heard from the early media on, and the dialer only when connected', () => {
    call.relayEarlyMedia(calleeMedia);
    call.fromCallee(rtpOctets({ payloadType: 9, ssrc: 7, fill: VOICE }), '192.0.2.1', 4000);
    dialerSpeaks();
    call.playAmbience(null, answeredAt());
    dialerSpeaks();
    expect(toDialer).toMatchObject([{ ssrc: 2, fill: VOICE, to: '192.0.2.2:5000' }]);
    expect(toCallee.map(({ fill }) => fill)).toEqual([48]);
    call.connect(null);
    dialerSpeaks();
    expect(toCallee.map(({ fill }) => fill)).toEqual([48, VOICE]);
  });

  it('relays both ways from the first description on, and plays nothing, whoever is silent', () => {
    call.relay(calleeMedia);
    call.fromCallee(rtpOctets({ payloadType: 9, ssrc: 7, fill: VOICE }), '192.0.2.1', 4000);
    dialerSpeaks();
    call.relay(calleeMedia);
    pass(1_000);
    expect(toDialer.map(({ fill }) => fill)).toEqual([VOICE]);
    expect(toCallee.map(({ fill }) => fill)).toEqual([VOICE]);
    expect(call.report()).toMatchObject({ ambience: null, packetsToCallee: 1, packetsToDialer: 1 });
  });

  it('plays on after connect until the dialer is heard, and never lets the callee wait', () => {
    call.playAmbience(calleeMedia, answeredAt());
    call.connect(null);
    pass(100);
    pass(100, everyFrame);
    const gapsMs = toCallee.slice(1).map((packet, i) => packet.atMs - (toCallee[i]?.atMs ?? 0));
    expect(Math.max(...gapsMs)).toBe(20);
    expect(toCallee.filter(({ marker }) => marker).map(({ fill }) => fill)).toEqual([48, VOICE]);
    expect(toCallee.at(-1)?.fill).toBe(VOICE);
  });

  it('fills in when the dialer has sent nothing for 200 ms, until its packets return', () => {
    call.playAmbience(calleeMedia, answeredAt());
    call.connect(null);
    pass(100, everyFrame);
    const lastAtMs = toCallee.at(-1)?.atMs ?? 0;
    const before = toCallee.length;
    pass(400);
    const [fill] = toCallee.slice(before);
    expect(fill?.fill).not.toBe(VOICE);
    expect((fill?.atMs ?? 0) - lastAtMs).toBeGreaterThanOrEqual(FILL_AFTER_MS);
    expect((fill?.atMs ?? 0) - lastAtMs).toBeLessThanOrEqual(FILL_AFTER_MS + 5);
    const back = toCallee.length;
    pass(100, everyFrame);
    const returned = toCallee.slice(back).filter((packet) => packet.fill === VOICE);
    expect(returned).toHaveLength(5);
    expect(toCallee.at(-1)?.fill).toBe(VOICE);
  });

  it('takes a stall of its own for no silence of the dialer’s, whose packets wait to be read', () => {
    call.playAmbience(calleeMedia, answeredAt());
    call.connect(null);
    pass(100, everyFrame);
    const before = toCallee.length;
    nowMs += 3 * FILL_AFTER_MS;
    pacer.run(nowMs as MonotonicMs);
    for (let unread = 0; unread < 30; unread += 1) dialerSpeaks();
    pass(400, everyFrame);
    expect(toCallee.slice(before).every(({ fill }) => fill === VOICE)).toBe(true);
  });

  it('is one stream to the callee: a timestamp steps by other than its samples only where the marker is', () => {
    call.playAmbience(calleeMedia, answeredAt());
    pass(55);
    call.connect(null);
    pass(100, everyFrame);
    pass(500);
    pass(100, everyFrame);
    for (const [n, packet] of toCallee.slice(1).entries()) {
      const previous = toCallee[n];
      expect((packet.sequence - (previous?.sequence ?? 0)) & 0xffff).toBe(1);
      if (!packet.marker) expect((packet.timestamp - (previous?.timestamp ?? 0)) | 0).toBe(160);
    }
    const first = toCallee[0];
    const last = toCallee.at(-1);
    const clockMs = (((last?.timestamp ?? 0) - (first?.timestamp ?? 0)) >>> 0) / 8;
    expect(Math.abs(clockMs - ((last?.atMs ?? 0) - (first?.atMs ?? 0)))).toBeLessThanOrEqual(20);
    expect(new Set(toCallee.map(({ ssrc }) => ssrc))).toEqual(new Set([1]));
  });

  it('plays nothing when an agent was there from the start and speaks', () => {
    call.connect(calleeMedia);
    pass(1000, everyFrame);
    expect(toCallee.every(({ fill }) => fill === VOICE)).toBe(true);
    expect(call.report().ambience).toBeNull();
  });

  it('fills in after 200 ms when an agent was there from the start and sends nothing', () => {
    call.connect(calleeMedia);
    pass(FILL_AFTER_MS + 5);
    expect(toCallee.map(({ fill }) => fill)).toEqual([48]);
    expect(call.report().ambience).toMatchObject({ startedAfterMs: FILL_AFTER_MS, packets: 1 });
    for (const answer of kernelAnswers) answer();
    expect(startedAfterMs).toEqual([]);
  });

  it('tells once for each connect that the dialer is heard', () => {
    call.playAmbience(calleeMedia, answeredAt());
    pass(40, everyFrame);
    expect(heardAtMs).toEqual([]);
    call.connect(null);
    pass(60, everyFrame);
    expect(heardAtMs).toHaveLength(1);
  });

  it('sends and fills in nothing while it stands aside, and does both again once connected', () => {
    call.playAmbience(calleeMedia, answeredAt());
    call.connect(null);
    pass(100, everyFrame);
    call.standAside();
    toCallee.length = 0;
    pass(2 * FILL_AFTER_MS);
    expect(toCallee).toEqual([]);
    call.connect(calleeMedia);
    pass(FILL_AFTER_MS + 5);
    expect(toCallee).toMatchObject([{ marker: true, ssrc: 1 }]);
    dialerSpeaks();
    expect(heardAtMs).toHaveLength(2);
  });

  it('is silent towards a callee on hold, and in time when the hold ends', () => {
    call.playAmbience(calleeMedia, answeredAt());
    pass(40);
    call.setCallee({ ...calleeMedia, direction: 'inactive' });
    pass(100);
    expect(toCallee).toHaveLength(3);
    call.setCallee(calleeMedia);
    pass(20);
    const resumed = toCallee.at(-1);
    expect(resumed).toMatchObject({ marker: true, sequence: 1, timestamp: 7 * 160 });
  });

  it.each([
    [10, undefined, 10],
    [30, undefined, 30],
    [40, 30, 30],
    [60, undefined, 60],
    [200, undefined, 60],
    [undefined, 10, 10],
    [5, undefined, 10],
  ])(
    'packs ambience in the packet time the callee asks for: ptime %s, maxptime %s',
    (ptimeMs, maxptimeMs, packetMs) => {
      const asks = { ...calleeMedia, ...(ptimeMs && { ptimeMs }), ...(maxptimeMs && { maxptimeMs }) };
      call.playAmbience(asks, answeredAt());
      pass(600);
      const gapsMs = toCallee.slice(1).map((packet, n) => packet.atMs - (toCallee[n]?.atMs ?? 0));
      expect(new Set(gapsMs)).toEqual(new Set([packetMs]));
      const ticks = toCallee.slice(1).map((packet, n) => (packet.timestamp - (toCallee[n]?.timestamp ?? 0)) >>> 0);
      expect(new Set(ticks)).toEqual(new Set([packetMs * 8]));
      expect(new Set(toCallee.map(({ payload }) => payload.length))).toEqual(new Set([packetMs * 8]));
      // The clip in its order, around its end: frame 48, 49, 0 …
      expect(toCallee[Math.ceil(40 / packetMs)]?.fill).toBe([30, 60].includes(packetMs) ? 1 : 0);
    },
  );

  it('changes the packet time with a new description, without a seam', () => {
    call.playAmbience(calleeMedia, answeredAt());
    pass(100);
    call.setCallee({ ...calleeMedia, ptimeMs: 40 });
    pass(200);
    const later = toCallee.slice(-4);
    expect(later.slice(1).map((packet, n) => packet.atMs - (later[n]?.atMs ?? 0))).toEqual([40, 40, 40]);
    const packets = toCallee.map((packet) => ({ ...packet, isEvent: false, ticks: packet.payload.length }));
    expect(continuityProblems(packets, 0)).toEqual([]);
  });

  it('sends ambience to where the callee is heard from', () => {
    call.playAmbience(calleeMedia, answeredAt());
    call.fromCallee(rtpOctets(), '192.0.2.1', 4998);
    pass(20);
    expect(toCallee.map(({ to }) => to)).toEqual(['192.0.2.1:4000', '192.0.2.1:4998']);
  });

  it('changes to the codec of a new answer', () => {
    call.playAmbience(calleeMedia, answeredAt());
    call.setCallee({ ...calleeMedia, codecs: [{ name: 'PCMU', payloadType: 0 }] });
    pass(20);
    expect(toCallee.map(({ payloadType }) => payloadType)).toEqual([9, 0]);
    expect(toCallee.map(({ sequence: number }) => number)).toEqual([65534, 65535]);
  });

  it('drops and counts strangers and noise, and reports what was done', () => {
    call.playAmbience(calleeMedia, answeredAt());
    call.connect(null);
    dialerSpeaks();
    dialerSpeaks({ payloadType: 99 });
    call.fromDialer(rtpOctets(), '198.51.100.9', 5000);
    call.fromCallee(Buffer.from('not RTP'), '192.0.2.1', 4000);
    call.fromCallee(rtpOctets({ payloadType: 9 }), '192.0.2.1', 4000);
    expect(call.report()).toEqual({
      ambience: {
        startedAfterMs: 2,
        startedAt: nowMs,
        stream: {
          ...{ ssrc: 1, firstSequence: 65_534, lastSequence: 65_534 },
          ...{ firstTimestamp: 0xffff_ff60, lastTimestamp: 0xffff_ff60 },
        },
        packets: 1,
        codec: 'G722',
        clip: 'stub',
        clipSha256: expect.any(String),
        levelDbm0: -30,
      },
      announcement: null,
      listening: null,
      packetsToCallee: 2,
      packetsFromCallee: 1,
      packetsToDialer: 1,
      packetsFromDialer: 2,
      packetsRejected: 2,
      drops: { foreign: 1, malformed: 1, unauthentic: 0, replayed: 0, unroutable: 1, late: 0, sendErrors: 0 },
      firstFromCalleeAt: nowMs,
      firstFromDialerAt: nowMs,
      firstToCalleeAt: nowMs,
      calleeReport: null,
    });
  });

  it('reports the RTP headers of its ambience as they were sent, across the wrap and a turn of the dialer', () => {
    call.playAmbience(calleeMedia, answeredAt());
    pass(60);
    call.connect(null);
    dialerSpeaks();
    pass(400);
    const { ambience, firstToCalleeAt } = call.report();
    const last = toCallee.at(-1);
    expect(ambience?.stream).toEqual({
      ...{ ssrc: toCallee[0]?.ssrc, firstSequence: 65_534, firstTimestamp: toCallee[0]?.timestamp },
      ...{ lastSequence: last?.sequence, lastTimestamp: last?.timestamp },
    });
    expect(last?.sequence).toBeLessThan(100);
    expect(firstToCalleeAt).toBe((ambience?.startedAt ?? 0) + 60);
  });

  it('tells once that the dialer speaks, in G.711, while ambience plays', () => {
    const random = seededRandom(5);
    const loud = () => Buffer.from(LAWS.PCMA.encode(Int16Array.from({ length: 160 }, () => (random() - 0.5) * 20_000)));
    const speak = (atMs: number) => {
      if (atMs % 20 !== 7) return;
      const packet = rtpOctets({ payloadType: 8, ssrc: 9, sequence: ++sequence, timestamp: sequence * 160 });
      loud().copy(packet, 12);
      call.fromDialer(packet, '192.0.2.2', 5000);
    };
    call.setDialer({ ...dialerMedia, codecs: [...dialerMedia.codecs, { name: 'PCMA', payloadType: 8 }] });
    call.relayEarlyMedia(calleeMedia);
    pass(400, speak);
    expect(voices, 'before the answer').toEqual([]);
    call.playAmbience(null, answeredAt());
    const startMs = nowMs;
    pass(1_000, speak);
    expect(voices).toHaveLength(1);
    expect((voices[0] ?? 0) - startMs).toBeGreaterThanOrEqual(180);
  });

  it('tells when the callee is not heard from the answer on, and the dialer from the bridge on, but not on hold', () => {
    call.playAmbience(calleeMedia, answeredAt());
    pass(3_000);
    expect(silences.map(([leg]) => leg)).toEqual(['carrier']);
    expect(silences[0]?.[1]).toBeLessThanOrEqual(1_050);
    call.setCallee({ ...calleeMedia, direction: 'recvonly' });
    pass(3_000);
    expect(silences).toHaveLength(1);
    call.connect(null);
    pass(2_100);
    expect(silences.map(([leg]) => leg)).toEqual(['carrier', 'dialer']);
    call.setDialer({ ...dialerMedia, direction: 'inactive' });
    call.setCallee(calleeMedia);
    pass(900);
    call.fromCallee(rtpOctets({ payloadType: 9 }), '192.0.2.1', 4000);
    pass(900);
    expect(silences).toHaveLength(2);
    call.standAside();
    pass(5_000);
    expect(silences).toHaveLength(2);
  });

  it('reports by RTCP right after the first packet, in intervals, and with a BYE at the end, to each peer of its own', () => {
    call.playAmbience(calleeMedia, answeredAt());
    pass(50);
    expect(rtcpToCallee).toMatchObject([{ to: '192.0.2.1:4001' }]);
    expect(rtcpDump(rtcpToCallee[0]?.octets)).toMatchObject([
      { packetType: 200, ssrc: 1, packetCount: 3, octetCount: 480, reports: [] },
      { packetType: 202 },
    ]);
    pass(3950);
    call.stop();
    call.stop();
    const reports = rtcpToCallee.map(({ octets }) => rtcpDump(octets));
    expect(reports).toHaveLength(4);
    expect(reports.at(-1)).toMatchObject([{ packetType: 200 }, { packetType: 202 }, { packetType: 203, ssrcs: [1] }]);
    expect(reports.filter((packets) => packets.some(({ packetType }) => packetType === 203))).toHaveLength(1);
    // RTP time and NTP time go together: a millisecond is eight ticks.
    for (const [n, { octets, atMs }] of rtcpToCallee.entries()) {
      const ticks = (octets.readUInt32BE(16) - (rtcpToCallee[0]?.octets.readUInt32BE(16) ?? 0)) | 0;
      expect(ticks, `report ${n}`).toBe((atMs - (rtcpToCallee[0]?.atMs ?? 0)) * 8);
    }
    // Nothing ever went to the dialer, and nothing came from it.
    expect(rtcpToDialer).toEqual([]);
  });

  it('sends the first sender report with the first packet, also where the callee was heard before its answer', () => {
    call.relayEarlyMedia(calleeMedia);
    call.fromCallee(rtpOctets({ payloadType: 9, ssrc: 7 }), '192.0.2.1', 4000);
    pass(100);
    expect(rtcpToCallee.map(({ octets }) => rtcpDump(octets)[0]?.packetType)).toEqual([201]);
    call.playAmbience(null, answeredAt());
    pass(50);
    expect(rtcpToCallee.map(({ octets }) => rtcpDump(octets)[0]?.packetType)).toEqual([201, 200]);
  });

  it('tells each peer what was received of it, and the other nothing of what a peer told', () => {
    call.playAmbience(calleeMedia, answeredAt());
    for (const sequence of [10, 11, 13]) {
      call.fromCallee(rtpOctets({ payloadType: 9, ssrc: 7, sequence, timestamp: sequence * 160 }), '192.0.2.1', 4000);
      pass(20);
    }
    const report = { ssrc: 7, about: 1, lost: 5, jitter: 16, lastSr: 0, delay: 0 };
    call.rtcpFromCallee(rtcpOctets(report), '192.0.2.1', 4001);
    pass(5_000);
    expect(rtcpDump(rtcpToCallee.at(-1)?.octets)).toMatchObject([
      { reports: [{ ssrc: 7, totalLost: 1, highestSeq: 13 }] },
      { packetType: 202 },
    ]);
    expect(rtcpDump(rtcpToDialer.at(-1)?.octets)[0]).toMatchObject({ ssrc: 2, reports: [] });
    expect(rtcpToDialer.every(({ octets }) => octets.indexOf(Buffer.from([0, 0, 0, 7])) === -1)).toBe(true);
    expect(call.report().calleeReport).toEqual({ lost: 5, jitterMs: 2, roundTripMs: null });
  });

  it('takes RTCP from where the peer is and from nowhere else, and counts what it drops', () => {
    call.playAmbience(calleeMedia, answeredAt());
    const report = rtcpOctets({ ssrc: 7, about: 1, lost: 9, jitter: 0, lastSr: 0, delay: 0 });
    call.rtcpFromCallee(report, '198.51.100.9', 4001);
    call.rtcpFromCallee(Buffer.from('not RTCP'), '192.0.2.1', 4001);
    call.fromCallee(report, '192.0.2.1', 4000);
    expect(call.report()).toMatchObject({ calleeReport: null, drops: { foreign: 1, malformed: 2 } });
    call.rtcpFromCallee(report, '192.0.2.1', 4001);
    expect(call.report().calleeReport?.lost).toBe(9);
  });

  it('RFC 5761: keeps RTCP on the RTP port where that was agreed', () => {
    call.playAmbience({ ...calleeMedia, rtcpMux: true }, answeredAt());
    call.fromCallee(rtcpOctets({ ssrc: 7, about: 1, lost: 2, jitter: 0, lastSr: 0, delay: 0 }), '192.0.2.1', 4000);
    pass(50);
    expect(rtcpToCallee).toEqual([]);
    expect(rtcpDump(toCalleeOctets[0])[0]).toMatchObject({ packetType: 200, ssrc: 1 });
    expect(call.report()).toMatchObject({ calleeReport: { lost: 2 }, packetsRejected: 0 });
  });

  it('RFC 3605: sends RTCP to where a=rtcp says', () => {
    call.playAmbience({ ...calleeMedia, rtcp: { address: '192.0.2.1', port: 7000 } }, answeredAt());
    pass(50);
    expect(rtcpToCallee.map(({ to }) => to)).toEqual(['192.0.2.1:7000']);
  });

  it('sends RTCP above the port of a peer that a NAT moved, and to where its own comes from once that is known', () => {
    call.playAmbience({ ...calleeMedia, nat: true }, answeredAt());
    call.fromCallee(rtpOctets({ payloadType: 9 }), '203.0.113.5', 6000);
    pass(50);
    expect(rtcpToCallee.map(({ to }) => to)).toEqual(['203.0.113.5:6001']);
    call.rtcpFromCallee(
      rtcpOctets({ ssrc: 7, about: 1, lost: 2, jitter: 0, lastSr: 0, delay: 0 }),
      '203.0.113.5',
      6417,
    );
    expect(call.report().calleeReport?.lost).toBe(2);
  });

  it('ends the SSRC of a clock with a BYE when the codec has another (RFC 7160 §4.1)', () => {
    const both = { codecs: [...calleeMedia.codecs, { name: 'opus' as const, payloadType: 96 }] };
    call.setDialer({ ...dialerMedia, ...both });
    call.playAmbience({ ...calleeMedia, ...both }, answeredAt());
    pass(50);
    call.connect(null);
    pass(2_000, (atMs) => {
      if (atMs % 20 === 7) dialerSpeaks({ payloadType: 96, timestamp: sequence * 960 });
    });
    const [, later] = rtcpToCallee.map(({ octets }) => rtcpDump(octets));
    expect(later?.at(-1)).toMatchObject({ packetType: 203, ssrcs: [1] });
    expect(later?.[0]?.ssrc).toBe(toCallee.at(-1)?.ssrc);
    expect(new Set(toCallee.map(({ ssrc }) => ssrc)).size).toBe(2);
  });

  it('goes on reporting to a peer on hold (RFC 3264 §5.1), as a receiver after a while', () => {
    call.playAmbience(calleeMedia, answeredAt());
    pass(100);
    call.setCallee({ ...calleeMedia, direction: 'inactive' });
    pass(9_000);
    const types = rtcpToCallee.map(({ octets }) => rtcpDump(octets)[0]?.packetType);
    expect(types.at(0)).toBe(200);
    expect(types.at(-1)).toBe(201);
  });

  it('fades in within the first packet, and dies away under the first 60 ms of the dialer, in G.711', () => {
    const law = { name: 'PCMA', payloadType: 8 } as const;
    call.setDialer({ ...dialerMedia, codecs: [law] });
    call.playAmbience({ ...calleeMedia, codecs: [law] }, answeredAt());
    call.connect(null);
    pass(20);
    for (let n = 0; n < 5; n += 1) dialerSpeaks({ payloadType: 8, fill: SILENCE });
    pass(FILL_AFTER_MS + 5);
    const peaks = toCallee.map(({ payload }) => Math.max(...LAWS.PCMA.decode(payload).map(Math.abs)));
    const starts = toCallee.map(({ payload }) => Math.abs(LAWS.PCMA.decode(payload)[0] ?? 0));
    // Two frames of ambience, five packets of the dialer's silence, ambience again.
    expect(starts.map((start) => start < 100)).toEqual([true, false, false, false, false, true, true, true]);
    expect(peaks[2]).toBeGreaterThan(peaks[3] ?? 0);
    expect(peaks[3]).toBeGreaterThan(peaks[4] ?? 0);
    expect(peaks.slice(5)).toEqual([8, 8, expect.any(Number)]);
    expect(peaks[7]).toBeGreaterThan(100);
  });

  it('fails, once, when ambience is asked for and nothing is known of the callee', () => {
    call.playAmbience(null, answeredAt());
    call.connect(null);
    expect(failures).toHaveLength(1);
    expect(toCallee).toEqual([]);
  });

  it('fails when the first packet cannot be sent, and says no word of a start', () => {
    call = newCall(new Error('send EPERM'));
    call.playAmbience(calleeMedia, answeredAt());
    for (const answer of kernelAnswers) answer();
    expect(failures).toEqual(['the first packet of ambience could not be sent: send EPERM']);
    expect(startedAfterMs).toEqual([]);
  });

  it('fails when the kernel refuses packet after packet', () => {
    for (let n = 0; n < 2 * SEND_ERRORS_MAX; n += 1) call.sendFailed('send ENETUNREACH');
    expect(failures).toHaveLength(1);
  });

  it('leaves nothing on the pacer when it stops', () => {
    call.playAmbience(calleeMedia, answeredAt());
    call.stop();
    expect(pacer.nextDue()).toBeNull();
    pass(100);
    dialerSpeaks();
    expect(toCallee).toHaveLength(1);
  });
});
