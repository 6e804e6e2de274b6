import type { CodecName } from './codec.ts';
import { CODECS } from './codec.ts';
import { amplitudeOfDb, dbOfAmplitude } from './portable-math.ts';

/**
 * How loud samples are.
 *
 * **dBov** is RFC 6465's (and 6464 §3's): the root mean square relative to the overload point, which a square wave of
 * full scale reaches. A full-scale sine wave is therefore −3.01 dBov. Samples are 16 bits, so overload is 32768.
 *
 * **dBm0** is G.711's: a full-scale sine wave is +3.14 dBm0 in A-law and +3.17 dBm0 in µ-law (Tables 5 and 6). Hence
 * dBm0 = dBov + 3.01 + 3.14 = dBov + 6.15 in A-law, and + 6.18 in µ-law, the figure RFC 6464 §3 gives. The reference
 * sequences of those tables, decoded, measure 0.0 dBm0 by this file.
 */
const OVERLOAD = 32768;

/** The crest of a sine wave: what a full-scale sine lacks to a full-scale square. */
const SINE_CREST_DB = dbOfAmplitude(Math.SQRT2);

/** What silence measures: RFC 6464's lowest level. */
export const SILENCE_DBOV = -127;

/** The level of all samples (integers or not, full scale 32768), at least `SILENCE_DBOV`. */
export function levelDbov(samples: Int16Array | Float64Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? SILENCE_DBOV : toDbov(Math.sqrt(sum / samples.length));
}

/** The largest sample's magnitude in dBov: what a square wave of that height would measure. */
export function peakDbov(samples: Int16Array | Float64Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return toDbov(peak);
}

/** The level in dBm0 of a level in dBov, in this codec's scale. */
export function dbovToDbm0(dbov: number, codec: CodecName): number {
  return dbov + SINE_CREST_DB + CODECS[codec].overloadDbm0;
}

/** The level in dBov of a level in dBm0, in this codec's scale. */
export function dbm0ToDbov(dbm0: number, codec: CodecName): number {
  return dbm0 - SINE_CREST_DB - CODECS[codec].overloadDbm0;
}

/** The root mean square, in samples of 16 bits, of a level in dBov. */
export function dbovToRms(dbov: number): number {
  return OVERLOAD * amplitudeOfDb(dbov);
}

/**
 * The level in dBov of every slice of `sliceLength` samples of a loop, one slice beginning every `step` samples; the
 * last ones run over the loop's end into its beginning, since a call may begin anywhere.
 */
export function sliceLevelsDbov(loop: Int16Array | Float64Array, sliceLength: number, step: number): number[] {
  // The energy up to each sample: a slice's is then a difference, however many slices overlap.
  const energyUntil = new Float64Array(loop.length + sliceLength + 1);
  for (let i = 0; i + 1 < energyUntil.length; i++) {
    const sample = loop[i % loop.length] ?? 0;
    energyUntil[i + 1] = (energyUntil[i] ?? 0) + sample * sample;
  }
  const levels: number[] = [];
  for (let start = 0; start < loop.length; start += step) {
    const energy = (energyUntil[start + sliceLength] ?? 0) - (energyUntil[start] ?? 0);
    levels.push(toDbov(Math.sqrt(Math.max(0, energy) / sliceLength)));
  }
  return levels;
}

/** `length` samples of a loop from `start` on, running over its end into its beginning. */
export function loopSlice(loop: Int16Array | Float64Array, start: number, length: number): Float64Array {
  const slice = new Float64Array(length);
  for (let done = 0; done < length; ) {
    const from = (start + done) % loop.length;
    const run = loop.subarray(from, from + length - done);
    slice.set(run, done);
    done += run.length;
  }
  return slice;
}

function toDbov(amplitude: number): number {
  return amplitude === 0 ? SILENCE_DBOV : Math.max(SILENCE_DBOV, dbOfAmplitude(amplitude / OVERLOAD));
}
