import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { measureTone } from './tone-detector.ts';

const tone = (hz: number, amplitude: number) =>
  Float64Array.from({ length: 800 }, (_, i) => amplitude * Math.sin((2 * Math.PI * hz * i) / 8000));

describe('the tone detector', () => {
  it.each([425, 440, 941, 1100, 2100, 3400])('finds %i Hz with its level and all of its power', (hz) => {
    const measured = measureTone(tone(hz, 1000), hz, 8000);
    expect(measured.rms).toBeCloseTo(707.1, 0);
    expect(measured.powerShare).toBeCloseTo(1, 2);
  });

  it('does not take a neighbour 40 Hz away for the tone', () => {
    expect(measureTone(tone(465, 1000), 425, 8000).powerShare).toBeLessThan(0.001);
  });

  it('finds next to nothing in noise, and nothing in silence', () => {
    const random = seededRandom(1);
    const noise = Float64Array.from({ length: 8000 }, () => random() - 0.5);
    expect(measureTone(noise, 1000, 8000).powerShare).toBeLessThan(0.01);
    expect(measureTone(new Float64Array(800), 1000, 8000)).toEqual({ rms: 0, powerShare: 0 });
  });
});
