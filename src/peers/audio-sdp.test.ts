import { describe, expect, it } from 'vitest';
import { LAWS } from '../audio/codec.ts';
import { audioAnswer, audioOffer, readAudioSdp, writeAudioSdp } from './audio-sdp.ts';

describe("a peer's SDP", () => {
  const rtp = { address: '127.0.0.1', port: 40_000 };

  it('reads what it writes', () => {
    const offer = audioOffer(rtp);
    expect(readAudioSdp(writeAudioSdp(offer, 1))).toEqual(offer);
  });

  it('answers with the first codec offered that it knows, under the number the offer gives it', () => {
    const offer = readAudioSdp(
      [
        'v=0',
        'c=IN IP4 192.0.2.1',
        'm=audio 5004 RTP/AVP 9 98 8',
        'a=rtpmap:9 G722/8000',
        'a=rtpmap:98 PCMU/8000',
      ].join('\n'),
    );
    expect(offer).toEqual({
      rtp: { address: '192.0.2.1', port: 5004 },
      codecs: [
        { codec: LAWS.PCMU, payloadType: 98 },
        { codec: LAWS.PCMA, payloadType: 8 },
      ],
      telephoneEventPayloadType: null,
    });
    expect(offer && audioAnswer(offer, rtp)?.codecs).toEqual([{ codec: LAWS.PCMU, payloadType: 98 }]);
  });

  it('takes the address of the stream before that of the session', () => {
    const body = 'v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 5004 RTP/AVP 0\r\nc=IN IP4 192.0.2.2\r\n';
    expect(readAudioSdp(body)?.rtp.address).toBe('192.0.2.2');
  });

  it('refuses an offer without a codec it knows, and a body without audio', () => {
    const offer = readAudioSdp('v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 5004 RTP/AVP 18\r\n');
    expect(offer && audioAnswer(offer, rtp)).toBeNull();
    expect(readAudioSdp('v=0\r\nm=video 5004 RTP/AVP 96\r\n')).toBeNull();
  });
});
