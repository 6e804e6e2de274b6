/**
 * How much of a signal is one frequency: the Goertzel recurrence, under a Hann window so that a neighbour some bins away
 * does not leak in.
 *
 * The resolution is about 2 / duration: 100 ms of samples tell tones 20 Hz apart.
 */
export type ToneMeasure = {
  /** The tone's root mean square, in the samples' own unit. */
  readonly rms: number;
  /** The tone's share of the signal's power: 1 for the pure tone, near 0 for noise. */
  readonly powerShare: number;
};

/** Measures `frequencyHz` (below half the sample rate) in all of `samples`. */
export function measureTone(
  samples: Int16Array | Float64Array,
  frequencyHz: number,
  sampleRateHz: number,
): ToneMeasure {
  const radians = (2 * Math.PI * frequencyHz) / sampleRateHz;
  const coefficient = 2 * Math.cos(radians);
  const length = samples.length;
  let [s1, s2, power, windowSum] = [0, 0, 0, 0];
  for (let i = 0; i < length; i++) {
    const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / length);
    const sample = (samples[i] ?? 0) * window;
    power += sample * sample;
    windowSum += window;
    [s1, s2] = [sample + coefficient * s1 - s2, s1];
  }
  if (power === 0) return { rms: 0, powerShare: 0 };
  const amplitude = (2 * Math.sqrt(Math.max(0, s1 * s1 + s2 * s2 - coefficient * s1 * s2))) / windowSum;
  // The Hann window keeps 3/8 of the power; a sine's windowed power is that share of its own.
  return { rms: amplitude / Math.SQRT2, powerShare: Math.min(1, (amplitude * amplitude * length * 3) / (16 * power)) };
}
