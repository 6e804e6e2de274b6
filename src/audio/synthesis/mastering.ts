/**
 * From a scene of any level to the clip's: an even level in every slice, no peak that stands out, the wanted mean.
 *
 * All levels are those of the telephone band, which is what is played; all gains move around the loop and are so slow
 * (leveller) or so rare (limiter) that they are not heard.
 */
import { AssertionFailed } from '../../base/assert.ts';
import { dbovToRms, levelDbov, loopSlice, peakDbov } from '../loudness.ts';
import { MASTER_RATE_HZ, toTelephoneBand } from '../telephone-band.ts';
import { samplesOf } from './filters.ts';

/** What a master must measure, in the telephone band. */
export type MasterTarget = { readonly levelDbov: number; readonly peakDbov: number };

/** The leveller's window, and the slice over which policy wants the level even. */
const LEVELLER_SECONDS = 3;
const LEVELLER_STEP_SECONDS = 0.25;
/** How much of a slice's deviation is taken back: an office breathes, and some of that must stay. */
const LEVELLER_STRENGTH = 0.7;
/** The limiter looks this far ahead and behind; its gain is smooth over twice that. */
const LIMITER_SECONDS = 0.012;
/** How often the limiter may be tried; four rounds are usual. */
const ROUNDS_MAX = 12;

/** The scene at the target's level and under its peak; samples are of 16-bit scale, not yet rounded. */
export function master(scene: Float64Array, target: MasterTarget): Float64Array {
  let sound = level(scene);
  let ceiling = dbovToRms(target.peakDbov);
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const band = toTelephoneBand(sound);
    const gainDb = target.levelDbov - levelDbov(band);
    sound = sound.map((sample) => sample * 10 ** (gainDb / 20));
    if (peakDbov(band) + gainDb <= target.peakDbov) return sound;
    // The band's filter overshoots the limiter's ceiling a little: lower it until the band keeps under the target.
    if (round > 0) ceiling *= 0.97;
    sound = limit(sound, ceiling);
  }
  throw new AssertionFailed(`peaks still over ${target.peakDbov} dBov after ${ROUNDS_MAX} rounds of limiting`);
}

/** Evens out the level of slices around the loop. */
function level(scene: Float64Array): Float64Array {
  const band = toTelephoneBand(scene);
  const mean = levelDbov(band);
  const step = samplesOf(LEVELLER_STEP_SECONDS);
  const sliceLength = samplesOf(LEVELLER_SECONDS) / 2;
  const gains: number[] = [];
  for (let centre = 0; centre < scene.length; centre += step) {
    const start = centre / 2 - sliceLength / 2 + band.length;
    const deviationDb = levelDbov(loopSlice(band, start, sliceLength)) - mean;
    gains.push(10 ** ((-LEVELLER_STRENGTH * deviationDb) / 20));
  }
  return scene.map((sample, i) => sample * between(gains, i / step));
}

/** The value between two neighbours of a ring of values, along a cosine, so that no corner is heard. */
function between(ring: readonly number[], position: number): number {
  const at = Math.floor(position);
  const share = 0.5 - 0.5 * Math.cos(Math.PI * (position - at));
  const [left, right] = [ring[at % ring.length] ?? 1, ring[(at + 1) % ring.length] ?? 1];
  return left + share * (right - left);
}

/** Lowers the gain around every sample above `ceiling`, in time before it comes, along a Hann window. */
function limit(loop: Float64Array, ceiling: number): Float64Array {
  const reach = Math.round(LIMITER_SECONDS * MASTER_RATE_HZ);
  const gains = new Float64Array(loop.length).fill(1);
  loop.forEach((sample, at) => {
    const wanted = ceiling / Math.abs(sample);
    if (wanted >= 1) return;
    for (let offset = -reach; offset <= reach; offset++) {
      const window = 0.5 + 0.5 * Math.cos((Math.PI * offset) / reach);
      const index = (at + offset + loop.length) % loop.length;
      gains[index] = Math.min(gains[index] ?? 1, 1 - (1 - wanted) * window);
    }
  });
  return loop.map((sample, i) => sample * (gains[i] ?? 1));
}
