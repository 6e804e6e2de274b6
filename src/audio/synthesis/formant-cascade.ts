/**
 * Klatt's digital resonators one behind the other: the formants of a vocal tract, gain 1 at 0 Hz (D. Klatt, "Software
 * for a cascade/parallel formant synthesizer", JASA 67(3), 1980, equations 1 and 2).
 */
import { cosine, exponential } from '../portable-math.ts';
import { MASTER_RATE_HZ } from '../telephone-band.ts';
import type { Filter } from './loop.ts';

/** A chain of resonators whose coefficients may move while they ring. */
export type FormantCascade = {
  readonly run: Filter;
  tune(index: number, frequencyHz: number, bandwidthHz: number): void;
};

/** `count` formants, each to be tuned before the first sample. */
export function formantCascade(count: number): FormantCascade {
  // Five numbers a formant in one array: half of a clip's making is spent in this loop.
  const state = new Float64Array(5 * count);
  const tune = (index: number, hz: number, widthHz: number) => {
    const radius = exponential((-Math.PI * widthHz) / MASTER_RATE_HZ);
    const c = -radius * radius;
    const b = 2 * radius * cosine((2 * Math.PI * hz) / MASTER_RATE_HZ);
    state[5 * index] = 1 - b - c;
    state[5 * index + 1] = b;
    state[5 * index + 2] = c;
  };
  const run = (sample: number) => {
    let signal = sample;
    for (let i = 0; i < state.length; i += 5) {
      const [before, earlier] = [state[i + 3] ?? 0, state[i + 4] ?? 0];
      signal = (state[i] ?? 0) * signal + (state[i + 1] ?? 0) * before + (state[i + 2] ?? 0) * earlier;
      state[i + 4] = before;
      state[i + 3] = signal;
    }
    return signal;
  };
  return { run, tune };
}
