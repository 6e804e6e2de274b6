import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { amplitudeOfDb, cosine, dbOfAmplitude, exponential, logarithm, sine } from './portable-math.ts';

describe('portable arithmetic', () => {
  const random = seededRandom(11);
  const draws = (low: number, high: number) => Array.from({ length: 2000 }, () => low + (high - low) * random());

  it('agrees with the engine’s own to fifteen digits', () => {
    for (const x of [0, 0.5, -0.5, Math.PI / 4, Math.PI, 1e5, ...draws(-10, 10), ...draws(-40_000, 40_000)]) {
      expect(Math.abs(sine(x) - Math.sin(x)), `sine(${x})`).toBeLessThan(1e-15 * (1 + Math.abs(x) / 1e3));
      expect(Math.abs(cosine(x) - Math.cos(x)), `cosine(${x})`).toBeLessThan(1e-15 * (1 + Math.abs(x) / 1e3));
    }
    for (const x of draws(-60, 60)) expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(2e-15);
    for (const x of [1e-9, 1, 32768, ...draws(1e-6, 50_000)]) {
      expect(Math.abs(logarithm(x) - Math.log(x)), `logarithm(${x})`).toBeLessThan(5e-15);
    }
  });

  it('knows nothing, one and the decibel', () => {
    expect([sine(0), cosine(0), exponential(0), exponential(-1000), logarithm(1)]).toEqual([0, 1, 1, 0, 0]);
    expect(amplitudeOfDb(20)).toBeCloseTo(10, 13);
    expect(dbOfAmplitude(0.5)).toBeCloseTo(-6.0206, 4);
  });

  it('has no bit that another machine may round otherwise', () => {
    // As double-precision bits, so that a fused multiplication or another library would be seen.
    const bits = (x: number) => Buffer.from(Float64Array.of(x).buffer).readBigUInt64LE().toString(16);
    expect([sine(1), cosine(1), sine(1234.5)].map(bits)).toEqual([
      '3feaed548f090cee',
      '3fe14a280fb5068c',
      '3fc29c531dfd031b',
    ]);
    expect([exponential(1), exponential(-3.7), logarithm(10)].map(bits)).toEqual([
      '4005bf0a8b14576a',
      '3f99511fc6871044',
      '40026bb1bbb55516',
    ]);
  });

  it('is what decides every sample: no file of the synthesis calls the engine’s', () => {
    const folder = new URL('./', import.meta.url);
    const files = readdirSync(new URL('synthesis/', folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => `synthesis/${name}`);
    const masters = [
      'limiter',
      'loop-seam',
      'loudness',
      'portable-math',
      'power-spectrum',
      'render-clip',
      'telephone-band',
    ];
    for (const name of [...files, ...masters.map((one) => `${one}.ts`), 'fit-encoding.ts']) {
      const code = readFileSync(new URL(name, folder), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      const found = code.match(
        /Math\.(?!round|floor|ceil|abs|min|max|imul|clz32|sqrt|PI|LN2|LN10|SQRT2|SQRT1_2)\w+|\*\*/g,
      );
      expect(found, name).toBeNull();
    }
  });
});
