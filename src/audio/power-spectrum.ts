import { assert } from '../base/assert.ts';
import { cosine, sine } from './portable-math.ts';

/**
 * The power in each of n/2 bands of rate/n Hz, the first around 0 Hz, of n samples (a power of two) under a Hann window;
 * their sum is about the samples' mean square. The fast Fourier transform of Cooley and Tukey, in place.
 */
export function powerSpectrum(samples: Float64Array): Float64Array {
  const length = samples.length;
  const bits = 31 - Math.clz32(length);
  assert(length === 1 << bits, `${length} samples are not a power of two`);
  const { turns, window } = tablesFor(length);
  const [real, imaginary] = [new Float64Array(length), new Float64Array(length)];
  for (let i = 0; i < length; i++) real[reversed(i, bits)] = (samples[i] ?? 0) * (window[i] ?? 0);
  for (let half = 1; half < length; half *= 2) butterflies(real, imaginary, half, turns);
  return Float64Array.from({ length: length / 2 }, (_, k) => {
    const [re, im] = [real[k] ?? 0, imaginary[k] ?? 0];
    // The Hann window keeps 3/8 of the power; each band but the first stands for its mirror too.
    return ((re * re + im * im) * (k === 0 ? 1 : 2)) / (0.375 * length * length);
  });
}

type Tables = { readonly turns: Float64Array; readonly window: Float64Array };

const TABLES = new Map<number, Tables>();

function tablesFor(length: number): Tables {
  const known = TABLES.get(length);
  if (known !== undefined) return known;
  const turns = new Float64Array(length);
  for (let i = 0; i < length / 2; i++) {
    turns[2 * i] = cosine((2 * Math.PI * i) / length);
    turns[2 * i + 1] = -sine((2 * Math.PI * i) / length);
  }
  const window = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * cosine((2 * Math.PI * (i + 0.5)) / length));
  const tables = { turns, window };
  TABLES.set(length, tables);
  return tables;
}

/** All of one stage: sums and differences of values `half` apart, the second turned first. */
function butterflies(real: Float64Array, imaginary: Float64Array, half: number, turns: Float64Array): void {
  const stride = real.length / (2 * half);
  for (let start = 0; start < real.length; start += 2 * half) {
    for (let k = 0; k < half; k++) {
      const [c, s] = [turns[2 * k * stride] ?? 0, turns[2 * k * stride + 1] ?? 0];
      const [a, b] = [start + k, start + k + half];
      const [re, im] = [real[b] ?? 0, imaginary[b] ?? 0];
      const [turnedRe, turnedIm] = [re * c - im * s, re * s + im * c];
      const [wholeRe, wholeIm] = [real[a] ?? 0, imaginary[a] ?? 0];
      real[b] = wholeRe - turnedRe;
      imaginary[b] = wholeIm - turnedIm;
      real[a] = wholeRe + turnedRe;
      imaginary[a] = wholeIm + turnedIm;
    }
  }
}

function reversed(index: number, bits: number): number {
  let [rest, mirrored] = [index, 0];
  for (let bit = 0; bit < bits; bit++) {
    mirrored = (mirrored << 1) | (rest & 1);
    rest >>= 1;
  }
  return mirrored;
}
