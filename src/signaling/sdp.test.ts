import { describe, expect, it } from 'vitest';
import type { RemoteMedia } from '../call/remote-media.ts';
import { carrierOffer, dialerAnswer, readRemoteMedia, writeAnswer, writeSdp } from './sdp.ts';

const OFFER = [
  'v=0',
  'o=dialer 1 1 IN IP4 127.0.0.11',
  's=-',
  'c=IN IP4 127.0.0.11',
  't=0 0',
  'm=audio 10004 RTP/AVP 9 0 8 96',
  'a=rtpmap:9 G722/8000',
  'a=rtpmap:96 telephone-event/8000',
  'a=fmtp:96 0-15',
  'a=candidate:1 1 UDP 2130706431 10.0.0.1 10004 typ host',
  'a=sendrecv',
  '',
].join('\r\n');

const OURS = { address: '127.0.0.1', port: 20_000 };
const DESCRIPTION = { sessionId: '42', version: 1 };

function read(sdp: string): RemoteMedia {
  const media = readRemoteMedia(sdp);
  if (!media.ok) throw new Error(media.problem.kind);
  return media.value;
}

describe('RFC 3264: reading a peer', () => {
  it('keeps the served codecs in its order and under its numbers, static ones without rtpmap too', () => {
    expect(read(OFFER)).toEqual({
      rtp: { address: '127.0.0.11', port: 10_004 },
      codecs: [
        { name: 'PCMU', payloadType: 0 },
        { name: 'PCMA', payloadType: 8 },
      ],
      telephoneEventPayloadType: 96,
      direction: 'sendrecv',
    });
  });

  it('takes address and direction of the stream before those of the session', () => {
    const sdp = OFFER.replace('a=sendrecv', 'c=IN IP4 127.0.0.99\r\na=sendonly').replace(
      't=0 0',
      'a=inactive\r\nt=0 0',
    );
    expect(read(sdp)).toMatchObject({ rtp: { address: '127.0.0.99' }, direction: 'sendonly' });
  });

  it('names what was offered when nothing of it is served', () => {
    const sdp = OFFER.replace('9 0 8 96', '111 18').replace(
      'a=rtpmap:96 telephone-event/8000',
      'a=rtpmap:111 opus/48000/2',
    );
    expect(readRemoteMedia(sdp)).toEqual({
      ok: false,
      problem: { kind: 'no-common-codec', offered: ['opus', 'G729'] },
    });
  });

  it.each([
    ['no audio', OFFER.replace('m=audio', 'm=video')],
    ['SRTP', OFFER.replace('RTP/AVP', 'RTP/SAVP')],
    ['a host name', OFFER.replace('c=IN IP4 127.0.0.11', 'c=IN IP4 dialer.example')],
    ['no connection', OFFER.replace('c=IN IP4 127.0.0.11\r\n', '')],
    ['not SDP at all', 'hello'],
    ['a port out of range', OFFER.replace('10004', '99999')],
    ['far too long', `${OFFER}${'a=x\r\n'.repeat(5000)}`],
  ])('refuses %s as malformed', (_what, sdp) => {
    expect(readRemoteMedia(sdp)).toMatchObject({ ok: false, problem: { kind: 'malformed' } });
  });
});

describe("Brusio's own descriptions", () => {
  it('offer the carrier the codecs of the dialer at our address, and nothing else of its SDP', () => {
    const sdp = writeSdp(carrierOffer(read(OFFER), OURS), DESCRIPTION);
    expect(sdp).toContain('m=audio 20000 RTP/AVP 0 8 96\r\n');
    expect(sdp).toContain('c=IN IP4 127.0.0.1\r\n');
    expect(sdp).toContain('a=rtpmap:96 telephone-event/8000');
    expect(sdp).not.toMatch(/candidate|127\.0\.0\.11|G722/);
    expect(read(sdp)).toEqual({ ...read(OFFER), rtp: OURS });
  });

  it('offer everything served when the dialer offered nothing', () => {
    expect(carrierOffer(null, OURS)).toMatchObject({
      codecs: [
        { name: 'PCMA', payloadType: 8 },
        { name: 'PCMU', payloadType: 0 },
      ],
      telephoneEventPayloadType: 101,
    });
  });

  it("answer the dialer with the callee's choice under the dialer's numbers", () => {
    const callee: RemoteMedia = {
      rtp: { address: '127.0.0.12', port: 20_104 },
      codecs: [{ name: 'PCMA', payloadType: 8 }],
      telephoneEventPayloadType: 101,
      direction: 'sendrecv',
    };
    expect(dialerAnswer(read(OFFER), callee, OURS)).toEqual({
      rtp: OURS,
      codecs: [{ name: 'PCMA', payloadType: 8 }],
      telephoneEventPayloadType: 96,
      direction: 'sendrecv',
    });
    const held = { ...read(OFFER), direction: 'sendonly' as const };
    expect(dialerAnswer(held, { ...callee, telephoneEventPayloadType: null }, OURS)).toMatchObject({
      telephoneEventPayloadType: null,
      direction: 'recvonly',
    });
  });

  it('answer every m-line of an offer, all but one with port 0', () => {
    const offer = `${OFFER}m=video 10008 RTP/AVP 97\r\na=rtpmap:97 H264/90000\r\n`;
    const sdp = writeAnswer(offer, carrierOffer(read(offer), OURS), DESCRIPTION);
    expect(sdp.match(/^m=.*$/gm)).toEqual(['m=audio 20000 RTP/AVP 0 8 96', 'm=video 0 RTP/AVP 97']);
  });

  it('speak IPv6', () => {
    const sdp = writeSdp(carrierOffer(null, { address: '::1', port: 20_000 }), DESCRIPTION);
    expect(sdp).toContain('c=IN IP6 ::1');
    expect(read(sdp).rtp).toEqual({ address: '::1', port: 20_000 });
  });
});
