/**
 * From a scene of any level to the clip's: an even level in every slice, no peak that stands out, the wanted mean.
 *
 * All levels are those of the telephone band, which is what is played; all gains move around the loop and are so slow
 * (leveller) or so rare (limiter) that they are not heard.
 */
import { AssertionFailed } from '../../base/assert.ts';
import { limitLoop } from '../limiter.ts';
import { dbovToRms, levelDbov, peakDbov, sliceLevelsDbov } from '../loudness.ts';
import { amplitudeOfDb, cosine } from '../portable-math.ts';
import { MASTER_RATE_HZ, toTelephoneBand } from '../telephone-band.ts';
import { samplesOf } from './filters.ts';
import { amplify } from './loop.ts';

/** What a master must measure, in the telephone band. */
export type MasterTarget = { readonly levelDbov: number; readonly peakDbov: number };

/** The leveller's window, and the slice over which policy wants the level even. */
const LEVELLER_SECONDS = 3;
const LEVELLER_STEP_SECONDS = 0.25;
/** How much of a slice's deviation is taken back: an office breathes, and some of that must stay. */
const LEVELLER_STRENGTH = 0.7;
/** How often the limiter may be tried; four rounds are usual. */
const ROUNDS_MAX = 12;

/** The scene at the target's level and under its peak; samples are of 16-bit scale, not yet rounded. */
export function master(scene: Float64Array, target: MasterTarget): Float64Array {
  let sound = level(scene);
  let ceiling = dbovToRms(target.peakDbov);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const band = toTelephoneBand(sound);
    const gainDb = target.levelDbov - levelDbov(band);
    amplify(sound, amplitudeOfDb(gainDb));
    if (peakDbov(band) + gainDb <= target.peakDbov) return sound;
    // The band's filter overshoots the limiter's ceiling a little: lower it until the band keeps under the target.
    if (round > 0) ceiling *= 0.97;
    sound = limitLoop(sound, ceiling, MASTER_RATE_HZ);
  }
  throw new AssertionFailed(`peaks still over ${target.peakDbov} dBov after ${ROUNDS_MAX} rounds of limiting`);
}

/** Evens out the level of slices around the loop. */
function level(scene: Float64Array): Float64Array {
  const band = toTelephoneBand(scene);
  const mean = levelDbov(band);
  const step = samplesOf(LEVELLER_STEP_SECONDS);
  const sliceLength = samplesOf(LEVELLER_SECONDS) / 2;
  // A gain belongs to the middle of its slice: the slices begin half a slice before the loop does.
  const half = sliceLength / 2 / (step / 2);
  const levels = sliceLevelsDbov(band, sliceLength, step / 2);
  const gains = levels.map((_, i) => {
    const deviationDb = (levels[(i - half + levels.length) % levels.length] ?? mean) - mean;
    return amplitudeOfDb(-LEVELLER_STRENGTH * deviationDb);
  });
  return alongCosines(gains, step, scene);
}

/** A sound times a ring of gains, `step` samples apart, with a cosine from each to the next, so that no corner is heard. */
function alongCosines(gains: readonly number[], step: number, sound: Float64Array): Float64Array {
  const shares = Float64Array.from({ length: step }, (_, i) => 0.5 - 0.5 * cosine((Math.PI * i) / step));
  const output = new Float64Array(sound.length);
  for (let i = 0; i < sound.length; i++) {
    const [at, within] = [Math.floor(i / step), i % step];
    const [left, right] = [gains[at] ?? 1, gains[(at + 1) % gains.length] ?? 1];
    output[i] = (sound[i] ?? 0) * (left + (shares[within] ?? 0) * (right - left));
  }
  return output;
}
