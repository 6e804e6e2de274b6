/**
 * A loop encoded so that it is as loud as it should be, and no peak too high, when it is decoded: some coders lose a
 * decibel or more of what is not one voice, and few keep a peak as it was.
 */
import { AppError } from '../base/errors.ts';
import type { CodecName } from './codec.ts';
import { limitLoop } from './limiter.ts';
import { dbm0ToDbov, dbovToDbm0, dbovToRms, levelDbov, peakDbov } from './loudness.ts';
import { amplitudeOfDb } from './portable-math.ts';
import { TELEPHONE_RATE_HZ, toTelephoneBand } from './telephone-band.ts';
import { toInt16 } from './wav.ts';

/** A codec, for whole loops of samples at its own rate: 8 or 16 kHz. */
export type LoopCodec = {
  readonly name: CodecName;
  readonly sampleRateHz: number;
  encode(loop: Int16Array): Uint8Array;
  decode(octets: Uint8Array): Int16Array;
};

/** What a loop must be once it is decoded. */
export type EncodingTarget = {
  readonly levelDbm0: number;
  /** How far over its level no sample may be: of all that is decoded, and of what a telephone's band keeps of it. */
  readonly crestDb: number;
  /** What is wrong with the loop in the telephone band besides, a sentence each. */
  readonly faults?: (band: Int16Array) => readonly string[];
};

/** How a loop had to be prepared for a coder, both relative to the level wanted; of use for the next level. */
export type EncodingFit = { readonly gainDb: number; readonly crestDb: number };

export type FittedEncoding = { readonly octets: Uint8Array; readonly decoded: Int16Array; readonly fit: EncodingFit };

const ROUNDS_MAX = 32;
const LEVEL_ERROR_DB_MAX = 0.05;
/** How much further than the excess the ceiling is lowered, since a coder need not follow it. */
const CEILING_MARGIN_DB = 0.3;
/**
 * What is tried after a loop with faults, one after the other: what a coder makes of a sound that is near a limit is a
 * matter of its rounding, which a gain within the level's tolerance changes.
 */
const NUDGES_DB = [0.03, -0.03, 0.02, -0.02, 0.04, -0.04, 0.01, -0.01] as const;

/** Encodes `loop` within 0.05 dB of the target's level. `from` is the fit with which the search begins. */
export function fitEncoding(
  loop: Int16Array,
  codec: LoopCodec,
  target: EncodingTarget,
  from: EncodingFit = { gainDb: 0, crestDb: target.crestDb },
): FittedEncoding {
  const { levelDbm0, crestDb } = target;
  const plainGainDb = dbm0ToDbov(levelDbm0, codec.name) - levelDbov(loop);
  const nudgesDb = [...NUDGES_DB];
  let [fit, faults]: [EncodingFit, readonly string[]] = [from, ['level and peaks not met']];
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const gain = amplitudeOfDb(plainGainDb + fit.gainDb);
    const louder = Float64Array.from(loop, (sample) => sample * gain);
    const ceiling = dbovToRms(dbm0ToDbov(levelDbm0 + fit.crestDb, codec.name));
    const octets = codec.encode(toInt16(limitLoop(louder, ceiling, codec.sampleRateHz)));
    const decoded = codec.decode(octets);
    const band = codec.sampleRateHz === TELEPHONE_RATE_HZ ? decoded : toInt16(toTelephoneBand(decoded));
    const errorDb = levelDbm0 - dbovToDbm0(levelDbov(decoded), codec.name);
    const wholeCrestDb = dbovToDbm0(peakDbov(decoded), codec.name) - levelDbm0;
    const excessDb = Math.max(wholeCrestDb, peakDbov(band) - levelDbov(band)) - crestDb;
    const met = Math.abs(errorDb) <= LEVEL_ERROR_DB_MAX && excessDb <= 0;
    if (met) faults = target.faults?.(band) ?? [];
    if (met && faults.length === 0) return { octets, decoded, fit };
    const nudgeDb = met ? nudgesDb.shift() : 0;
    if (nudgeDb === undefined) break;
    const lower = excessDb > 0 ? excessDb + CEILING_MARGIN_DB : 0;
    fit = { gainDb: fit.gainDb + errorDb + nudgeDb, crestDb: fit.crestDb - lower };
  }
  throw new AppError('ambience.not-accepted', `${codec.name} at ${levelDbm0} dBm0: ${faults.join('; ')}`);
}
