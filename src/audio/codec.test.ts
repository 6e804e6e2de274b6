import { describe, expect, it } from 'vitest';
import { CODEC_NAMES, CODECS, codecByName, FRAME_MS, isLaw, LAW_NAMES, LAWS } from './codec.ts';

describe('the codec table', () => {
  it.each(CODEC_NAMES)('%s says the same in each of its rows', (name) => {
    const codec = CODECS[name];
    expect(codec.name).toBe(name);
    expect(codec.rtpmap.split('/').slice(0, 2)).toEqual([name, String(codec.clockRateHz)]);
    expect(codec.frameTicks).toBe((codec.clockRateHz * FRAME_MS) / 1000);
    if (codec.frameOctets !== null) expect(codec.frameOctets * codec.ticksPerOctet).toBe(codec.frameTicks);
  });

  it('has the numbers of RFC 3551 Table 4, and a dynamic one where that has none', () => {
    expect(CODEC_NAMES.map((name) => CODECS[name].payloadType)).toEqual([8, 0, 9, 111, 18]);
  });

  it.each(LAW_NAMES)('%s is a law: a sample is an octet, both ways', (name) => {
    expect(isLaw(name)).toBe(true);
    expect(LAWS[name].encode(new Int16Array(160))).toHaveLength(160);
    expect(LAWS[name].encode(Int16Array.of(0))[0]).toBe(LAWS[name].silenceOctet);
    expect(LAWS[name].decode(LAWS[name].encode(Int16Array.of(1000)))[0]).toBeGreaterThan(900);
  });

  it('is found by encoding name in any case (RFC 4855 §3)', () => {
    expect(codecByName('pcma')).toBe(CODECS.PCMA);
    expect(codecByName('OPUS')).toBe(CODECS.opus);
    expect(codecByName('g729')).toBe(CODECS.G729);
    expect(codecByName('GSM')).toBeNull();
    expect(isLaw('G722')).toBe(false);
  });
});
