import { beforeEach, describe, expect, it } from 'vitest';
import { LAWS } from '../audio/codec.ts';
import { addMs, type MonotonicMs } from '../base/clock.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import { callParts } from '../testing/media-call-parts.ts';
import { continuityProblems } from '../testing/rtp-continuity.ts';
import { spokenGreeting } from '../testing/spoken-greeting.ts';
import { stubClip } from '../testing/stub-clip.ts';
import { type AmbienceLoop, ambienceLoop } from './ambience-player.ts';
import { MediaCall } from './media-call.ts';
import { Pacer } from './pacer.ts';
import { isRtcp } from './rtcp/rtcp-read.ts';
import { rtpFields, rtpOctets } from './rtp-fixture.ts';

const MESSAGE_FRAMES = 5;
const MESSAGE_OCTET = 0x99;
const EVENT = 101;

const callee = (more: Partial<RemoteMedia> = {}): RemoteMedia => ({
  rtp: { address: '192.0.2.1', port: 4000 },
  // No fades in G.722: what is heard is told by its octets.
  codecs: [{ name: 'G722', payloadType: 9 }],
  telephoneEventPayloadType: EVENT,
  direction: 'sendrecv',
  ...more,
});

/** A message of 100 ms that is the same octet all along. */
function message(): AmbienceLoop {
  const clip = stubClip();
  const encodings = new Map(
    [...clip.encodings].map(([codec, encoding]) => [
      codec,
      { ...encoding, octets: new Uint8Array(MESSAGE_FRAMES * 160).fill(MESSAGE_OCTET) },
    ]),
  );
  return ambienceLoop({ ...clip, durationMs: MESSAGE_FRAMES * 20, frameCount: MESSAGE_FRAMES, encodings });
}

