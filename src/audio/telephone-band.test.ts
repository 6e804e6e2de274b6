import { describe, expect, it } from 'vitest';
import { levelDbov } from './loudness.ts';
import { toTelephoneBand } from './telephone-band.ts';

/** A second of a whole number of periods is a seamless loop. */
const gainDb = (hz: number) => {
  const loop = Float64Array.from({ length: 16_000 }, (_, i) => 10_000 * Math.sin((2 * Math.PI * hz * i) / 16_000));
  return levelDbov(toTelephoneBand(loop)) - levelDbov(loop);
};

describe('the telephone band', () => {
  it.each([300, 500, 1000, 2000, 3000, 3400])('passes %i Hz within 0.1 dB', (hz) => {
    expect(Math.abs(gainDb(hz))).toBeLessThan(0.1);
  });

  it.each([50, 100, 3700, 4500, 6000, 7900])('stops %i Hz by 55 dB', (hz) => {
    expect(gainDb(hz)).toBeLessThan(-55);
  });

  it('keeps a loop a loop: turning it before or after makes no difference', () => {
    const loop = Float64Array.from({ length: 2000 }, (_, i) => ((i * 7919) % 1000) - 500);
    const turn = (samples: Float64Array, by: number) => samples.map((_, i) => samples[(i + by) % samples.length] ?? 0);
    const [first, second] = [turn(toTelephoneBand(loop), 300), toTelephoneBand(turn(loop, 600))];
    const differences = first.map((sample, i) => Math.abs(sample - (second[i] ?? 0)));
    expect(Math.max(...differences)).toBeLessThan(1e-9);
  });
});
