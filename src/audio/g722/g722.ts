/**
 * ITU-T G.722 (09/2012) at 64 kbit/s, mode 1: 16 kHz sound in two bands of 8 kHz each, coded by the difference from what an
 * adaptive predictor expects.
 *
 *       7   6   5   4   3   2   1   0      One octet is two samples. RTP sends the octets as they are, 160 in 20 ms
 *     +---+---+---+---+---+---+---+---+    (RFC 3551 §4.5.2).
 *     |  IH   |          IL           |
 *     +---+---+---+---+---+---+---+---+
 *
 * Samples have 16 bits, of which G.722's converters keep 14; its full scale is G.711's, as every gateway takes it.
 */
import { assert } from '../../base/assert.ts';
import { AdaptiveBand, type BandKind, saturate } from './adaptive-band.ts';
import { BandJoiner, BandSplitter } from './quadrature-mirror.ts';
import { HIGH_SCALE_STEP, ILN, ILP, LOW_SCALE_STEP, Q2, Q6, QM2, QM4, QM6 } from './quantizer-tables.ts';

const LOW: BandKind = { scaleStep: LOW_SCALE_STEP, scaleLogMax: 18432, scaleShift: 8, scaleAtReset: 32 };
const HIGH: BandKind = { scaleStep: HIGH_SCALE_STEP, scaleLogMax: 22528, scaleShift: 10, scaleAtReset: 8 };

/** What a band is limited to before the receive QMF (LIMIT of §6.2.1.6, §6.2.2.5). */
const BAND_MAX = 16383;

/** An encoder: an even number of samples at 16 kHz to half as many octets. It goes on where it stopped. */
export function createG722Encoder(): (samples: Int16Array) => Uint8Array {
  const splitter = new BandSplitter();
  const low = new AdaptiveBand(LOW);
  const high = new AdaptiveBand(HIGH);
  return (samples) => {
    assert(samples.length % 2 === 0, `G.722 takes samples in pairs, got ${samples.length}`);
    const octets = new Uint8Array(samples.length / 2);
    for (let i = 0; i < octets.length; i++) {
      splitter.split(samples[2 * i] as number, samples[2 * i + 1] as number);
      octets[i] = (encodeHigh(high, splitter.high) << 6) | encodeLow(low, splitter.low);
    }
    return octets;
  };
}

/** A decoder: octets to twice as many samples at 16 kHz, 22 samples after the encoder took them. It goes on likewise. */
export function createG722Decoder(): (octets: Uint8Array) => Int16Array {
  const joiner = new BandJoiner();
  const low = new AdaptiveBand(LOW);
  const high = new AdaptiveBand(HIGH);
  return (octets) => {
    const samples = new Int16Array(octets.length * 2);
    for (let i = 0; i < octets.length; i++) {
      const octet = octets[i] as number;
      joiner.join(decodeLow(low, octet & 63), decodeHigh(high, octet >> 6));
      samples[2 * i] = joiner.first;
      samples[2 * i + 1] = joiner.second;
    }
    return samples;
  };
}

/**
 * A decoder of the lower band alone, 0 to 4 kHz, for who listens and plays nothing: an octet to one sample at 8 kHz, of
 * 16-bit scale. It makes no objects.
 */
export function createG722LowBand(): (octet: number) => number {
  const low = new AdaptiveBand(LOW);
  // The splitting filters halve what they split.
  return (octet) => 2 * decodeLow(low, octet & 63);
}

/** What a coder hears of a loop's end before it begins: its adaptation forgets with a time constant of 32 ms. */
const RUN_UP_OCTETS = 8000;

/**
 * A loop of samples at 16 kHz, an even number of them, as octets that go round: the encoder comes to the beginning with
 * the state that it has at the end.
 */
export function encodeG722Loop(samples: Int16Array): Uint8Array {
  const encode = createG722Encoder();
  encode(samples.subarray(-2 * RUN_UP_OCTETS));
  return encode(samples);
}

/** The sound of octets that go round, at 16 kHz. */
export function decodeG722Loop(octets: Uint8Array): Int16Array {
  const decode = createG722Decoder();
  decode(octets.subarray(-RUN_UP_OCTETS));
  return decode(octets);
}

/** QUANTL: SUBTRA, then the number of the magnitude among the decision levels; six bits. */
function encodeLow(band: AdaptiveBand, sample: number): number {
  const difference = saturate(sample - band.predicted);
  const magnitude = difference >= 0 ? difference : ~difference;
  let level = 1;
  while (level < Q6.length && magnitude >= ((Q6[level] as number) * band.scale) >> 12) level++;
  const bits = (difference >= 0 ? ILP[level] : ILN[level]) as number;
  band.adapt(bits >> 2, (band.scale * (QM4[bits >> 2] as number)) >> 15);
  return bits;
}

/** QUANTH; two bits: 0 and 1 negative, 2 and 3 positive, 0 and 2 the outer level. */
function encodeHigh(band: AdaptiveBand, sample: number): number {
  const difference = saturate(sample - band.predicted);
  const magnitude = difference >= 0 ? difference : ~difference;
  const inner = magnitude < (Q2 * band.scale) >> 12 ? 1 : 0;
  const bits = (difference >= 0 ? 2 : 0) + inner;
  band.adapt(bits, (band.scale * (QM2[bits] as number)) >> 15);
  return bits;
}

/** INVQBL for the output by all six bits, INVQAL for the adaptation by four. */
function decodeLow(band: AdaptiveBand, bits: number): number {
  const sample = band.predicted + ((band.scale * (QM6[bits] as number)) >> 15);
  band.adapt(bits >> 2, (band.scale * (QM4[bits >> 2] as number)) >> 15);
  return limit(sample);
}

function decodeHigh(band: AdaptiveBand, bits: number): number {
  const difference = (band.scale * (QM2[bits] as number)) >> 15;
  const sample = band.predicted + difference;
  band.adapt(bits, difference);
  return limit(sample);
}

function limit(sample: number): number {
  return Math.max(-BAND_MAX - 1, Math.min(BAND_MAX, sample));
}
