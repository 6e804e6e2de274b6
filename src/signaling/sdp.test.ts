import { describe, expect, it } from 'vitest';
import { ALL_SERVED, readPeerDescription, readRemoteMedia } from './peer-description.ts';
import { type LocalMedia, writeSdp } from './sdp.ts';

const OURS: LocalMedia = {
  rtp: { address: '127.0.0.1', port: 20_000 },
  removed: false,
  crypto: [],
  profile: 'RTP/AVP',
  parameters: {},
  telephoneEvent48kPayloadType: null,
  maxptimeMs: null,
  rtcpMux: false,
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
    const { rtp, codecs, telephoneEventPayloadType, telephoneEvent48kPayloadType, direction, ptimeMs } = OURS;
    const said = { rtp, codecs, telephoneEventPayloadType, telephoneEvent48kPayloadType, direction, ptimeMs };
    expect(readRemoteMedia(sdp)).toEqual({ ok: true, value: said });
  });

  it('say longest packet time, one port for both, and events with the clock of Opus where they are told', () => {
    const sdp = writeSdp(
      {
        ...OURS,
        codecs: [{ name: 'opus', payloadType: 111 }],
        telephoneEvent48kPayloadType: 110,
        maxptimeMs: 40,
        rtcpMux: true,
      },
      ID,
    );
    for (const line of ['111 opus/48000/2', '96 telephone-event/8000', '110 telephone-event/48000'])
      expect(sdp).toContain(`a=rtpmap:${line}\r\n`);
    for (const line of ['a=maxptime:40', 'a=rtcp-mux', 'a=fmtp:110 0-16', 'm=audio 20000 RTP/AVP 111 96 110'])
      expect(sdp).toContain(`${line}\r\n`);
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
    expect(readPeerDescription(sdp, null, { ...ALL_SERVED, family: 6 })).toMatchObject({
      value: { media: { rtp: { address: '::1', port: 20_000 } } },
    });
  });
});
