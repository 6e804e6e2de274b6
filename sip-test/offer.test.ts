import { beforeAll, describe, expect, it } from 'vitest';
import { byeToCarrier, byeToDialer } from './dialog-check.ts';
import { CARRIER, DIALER_ADDRESS, TARGET } from './engine-under-test.ts';
import { expectSame, STAMP_LATE_MS_MAX } from './pace.ts';
import { rawAck, rawInvite } from './raw-invite.ts';
import { between, soundsOf, streamProblems } from './rtp-stream.ts';
import { SipSocket } from './sip-socket.ts';
import { audioAddress, firstOf, header, rtpmapNames } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';
import { CALLEE_FRAME } from './tone.ts';

/** Long enough for anything that was sent to the carrier to be there. */
const NOTHING_WITHIN_MS = 300;

describe('the offer of an INVITE', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('passes to the carrier with the codecs that ambience exists in, in the dialer’s order', async () => {
    const call = await bed.call({
      dialer: 'dialer-is-refused',
      carrier: 'carrier-is-busy',
    });
    const { carrier } = await call.ended();

    const invite = firstOf(carrier.received('INVITE'), 'INVITE received');
    expect(rtpmapNames(invite)).toEqual(['PCMA', 'PCMU', 'telephone-event']);
  });

  it('answered with PCMU gives ambience in PCMU, and the dialer the same codec', async () => {
    const call = await bed.call({ dialer: 'dialer-hangs-up', carrier: 'carrier-answers-in-pcmu' });
    const { dialer, outcome } = await call.ended();

    const answer = firstOf(dialer.received(200, 'INVITE'), '200 received');
    expect(rtpmapNames(answer)[0]).toBe('PCMU');
    const { packets } = call.calleeRtp;
    expect(new Set(packets.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
    expect(soundsOf(packets)).toEqual(['other']);
    expect(streamProblems(packets)).toEqual([]);
    expect(outcome.comfortNoise).toMatchObject({ codec: 'PCMU' });
  });

  it('that is missing is made by Brusio in its 200, and the answer read from the ACK (RFC 3264 §4)', async () => {
    const call = await bed.call({ dialer: 'dialer-offers-in-ack', carrier: 'carrier-answers' });
    const invite = await call.carrier.message('INVITE received', ({ method }) => method === 'INVITE');
    const carrierSide = audioAddress(invite);
    if (carrierSide === null) throw new Error('Brusio’s INVITE has no SDP');
    await call.dialer.message('ACK sent', ({ method }) => method === 'ACK');
    call.calleeRtp.talk(carrierSide, CALLEE_FRAME, 8);
    const { dialer, carrier, outcome } = await call.ended();

    const answer = firstOf(dialer.received(200, 'INVITE'), '200 received');
    expect(rtpmapNames(answer)).toContain('PCMA');
    const answeredAtMs = firstOf(carrier.sent(200, 'INVITE'), '200 sent').atMs;
    const { packets } = call.calleeRtp;
    expect(between(packets, 0, answeredAtMs - STAMP_LATE_MS_MAX)).toEqual([]);
    expectSame(packets[0]?.atMs ?? Number.NaN, answeredAtMs, 'the first packet, and the answer');
    expect(soundsOf(packets)).toEqual(['other']);
    expect(streamProblems(packets)).toEqual([]);
    expect(call.dialerRtp.packets.length, 'packets of the callee at the dialer').toBeGreaterThan(50);
    byeToCarrier(carrier);
    byeToDialer(dialer);
    expect(outcome).toMatchObject({ handling: 'silent', class: 'A', endCause: 'deadline' });
  });

  it('without a codec that ambience exists in is refused with 488 and a Warning that names them', async () => {
    const carrier = await SipSocket.open(CARRIER.address, CARRIER.port);
    const dialerRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const dialer = bed.dialer('dialer-offers-unknown-codecs', dialerRtp, bed.newNumber());
    const trace = await dialer.finished();

    const final = firstOf(trace.received(488, 'INVITE'), '488 received');
    const warning = header(final, 'Warning');
    expect(warning).toMatch(/^305 \S+ "/);
    for (const codec of ['GSM', 'iLBC', 'PCMA', 'PCMU']) expect(warning?.toLowerCase()).toContain(codec.toLowerCase());
    expect(await carrier.reply(() => true, NOTHING_WITHIN_MS), 'sent to the carrier').toBeNull();
    await carrier.close();
    const outcome = await bed.webhooks.outcome(dialer.callIds[0] ?? '');
    expect(outcome).toMatchObject({
      network: 'blocked',
      handling: 'none',
      class: null,
      endedBy: 'guard',
      endCause: 'refused-by-guard',
      sip: { status: 488, carrierCallId: null, carrier: null },
    });
  });

  it('that cannot be read is refused with 488 or 400, and nothing is sent to the carrier', async () => {
    const carrier = await SipSocket.open(CARRIER.address, CARRIER.port);
    const dialer = await SipSocket.open(DIALER_ADDRESS, 0);
    for (const sdp of BROKEN_SDP) {
      const number = bed.newNumber();
      const invite = rawInvite({ from: dialer.local, number, sdp });
      await dialer.send(TARGET, Buffer.from(invite));
      const callId = /^Call-ID: (.*)$/m.exec(invite)?.[1]?.trim() ?? '';
      const final = await dialer.reply((text) => /^SIP\/2\.0 [2-6]/.test(text) && text.includes(callId), 10_000);
      expect(final, `answer to ${JSON.stringify(sdp)}`).toMatch(/^SIP\/2\.0 4(00|88) /);
      await dialer.send(TARGET, Buffer.from(rawAck(invite, final ?? '')));
    }
    expect(await carrier.reply(() => true, NOTHING_WITHIN_MS), 'sent to the carrier').toBeNull();
    await carrier.close();
    await dialer.close();
  });
});

const BROKEN_SDP = [
  'this is not a session description\r\n',
  // No media at all.
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n',
  // Audio, but nowhere to send it.
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 49170 RTP/AVP 8\r\n',
  // A port that no socket has.
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 99999 RTP/AVP 8\r\n',
];
