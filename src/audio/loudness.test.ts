import { describe, expect, it } from 'vitest';
import { dbm0ToDbov, dbovToDbm0, dbovToRms, levelDbov, loopSlice, peakDbov, sliceLevelsDbov } from './loudness.ts';

const sine = (amplitude: number, length = 8000) =>
  Float64Array.from({ length }, (_, i) => amplitude * Math.sin((2 * Math.PI * 1000 * i) / 8000));

describe('the level in dBov (RFC 6464 §3)', () => {
  it('is 0 for a square wave of full scale and −3.01 for a sine', () => {
    expect(levelDbov(Float64Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? 32_768 : -32_768)))).toBeCloseTo(0, 6);
    expect(levelDbov(sine(32_768))).toBeCloseTo(-3.0103, 4);
  });

  it('is −127 for silence and for nothing at all', () => {
    expect(levelDbov(new Int16Array(160))).toBe(-127);
    expect(levelDbov(new Int16Array(0))).toBe(-127);
  });

  it('is 6.18 dB under dBm0 in µ-law, as the RFC says, and 6.15 dB in A-law', () => {
    expect(dbovToDbm0(0, 'PCMU')).toBeCloseTo(6.18, 2);
    expect(dbovToDbm0(0, 'PCMA')).toBeCloseTo(6.15, 2);
    expect(dbm0ToDbov(dbovToDbm0(-30, 'PCMA'), 'PCMA')).toBeCloseTo(-30, 9);
    expect(dbovToRms(-20)).toBeCloseTo(3276.8, 6);
  });
});

describe('peaks and slices', () => {
  it('finds the largest magnitude, negative or not', () => {
    expect(peakDbov(Int16Array.of(100, -16_384, 5))).toBeCloseTo(-6.02, 2);
  });

  it('measures slices that run over the end of the loop', () => {
    const loop = Float64Array.of(1000, 1000, 1000, 0, 0, 0, 0, 1000);
    expect(sliceLevelsDbov(loop, 4, 4).map((dbov) => Math.round(dbov * 10) / 10)).toEqual([-31.6, -36.3]);
    expect([...loopSlice(loop, 7, 3)]).toEqual([1000, 1000, 1000]);
  });
});