describe('the announcement of a call', () => {
  let nowMs: number;
  let pacer: Pacer;
  let call: MediaCall;
  let sent: (ReturnType<typeof rtpFields> & { readonly atMs: number })[];
  let told: string[];

  beforeEach(() => {
    nowMs = 1000;
    sent = [];
    told = [];
    pacer = new Pacer(0 as MonotonicMs, 5, 20);
    call = newCall();
  });

  function newCall(): MediaCall {
    return new MediaCall(
      callParts({
        pacer,
        announcement: message(),
        listensForGreeting: true,
        sendToCallee: (packet) => {
          if (!isRtcp(packet)) sent.push({ ...rtpFields(packet), atMs: nowMs });
        },
        now: () => nowMs as MonotonicMs,
        ear: {
          onSpeech: (at) => told.push(`speaks ${Math.round(at)}`),
          onQuiet: (at) => told.push(`quiet ${Math.round(at)}`),
          onKey: (digit) => told.push(`key ${digit}`),
        },
        onAnnounced: (at) => told.push(`announced ${at}`),
      }),
    );
  }

  function pass(ms: number): void {
    for (const until = nowMs + ms; nowMs < until; ) {
      nowMs += 5;
      pacer.run(nowMs as MonotonicMs);
    }
  }

  function key(code: number, timestamp: number, sequence: number): void {
    const packet = rtpOctets({ payloadType: EVENT, timestamp, sequence, payload: Buffer.from([code, 10, 0, 160]) });
    call.fromCallee(packet, '192.0.2.1', 4000);
  }

  const octetsOf = (packet: { readonly payload: Uint8Array }) => [...new Set(packet.payload)];
  const isMessage = (packet: { readonly payload: Uint8Array }) => packet.payload.includes(MESSAGE_OCTET);

  it('takes the place of the ambience once, from its beginning, in the one stream, and gives it back', () => {
    call.playAmbience(callee(), nowMs as MonotonicMs);
    pass(100);
    call.announce();
    call.announce();
    pass(300);
    expect(
      continuityProblems(
        sent.map((one) => ({ ...one, isEvent: false, ticks: one.payload.length })),
        0,
      ),
    ).toEqual([]);
    expect(new Set(sent.map(({ ssrc }) => ssrc)).size).toBe(1);
    expect(sent.map(isMessage).lastIndexOf(true) - sent.map(isMessage).indexOf(true)).toBe(MESSAGE_FRAMES - 1);
    expect(sent.filter(isMessage)).toHaveLength(MESSAGE_FRAMES);
    // The ambience goes on where it was left.
    const ambience = sent.filter((packet) => !isMessage(packet)).map((packet) => octetsOf(packet)[0]);
    expect(ambience).toEqual(ambience.map((_, index) => index));
    const last = sent.findLast(isMessage);
    expect(told).toEqual([`announced ${(last?.atMs ?? 0) + 20}`]);
    const { ambience: played, announcement } = call.report();
    expect(announcement).toEqual({
      startedAt: sent.find(isMessage)?.atMs,
      playedMs: 100,
      packets: MESSAGE_FRAMES,
      complete: true,
    });
    expect(played?.packets).toBe(ambience.length);
  });

  it.each([30, 60])('fills its last packet of %i ms with ambience, and plays nothing of it twice', (ptimeMs) => {
    call.playAmbience(callee({ ptimeMs }), nowMs as MonotonicMs);
    pass(120);
    call.announce();
    pass(400);
    const octets = sent.flatMap(({ payload }) => [...payload]).filter((octet) => octet === MESSAGE_OCTET);
    expect(octets).toHaveLength(MESSAGE_FRAMES * 160);
    expect(
      continuityProblems(
        sent.map((one) => ({ ...one, isEvent: false, ticks: one.payload.length })),
        0,
      ),
    ).toEqual([]);
    expect(told).toHaveLength(1);
  });

  it('waits while the callee does not listen, and leaves nothing out', () => {
    call.playAmbience(callee(), nowMs as MonotonicMs);
    pass(40);
    call.announce();
    pass(40);
    call.setCallee(callee({ direction: 'sendonly' }));
    pass(1000);
    expect(told).toEqual([]);
    call.setCallee(callee());
    pass(200);
    expect(sent.filter(isMessage)).toHaveLength(MESSAGE_FRAMES);
    expect(told).toHaveLength(1);
  });

  it('tells what was played of it when the call ends first', () => {
    call.playAmbience(callee(), nowMs as MonotonicMs);
    call.announce();
    pass(45);
    call.stop();
    expect(call.report().announcement).toMatchObject({ playedMs: 40, complete: false });
  });

  it('does not click: in G.711 the ambience dies away under its beginning', () => {
    call.playAmbience(callee({ codecs: [{ name: 'PCMA', payloadType: 8 }] }), nowMs as MonotonicMs);
    pass(60);
    call.announce();
    pass(100);
    const bare = (packet: (typeof sent)[number]) => octetsOf(packet).join() === String(MESSAGE_OCTET);
    // 60 of its 100 ms.
    expect(sent.filter(bare)).toHaveLength(2);
    expect(told).toHaveLength(1);
  });

  it('hears each key once while it plays and after it, and none before (RFC 4733 §2.5.1.4)', () => {
    call.playAmbience(callee(), nowMs as MonotonicMs);
    pass(40);
    for (const sequence of [1, 2]) key(5, 1000, sequence);
    call.announce();
    for (const sequence of [3, 4, 5]) key(5, 1000, sequence);
    expect(told).toEqual([]);
    for (const sequence of [6, 7, 8]) key(9, 5000, sequence);
    key(16, 6000, 9);
    pass(200);
    key(10, 9000, 10);
    expect(told.filter((line) => line.startsWith('key'))).toEqual(['key 9', 'key *']);
  });

  it('comes after a greeting of which beginning and end were told, also when nothing more is sent', () => {
    const media = callee({ codecs: [{ name: 'PCMU', payloadType: 0 }] });
    call.playAmbience(media, nowMs as MonotonicMs);
    const said = LAWS.PCMU.encode(spokenGreeting(1000));
    for (let frame = 0; frame < 50; frame++) {
      pass(20);
      const payload = Buffer.from(said.subarray(frame * 160, frame * 160 + 160));
      call.fromCallee(rtpOctets({ payloadType: 0, sequence: frame, payload }), '192.0.2.1', 4000);
    }
    pass(700);
    expect(told.map((line) => line.split(' ')[0])).toEqual(['speaks', 'quiet']);
    const [speaks, quiet] = told.map((line) => Number(line.split(' ')[1]));
    expect(Math.abs((speaks ?? 0) - 1000)).toBeLessThanOrEqual(40);
    expect(Math.abs((quiet ?? 0) - addMs(2000 as MonotonicMs, 0))).toBeLessThanOrEqual(160);
    expect(call.report().listening).toEqual({ understood: 50, strange: 0 });
  });

  it('says so when nothing of the callee could be understood', () => {
    const media = callee({
      codecs: [
        { name: 'G722', payloadType: 9 },
        { name: 'G729', payloadType: 18 },
      ],
    });
    call.playAmbience(media, nowMs as MonotonicMs);
    call.fromCallee(rtpOctets({ payloadType: 18, payload: Buffer.alloc(20) }), '192.0.2.1', 4000);
    expect(call.report().listening).toEqual({ understood: 0, strange: 1 });
  });
});
