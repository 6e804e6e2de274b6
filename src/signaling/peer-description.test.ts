import { describe, expect, it } from 'vitest';
import type { RemoteMedia } from '../call/remote-media.ts';
import { ALL_SERVED, readPeerDescription, readRemoteMedia } from './peer-description.ts';
import { warningOf } from './sdp-problem.ts';
import { sdpOf } from './testing/sdp-samples.ts';

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
        { name: 'G722', payloadType: 9 },
        { name: 'PCMU', payloadType: 0 },
        { name: 'PCMA', payloadType: 8 },
      ],
      telephoneEventPayloadType: 96,
      telephoneEvent48kPayloadType: null,
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
    const sdp = OFFER.replace('9 0 8 96', '111 3').replace(
      'a=rtpmap:96 telephone-event/8000',
      'a=rtpmap:111 iLBC/8000',
    );
    expect(readRemoteMedia(sdp)).toEqual({
      ok: false,
      problem: { kind: 'no-common-codec', offered: ['iLBC', 'GSM'] },
    });
  });

  it.each([
    ['a host name', OFFER.replace('c=IN IP4 127.0.0.11', 'c=IN IP4 dialer.example')],
    ['no connection', OFFER.replace('c=IN IP4 127.0.0.11\r\n', '')],
    ['not SDP at all', 'hello'],
    ['a port out of range', OFFER.replace('10004', '99999')],
    ['an m-line that nobody could put in its place', OFFER.replace('m=audio', 'm=x-whiteboard 9 RTP/AVP 8\r\nm=audio')],
    ['far too long', `${OFFER}${'a=x\r\n'.repeat(5000)}`],
  ])('refuses %s as malformed', (_what, sdp) => {
    expect(readRemoteMedia(sdp)).toMatchObject({ ok: false, problem: { kind: 'malformed' } });
  });

  it.each([
    ['no audio', OFFER.replace('m=audio', 'm=video'), 304],
    ['DTLS-SRTP', OFFER.replace('RTP/AVP', 'UDP/TLS/RTP/SAVPF'), 302],
    ['IPv6 where IPv4 is spoken', OFFER.replace('c=IN IP4 127.0.0.11', 'c=IN IP6 2001:db8::1'), 301],
  ])('says what is not there (%s), and what is (RFC 3261 §20.43)', (_what, sdp, warning) => {
    const read = readRemoteMedia(sdp);
    expect(read).toMatchObject({ ok: false, problem: { kind: 'unsupported', warning } });
    if (!read.ok) expect(warningOf(read.problem)).toMatch(new RegExp(`^${warning} brusio ".* served.*"$`));
  });

  it('takes an m-line that says it has one port (RFC 8866 §5.14)', () => {
    expect(read(OFFER.replace('m=audio 10004 ', 'm=audio 10004/1 ')).rtp.port).toBe(10_004);
  });

  it('RFC 5118 §4.8: takes the stream of its own family where a peer offers one in each', () => {
    const v6 = 'm=audio 30000 RTP/AVP 8\r\nc=IN IP6 2001:DB8::1\r\n';
    const of = (family: 4 | 6) => readPeerDescription(sdpOf({ before: v6 }), null, { ...ALL_SERVED, family });
    expect(of(4)).toMatchObject({ value: { audio: 1, media: { rtp: { address: '127.0.0.11' } } } });
    expect(of(6)).toMatchObject({ value: { audio: 0, media: { rtp: { address: '2001:db8::1', port: 30_000 } } } });
  });

  it.each([
    ['a=rtcp:53020', { rtcp: { address: '127.0.0.11', port: 53_020 } }],
    ['a=rtcp:53020 IN IP4 127.0.0.12', { rtcp: { address: '127.0.0.12', port: 53_020 } }],
    ['a=rtcp:53020\r\na=rtcp-mux', { rtcpMux: true }],
    ['a=rtcp:10005', {}],
    ['a=rtcp:0', {}],
    ['a=rtcp:53020 IN IP4 rtcp.example', {}],
  ])('reads where RTCP goes (RFC 3605, RFC 5761): %s', (line, expected) => {
    const { rtcp, rtcpMux } = read(OFFER.replace('a=sendrecv', line));
    expect({ ...(rtcp && { rtcp }), ...(rtcpMux && { rtcpMux }) }).toEqual(expected);
  });

  it.each([
    ['a=ptime:30', { ptimeMs: 30 }],
    ['a=ptime:5', { ptimeMs: 10 }],
    ['a=ptime:120', { ptimeMs: 60 }],
    ['a=ptime:0', {}],
    ['a=ptime:20.5', { ptimeMs: 20 }],
    ['a=maxptime:150', { maxptimeMs: 60 }],
    ['a=maxptime:39', { maxptimeMs: 30 }],
    ['a=ptime:soon', {}],
  ])('reads packet times within what is served: %s', (line, expected) => {
    const { ptimeMs, maxptimeMs } = read(OFFER.replace('a=sendrecv', line));
    expect({ ...(ptimeMs && { ptimeMs }), ...(maxptimeMs && { maxptimeMs }) }).toEqual(expected);
  });

  it('knows a codec by name, clock and channels together', () => {
    const rtpmaps = ['96 PCMA/16000', '97 opus/48000', '98 G722/16000', '99 PCMU/8000/2', '100 pcma/8000/1'];
    const sdp = sdpOf({ payloads: '96 97 98 99 100', rtpmaps });
    expect(read(sdp).codecs).toEqual([{ name: 'PCMA', payloadType: 100 }]);
  });

  it('takes a peer that calls G.729 by its annex, the bit stream being the same', () => {
    const description = readPeerDescription(sdpOf({ payloads: '18', rtpmaps: ['18 G729A/8000'] }), null, {
      ...ALL_SERVED,
      codecs: ['G729'],
    });
    expect(description).toMatchObject({ value: { media: { codecs: [{ name: 'G729', payloadType: 18 }] } } });
  });

  it('takes the first of several audio streams that can be served', () => {
    const dtls = 'm=audio 30000 UDP/TLS/RTP/SAVPF 8\r\n';
    expect(readPeerDescription(sdpOf({ before: dtls }), null)).toMatchObject({ value: { audio: 1 } });
  });

  it('keeps packet time and m-lines, and takes the first audio that is not refused', () => {
    const video = 'm=video 30000 RTP/AVP 97\r\nm=audio 0 RTP/AVP 8\r\n';
    const description = readPeerDescription(sdpOf({ before: video, ptime: 30 }), null);
    expect(description).toMatchObject({
      value: {
        media: { ptimeMs: 30 },
        audio: 2,
        removed: false,
        streams: [
          { type: 'video', protocol: 'RTP/AVP', payloads: '97' },
          { type: 'audio', payloads: '8' },
          { type: 'audio', payloads: '8' },
        ],
      },
    });
  });

  it('refuses a first description with port 0, and one with more m-lines than any call has', () => {
    expect(readPeerDescription(sdpOf({ port: 0 }), null)).toMatchObject({
      ok: false,
      problem: { kind: 'unsupported', warning: 304 },
    });
    expect(readPeerDescription(sdpOf({ before: 'm=video 1 RTP/AVP 97\r\n'.repeat(16) }), null)).toMatchObject({
      ok: false,
      problem: { kind: 'malformed' },
    });
  });
});
