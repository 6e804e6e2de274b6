import { cosine, exponential } from '../portable-math.ts';
import { MASTER_RATE_HZ } from '../telephone-band.ts';
import type { Filter } from './loop.ts';

/** A filter with one peak, whose coefficients may move while it rings. */
export type Resonator = { readonly run: Filter; tune(frequencyHz: number, bandwidthHz: number): void };

/**
 * Klatt's digital resonator: one formant, gain 1 at 0 Hz (D. Klatt, "Software for a cascade/parallel formant synthesizer", JASA 67(3), 1980,
 * equations 1 and 2).
 */
export function resonator(frequencyHz: number, bandwidthHz: number): Resonator {
  let [a, b, c, y1, y2] = [0, 0, 0, 0, 0];
  const tune = (hz: number, widthHz: number) => {
    const radius = exponential((-Math.PI * widthHz) / MASTER_RATE_HZ);
    c = -radius * radius;
    b = 2 * radius * cosine((2 * Math.PI * hz) / MASTER_RATE_HZ);
    a = 1 - b - c;
  };
  tune(frequencyHz, bandwidthHz);
  const run = (sample: number) => {
    const y = a * sample + b * y1 + c * y2;
    y2 = y1;
    y1 = y;
    return y;
  };
  return { run, tune };
}

/** A band around `frequencyHz` with gain 1 at its middle: a resonator between two zeros, at 0 Hz and at half the rate. */
export function bandPass(frequencyHz: number, bandwidthHz: number): Resonator {
  let [gain, b, c, x1, x2, y1, y2] = [0, 0, 0, 0, 0, 0, 0];
  const tune = (hz: number, widthHz: number) => {
    const radius = exponential((-Math.PI * widthHz) / MASTER_RATE_HZ);
    c = -radius * radius;
    b = 2 * radius * cosine((2 * Math.PI * hz) / MASTER_RATE_HZ);
    gain = (1 + c) / 2;
  };
  tune(frequencyHz, bandwidthHz);
  const run = (sample: number) => {
    const y = gain * (sample - x2) + b * y1 + c * y2;
    x2 = x1;
    x1 = sample;
    y2 = y1;
    y1 = y;
    return y;
  };
  return { run, tune };
}

/** A first-order low-pass, gain 1 at 0 Hz. */
export function lowPass(cutOffHz: number): Filter {
  const keep = exponential((-2 * Math.PI * cutOffHz) / MASTER_RATE_HZ);
  let y = 0;
  return (sample) => {
    y = (1 - keep) * sample + keep * y;
    return y;
  };
}

/** A first-order high-pass: what the low-pass of the same cut-off leaves. */
export function highPass(cutOffHz: number): Filter {
  const low = lowPass(cutOffHz);
  return (sample) => sample - low(sample);
}

/** Filters one after the other. */
export function chain(...filters: readonly Filter[]): Filter {
  return (sample) => filters.reduce((signal, filter) => filter(signal), sample);
}

/** How many samples a time is at the master's rate, to the nearest. */
export function samplesOf(seconds: number): number {
  return Math.round(seconds * MASTER_RATE_HZ);
}
