import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { decodeWav, encodeWav, toInt16 } from './wav.ts';

describe('a WAV file', () => {
  it('gives back the samples that went in, after 44 octets of header', () => {
    const samples = Int16Array.of(0, 1, -1, 32_767, -32_768);
    const octets = encodeWav({ sampleRateHz: 16_000, samples });
    expect(octets).toHaveLength(44 + 10);
    expect(decodeWav(octets)).toEqual({ ok: true, value: { sampleRateHz: 16_000, samples } });
  });

  it('is refused in words when it is something else', () => {
    expect(decodeWav(Uint8Array.of(1, 2, 3))).toMatchObject({
      ok: false,
      problem: expect.stringContaining('not a WAV'),
    });
    const stereo = new wavefile.WaveFile();
    stereo.fromScratch(2, 8000, '16', [
      [1, 2],
      [3, 4],
    ]);
    expect(decodeWav(stereo.toBuffer())).toEqual({ ok: false, problem: '2 channels, only 1 is read' });
    const deep = new wavefile.WaveFile();
    deep.fromScratch(1, 8000, '32f', [0.5]);
    expect(decodeWav(deep.toBuffer())).toEqual({ ok: false, problem: 'bit depth 32f, only 16 is read' });
  });

  it('rounds to the nearest and clips at full scale', () => {
    expect([...toInt16(Float64Array.of(0.4, 0.6, -1.6, 40_000, -40_000))]).toEqual([0, 1, -2, 32_767, -32_768]);
  });
});
