import { describe, expect, it } from 'vitest';
import { resample } from './resample.ts';

/** Whole turns in half a second, so that it is a loop. */
function sine(hertz: number, rateHz: number): Float64Array {
  return Float64Array.from({ length: rateHz / 2 }, (_, i) => 10_000 * Math.sin((2 * Math.PI * hertz * i) / rateHz));
}

const rms = (samples: Float64Array) => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);

describe('resampling to 16 kHz', () => {
  it.each([8000, 22_050, 44_100, 48_000, 96_000, 192_000])(
    'from %i Hz keeps what is below 0.9 of half the rate',
    (rateHz) => {
      for (const hertz of [40, 1000, Math.floor(0.45 * Math.min(rateHz, 16_000) * 0.1) * 10]) {
        const source = sine(hertz, rateHz);
        const out = resample(source, rateHz, 16_000);
        const want = sine(hertz, 16_000);
        const error = out.map((sample, i) => sample - (want[i] ?? 0));
        expect(out).toHaveLength(8000);
        expect(20 * Math.log10(rms(want) / rms(error))).toBeGreaterThan(70);
      }
    },
  );

  it.each([
    [44_100, 8_010],
    [44_100, 12_000],
    [48_000, 15_000],
    [192_000, 50_000],
  ])('from %i Hz lets nothing of %i Hz fold back: 85 dB down', (rateHz, hertz) => {
    const out = resample(sine(hertz, rateHz), rateHz, 16_000);
    expect(20 * Math.log10(rms(out) / rms(sine(hertz, rateHz)))).toBeLessThan(-85);
  });

  it('leaves a sound of that rate as it is', () => {
    const sound = sine(1000, 16_000);
    expect(resample(sound, 16_000, 16_000)).toBe(sound);
  });
});
