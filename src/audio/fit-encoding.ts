/**
 * A loop encoded so that it is as loud as it should be, and no peak too high, when it is decoded: some coders lose a
 * decibel or more of what is not one voice, and few keep a peak as it was.
 */
import { AssertionFailed } from '../base/assert.ts';
import type { CodecName } from './codec.ts';
import { limitLoop } from './limiter.ts';
import { dbm0ToDbov, dbovToDbm0, dbovToRms, levelDbov, peakDbov } from './loudness.ts';
import { amplitudeOfDb } from './portable-math.ts';
import { toInt16 } from './wav.ts';

/** A codec, for whole loops of samples at its own rate. */
export type LoopCodec = {
  readonly name: CodecName;
  readonly sampleRateHz: number;
  encode(loop: Int16Array): Uint8Array;
  decode(octets: Uint8Array): Int16Array;
};

/** How a loop had to be prepared for a coder, both relative to the level wanted; of use for the next level. */
export type EncodingFit = { readonly gainDb: number; readonly crestDb: number };

export type FittedEncoding = { readonly octets: Uint8Array; readonly decoded: Int16Array; readonly fit: EncodingFit };

const ROUNDS_MAX = 24;
const LEVEL_ERROR_DB_MAX = 0.05;
/** How much further than the excess the ceiling is lowered, since a coder need not follow it. */
const CEILING_MARGIN_DB = 0.3;

/**
 * Encodes `loop` at `levelDbm0` within 0.05 dB, no sample `crestDb` or more above it, both of what is decoded. `from` is
 * the fit with which the search begins.
 */
export function fitEncoding(
  loop: Int16Array,
  codec: LoopCodec,
  levelDbm0: number,
  crestDb: number,
  from: EncodingFit = { gainDb: 0, crestDb },
): FittedEncoding {
  const plainGainDb = dbm0ToDbov(levelDbm0, codec.name) - levelDbov(loop);
  let fit = from;
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const gain = amplitudeOfDb(plainGainDb + fit.gainDb);
    const louder = Float64Array.from(loop, (sample) => sample * gain);
    const ceiling = dbovToRms(dbm0ToDbov(levelDbm0 + fit.crestDb, codec.name));
    const octets = codec.encode(toInt16(limitLoop(louder, ceiling, codec.sampleRateHz)));
    const decoded = codec.decode(octets);
    const errorDb = levelDbm0 - dbovToDbm0(levelDbov(decoded), codec.name);
    const excessDb = dbovToDbm0(peakDbov(decoded), codec.name) - (levelDbm0 + crestDb);
    if (Math.abs(errorDb) <= LEVEL_ERROR_DB_MAX && excessDb <= 0) return { octets, decoded, fit };
    const lower = excessDb > 0 ? excessDb + CEILING_MARGIN_DB : 0;
    fit = { gainDb: fit.gainDb + errorDb, crestDb: fit.crestDb - lower };
  }
  throw new AssertionFailed(`${codec.name} at ${levelDbm0} dBm0: level and peaks not met in ${ROUNDS_MAX} rounds`);
}
