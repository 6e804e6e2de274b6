import { describe, expect, it } from 'vitest';
import { type NgMedia, readNgSdp, writeNgSdp } from './ng-sdp.ts';

const MEDIA: NgMedia = {
  codecs: [{ name: 'PCMA', payloadType: 8 }],
  telephoneEventPayloadType: 101,
  rtp: { address: '192.0.2.2', port: 50_000 },
  rtcp: null,
  rtcpMux: false,
};

describe('what rtpengine is told', () => {
  it('is one audio stream with its formats, both ways', () => {
    expect(writeNgSdp(MEDIA).split('\r\n')).toEqual([
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.2',
      's=-',
      'c=IN IP4 192.0.2.2',
      't=0 0',
      'm=audio 50000 RTP/AVP 8 101',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:101 telephone-event/8000',
      'a=sendrecv',
      '',
    ]);
  });

  it('has the channels of Opus, which its name needs (RFC 7587 §7), and the clock of G.722 (RFC 3551 §4.5.2)', () => {
    const codecs = [{ name: 'opus', payloadType: 111 } as const, { name: 'G722', payloadType: 9 } as const];
    const sdp = writeNgSdp({ ...MEDIA, codecs });
    expect(sdp).toContain('a=rtpmap:111 opus/48000/2\r\n');
    expect(sdp).toContain('a=rtpmap:9 G722/8000\r\n');
  });

  it('says where RTCP goes where that is not the next port (RFC 3605), and that it is multiplexed (RFC 5761)', () => {
    const sdp = writeNgSdp({ ...MEDIA, rtcp: { address: '192.0.2.5', port: 50_009 }, rtcpMux: true });
    expect(sdp).toContain('a=rtcp:50009 IN IP4 192.0.2.5\r\n');
    expect(sdp).toContain('a=rtcp-mux\r\n');
  });

  it('names an IPv6 address as one', () => {
    expect(writeNgSdp({ ...MEDIA, rtp: { address: '2001:db8::2', port: 50_000 } })).toContain('c=IN IP6 2001:db8::2');
  });
});

describe('what rtpengine says', () => {
  const sdp = (lines: readonly string[]) =>
    `${['v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', 't=0 0', ...lines].join('\r\n')}\r\n`;

  it('is where it listens, with the RTCP port it names or the next one', () => {
    const audio = 'm=audio 30000 RTP/AVP 8';
    expect(readNgSdp(sdp(['c=IN IP4 192.0.2.9', audio, 'a=rtcp:30001']))).toEqual({
      rtp: { address: '192.0.2.9', port: 30_000 },
      rtcp: { address: '192.0.2.9', port: 30_001 },
    });
    expect(readNgSdp(sdp([audio, 'c=IN IP6 2001:db8::9']))?.rtcp).toEqual({ address: '2001:db8::9', port: 30_001 });
  });

  it.each([
    ['nothing', ''],
    ['no stream', sdp(['c=IN IP4 192.0.2.9'])],
    ['no address', sdp(['m=audio 30000 RTP/AVP 8'])],
    ['a name', sdp(['c=IN IP4 media.example', 'm=audio 30000 RTP/AVP 8'])],
    ['port 0', sdp(['c=IN IP4 192.0.2.9', 'm=audio 0 RTP/AVP 8'])],
    ['a port beyond', sdp(['c=IN IP4 192.0.2.9', 'm=audio 70000 RTP/AVP 8'])],
    ['an RTCP port beyond', sdp(['c=IN IP4 192.0.2.9', 'm=audio 65535 RTP/AVP 8'])],
    ['noise', '\u0000\u0001=\r\n\r\nm='],
  ])('%s is nothing usable', (_what, text) => {
    expect(readNgSdp(text)).toBeNull();
  });
});
