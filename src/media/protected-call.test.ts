/** A call whose legs are protected, or one of them: SRTP stands at the leg's edge and nothing inside knows of it. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { MonotonicMs } from '../base/clock.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import { masterOctets, type SrtpKey, type SrtpKeys } from '../call/srtp.ts';
import { callParts } from '../testing/media-call-parts.ts';
import { MediaCall } from './media-call.ts';
import { Pacer } from './pacer.ts';
import { rtcpDump, rtcpOctets } from './rtcp/rtcp-fixture.ts';
import { rtpFields, rtpOctets } from './rtp-fixture.ts';
import { SrtpReceiver } from './srtp/srtp-receiver.ts';
import { SrtpSender } from './srtp/srtp-sender.ts';

const CALLEE = { address: '192.0.2.1', port: 4000 };
const DIALER = { address: '192.0.2.2', port: 5000 };

function keyOf(fill: number): SrtpKey {
  const suite = 'AES_CM_128_HMAC_SHA1_80';
  return { suite, master: Buffer.alloc(masterOctets(suite), fill).toString('base64') };
}

function media(rtp: RemoteMedia['rtp'], srtp: SrtpKeys | null): RemoteMedia {
  const plain: RemoteMedia = {
    rtp,
    codecs: [{ name: 'PCMA', payloadType: 8 }],
    telephoneEventPayloadType: null,
    direction: 'sendrecv',
  };
  return srtp === null ? plain : { ...plain, srtp };
}

describe('a call with protected legs', () => {
  let call: MediaCall;
  let toCallee: Buffer[];
  let toDialer: Buffer[];
  let nowMs: number;
  let pacer: Pacer;
  let chores: Pacer;
  let rtcpToCallee: Buffer[];

  beforeEach(() => {
    [toCallee, toDialer, nowMs] = [[], [], 1000];
    rtcpToCallee = [];
    pacer = new Pacer(0 as MonotonicMs, 5, 20);
    chores = new Pacer(0 as MonotonicMs, 50, 1000);
    call = new MediaCall(
      callParts({
        pacer,
        calleeStream: { ssrc: 1, sequence: 65_530, timestamp: 0 },
        sendToCallee: (packet) => void toCallee.push(Buffer.from(packet)),
        sendToDialer: (packet) => void toDialer.push(Buffer.from(packet)),
        rtcp: { chores, sendToCallee: (packet) => void rtcpToCallee.push(Buffer.from(packet)) },
        now: () => nowMs as MonotonicMs,
      }),
    );
  });

  it('plays ambience to the callee in the same instant, under our key', () => {
    call.setDialer(media(DIALER, null));
    call.playAmbience(media(CALLEE, { send: keyOf(1), receive: keyOf(2) }), nowMs as MonotonicMs);
    expect(toCallee).toHaveLength(1);
    const callee = new SrtpReceiver(keyOf(1));
    for (; nowMs < 1_200; nowMs += 1) pacer.run(nowMs as MonotonicMs);
    expect(toCallee.length).toBeGreaterThan(8);
    const heard = toCallee.map((packet) => callee.rtp(packet));
    expect(heard.map((packet) => packet?.length)).toEqual(toCallee.map((packet) => packet.length - 10));
    expect(rtpFields(heard[0] as Buffer)).toMatchObject({ ssrc: 1, sequence: 65_530, marker: true, payloadType: 8 });
  });

  it('reports under SRTCP, and believes what comes under it alone (RFC 3711 §3.4)', () => {
    call.playAmbience(media(CALLEE, { send: keyOf(1), receive: keyOf(2) }), nowMs as MonotonicMs);
    nowMs += 50;
    chores.run(nowMs as MonotonicMs);
    const told = new SrtpReceiver(keyOf(1)).rtcp(rtcpToCallee[0] as Buffer);
    expect(rtcpDump(told ?? undefined)[0]).toMatchObject({ packetType: 200, ssrc: 1 });
    const report = rtcpOctets({ ssrc: 7, about: 1, lost: 3, jitter: 0, lastSr: 0, delay: 0 });
    call.rtcpFromCallee(Buffer.from(report), CALLEE.address, CALLEE.port + 1);
    expect(call.report().calleeReport).toBeNull();
    const sealed = new SrtpSender(keyOf(2)).rtcp(report) as Buffer;
    call.rtcpFromCallee(Buffer.from(sealed), CALLEE.address, CALLEE.port + 1);
    expect(call.report().calleeReport?.lost).toBe(3);
  });

  it('passes each peer’s packets to the other under the other’s own key, or in clear', () => {
    call.setDialer(media(DIALER, { send: keyOf(3), receive: keyOf(4) }));
    call.relay(media(CALLEE, null));
    const [dialer, dialerHears] = [new SrtpSender(keyOf(4)), new SrtpReceiver(keyOf(3))];
    const spoken = rtpOctets({ payloadType: 8, ssrc: 9, sequence: 77, fill: 0xee });
    call.fromDialer(Buffer.from(dialer.rtp(spoken) as Buffer), DIALER.address, DIALER.port);
    expect(toCallee.map((packet) => rtpFields(packet).fill)).toEqual([0xee]);
    call.fromCallee(rtpOctets({ payloadType: 8, ssrc: 8, fill: 0xdd }), CALLEE.address, CALLEE.port);
    expect(rtpFields(dialerHears.rtp(toDialer[0] as Buffer) as Buffer)).toMatchObject({ ssrc: 2, fill: 0xdd });
  });

  it('drops and counts what is in clear, forged or repeated; nothing of it latches', () => {
    call.setDialer(media(DIALER, { send: keyOf(3), receive: keyOf(4) }));
    call.relay(media(CALLEE, null));
    const speaker = new SrtpSender(keyOf(4));
    const next = (sequence: number) =>
      Buffer.from(speaker.rtp(rtpOctets({ payloadType: 8, ssrc: 9, sequence, fill: 1 })) as Buffer);
    const [first, second] = [next(1), next(2)];
    // In clear, from another port of the named address: a latch would send the call there.
    call.fromDialer(rtpOctets({ payloadType: 8, ssrc: 9, fill: 1 }), DIALER.address, 5999);
    call.fromDialer(Buffer.from(first), DIALER.address, DIALER.port);
    call.fromDialer(Buffer.from(first), DIALER.address, DIALER.port);
    second[20] = (second[20] as number) ^ 1;
    call.fromDialer(second, DIALER.address, DIALER.port);
    call.fromDialer(Buffer.from(first), '192.0.2.66', 1);
    expect(toCallee).toHaveLength(1);
    expect(call.report()).toMatchObject({ packetsFromDialer: 1, drops: { unauthentic: 2, replayed: 1, foreign: 1 } });
  });
});
