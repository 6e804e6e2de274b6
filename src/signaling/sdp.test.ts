import { describe, expect, it } from 'vitest';
import { readRemoteMedia } from './peer-description.ts';
import { type LocalMedia, writeSdp } from './sdp.ts';

const OURS: LocalMedia = {
  rtp: { address: '127.0.0.1', port: 20_000 },
  codecs: [
    { name: 'PCMU', payloadType: 0 },
    { name: 'PCMA', payloadType: 8 },
  ],
  telephoneEventPayloadType: 96,
  direction: 'sendonly',
  ptimeMs: 30,
};
const ID = { sessionId: '42', version: 7 };

describe("Brusio's own descriptions", () => {
  it('say what they are told, at our own address', () => {
    const sdp = writeSdp(OURS, ID);
    expect(sdp).toContain('o=- 42 7 IN IP4 127.0.0.1\r\n');
    expect(sdp).toContain('c=IN IP4 127.0.0.1\r\n');
    expect(sdp).toContain('m=audio 20000 RTP/AVP 0 8 96\r\n');
    expect(sdp).toContain('a=rtpmap:96 telephone-event/8000\r\n');
    expect(sdp).toContain('a=ptime:30\r\n');
    const { rtp, codecs, telephoneEventPayloadType, direction } = OURS;
    expect(readRemoteMedia(sdp)).toEqual({ ok: true, value: { rtp, codecs, telephoneEventPayloadType, direction } });
  });

  it('keep every m-line of the session in its place, all but one with port 0 (RFC 3264 §6)', () => {
    const streams = [
      { type: 'video', protocol: 'RTP/AVP', payloads: '97' },
      { type: 'audio', protocol: 'RTP/AVP', payloads: '8' },
      { type: 'image', protocol: 'udptl', payloads: 't38' },
    ];
    const sdp = writeSdp(OURS, ID, { streams, audio: 1 });
    expect(sdp.match(/^m=.*$/gm)).toEqual([
      'm=video 0 RTP/AVP 97',
      'm=audio 20000 RTP/AVP 0 8 96',
      'm=image 0 udptl t38',
    ]);
  });

  it('speak IPv6', () => {
    const sdp = writeSdp({ ...OURS, rtp: { address: '::1', port: 20_000 } }, ID);
    expect(sdp).toContain('c=IN IP6 ::1');
    expect(readRemoteMedia(sdp)).toMatchObject({ value: { rtp: { address: '::1', port: 20_000 } } });
  });
});
