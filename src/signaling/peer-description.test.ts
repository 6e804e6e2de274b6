import { describe, expect, it } from 'vitest';
import type { RemoteMedia } from '../call/remote-media.ts';
import { readPeerDescription, readRemoteMedia } from './peer-description.ts';
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

  it('keeps packet time and m-lines, and takes the first audio that is not refused', () => {
    const video = 'm=video 30000 RTP/AVP 97\r\nm=audio 0 RTP/AVP 8\r\n';
    const description = readPeerDescription(sdpOf({ before: video, ptime: 30 }), null);
    expect(description).toMatchObject({
      value: {
        ptimeMs: 30,
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
    expect(readPeerDescription(sdpOf({ port: 0 }), null)).toMatchObject({ ok: false });
    expect(readPeerDescription(sdpOf({ before: 'm=video 1 RTP/AVP 97\r\n'.repeat(16) }), null)).toMatchObject({
      ok: false,
      problem: { kind: 'malformed' },
    });
  });
});
