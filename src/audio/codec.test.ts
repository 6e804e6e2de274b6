import { describe, expect, it } from 'vitest';
import { CODEC_NAMES, CODECS, codecByName, codecByPayloadType, FRAME_MS } from './codec.ts';

describe('the codec table', () => {
  it.each(CODEC_NAMES)('%s says the same in each of its rows', (name) => {
    const codec = CODECS[name];
    expect(codec.rtpmap).toBe(`rtpmap:${codec.payloadType} ${name}/${codec.clockRateHz}`);
    expect(codec.frameTicks).toBe((codec.clockRateHz * FRAME_MS) / 1000);
    expect(codec.encode(new Int16Array((codec.sampleRateHz * FRAME_MS) / 1000))).toHaveLength(codec.frameOctets);
    expect(codec.encode(Int16Array.of(0))[0]).toBe(codec.silenceOctet);
  });

  it('is found by encoding name in any case (RFC 4855 §3) and by static payload type (RFC 3551 Table 4)', () => {
    expect(codecByName('pcma')).toBe(CODECS.PCMA);
    expect(codecByName('G729')).toBeNull();
    expect(codecByPayloadType(0)).toBe(CODECS.PCMU);
    expect(codecByPayloadType(18)).toBeNull();
  });
});
