/**
 * Whether one hears where a loop begins again: a step in the waveform, in the level or in the spectrum, larger than the
 * loop itself has elsewhere.
 */
import { dbovToRms, levelDbov, loopSlice } from './loudness.ts';
import { dbOfAmplitude } from './portable-math.ts';
import { powerSpectrum } from './power-spectrum.ts';
import { TELEPHONE_RATE_HZ } from './telephone-band.ts';

/** How much a sound changes at one place. */
export type Change = {
  /** The largest step from one sample to the next within 2 ms, over the root mean square of the second around it. */
  readonly click: number;
  /** Decibels from the 20 ms before to the 20 ms after. */
  readonly jumpDb: number;
  /** Decibels from the half second before to the half second after: the level's, or an octave's. */
  readonly driftDb: number;
};

/** The octaves of the telephone band, by their limits. */
const OCTAVES_HZ = [
  [300, 600],
  [600, 1200],
  [1200, 2400],
  [2400, 3400],
] as const;
const CLICK_SAMPLES = 16;
const JUMP_SAMPLES = 160;
/** Half a second, as near as a power of two comes. */
const DRIFT_SAMPLES = 4096;
/** Places half a second apart are as many samples of what is common in a loop. */
const PLACES_SAMPLES = TELEPHONE_RATE_HZ / 2;
/** What one place in twenty exceeds is still common. */
const COMMON = 0.95;

/** How much a loop of samples at 8 kHz changes at sample `at`. */
export function changeAt(loop: Int16Array | Float64Array, at: number): Change {
  const around = (length: number) =>
    [loopSlice(loop, at + loop.length - length, length), loopSlice(loop, at + loop.length, length)] as const;
  const [softly, loudly] = around(JUMP_SAMPLES);
  const [before, after] = around(DRIFT_SAMPLES);
  const [last, first] = around(CLICK_SAMPLES);
  const octavesBefore = octavesDb(before);
  const octaves = octavesDb(after).map((db, i) => Math.abs(db - (octavesBefore[i] ?? 0)));
  const whole = dbovToRms(Math.max(levelDbov(before), levelDbov(after)));
  return {
    click: largestStep([...last, ...first]) / whole,
    jumpDb: Math.abs(levelDbov(loudly) - levelDbov(softly)),
    driftDb: Math.max(Math.abs(levelDbov(after) - levelDbov(before)), ...octaves),
  };
}

/**
 * The place, a multiple of half a second, at which a loop changes least, of those with no more of a click than half of
 * them: where it had best begin, since a coder that remembers is never quite the same after the last frame as before the
 * first.
 */
export function calmestPlace(loop: Int16Array | Float64Array): number {
  const places = Array.from({ length: Math.floor(loop.length / PLACES_SAMPLES) }, (_, i) => i * PLACES_SAMPLES);
  const changes = places.map((at) => ({ at, ...changeAt(loop, at) })).sort((a, b) => a.click - b.click);
  const smooth = changes.slice(0, Math.ceil(changes.length / 2));
  return smooth.sort((a, b) => a.jumpDb + a.driftDb - (b.jumpDb + b.driftDb))[0]?.at ?? 0;
}

/** What is odd about a loop's seam, in words; nothing when one place in twenty changes as much. */
export function seamProblems(loop: Int16Array | Float64Array): string[] {
  const places = Array.from({ length: Math.floor(loop.length / PLACES_SAMPLES) - 1 }, (_, i) =>
    changeAt(loop, (i + 1) * PLACES_SAMPLES),
  );
  const seam = changeAt(loop, 0);
  return (['click', 'jumpDb', 'driftDb'] as const).flatMap((what) => {
    const common = places.map((change) => change[what]).sort((a, b) => a - b);
    const limit = common[Math.floor(COMMON * common.length)] ?? 0;
    return seam[what] <= limit ? [] : [`${what} ${seam[what].toFixed(2)} at the seam, elsewhere ${limit.toFixed(2)}`];
  });
}

function octavesDb(samples: Float64Array): number[] {
  const spectrum = powerSpectrum(samples);
  const bandHz = TELEPHONE_RATE_HZ / samples.length;
  return OCTAVES_HZ.map(([from, to]) => {
    const power = spectrum.subarray(Math.ceil(from / bandHz), Math.floor(to / bandHz)).reduce((sum, p) => sum + p, 0);
    return dbOfAmplitude(Math.sqrt(power + 1e-9));
  });
}

function largestStep(samples: readonly number[]): number {
  return samples.reduce((most, sample, i) => Math.max(most, i === 0 ? 0 : Math.abs(sample - (samples[i - 1] ?? 0))), 0);
}
