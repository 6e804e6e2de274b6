import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { powerSpectrum } from './power-spectrum.ts';

describe('the power spectrum', () => {
  it('has a tone’s power around the tone, and nowhere else', () => {
    const tone = Float64Array.from({ length: 1024 }, (_, i) => 100 * Math.sin((2 * Math.PI * 64.3 * i) / 1024));
    const spectrum = powerSpectrum(tone);
    const around = spectrum.subarray(62, 68).reduce((sum, power) => sum + power, 0);
    expect(around / 5000).toBeCloseTo(1, 2);
    expect(Math.max(...spectrum.subarray(0, 50), ...spectrum.subarray(80))).toBeLessThan(0.1);
  });

  it('has all of noise’s power', () => {
    const random = seededRandom(3);
    const noise = Float64Array.from({ length: 4096 }, () => 2 * random() - 1);
    expect(powerSpectrum(noise).reduce((sum, power) => sum + power, 0)).toBeCloseTo(1 / 3, 1);
  });
});
