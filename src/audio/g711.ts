/**
 * ITU-T G.711 (11/1988): A-law and µ-law, one octet a sample, by table.
 *
 * ```
 *   7   6 5 4   3 2 1 0      Linear samples are 16 bits here; the Recommendation's own values are 13 bits (A-law,
 * +---+-------+---------+    the low 3 bits zero) and 14 bits (µ-law, the low 2 bits zero).
 * | S | chord |  step   |    A-law octets travel with the even bits inverted (XOR 0x55), µ-law octets with all seven
 * +---+-------+---------+    magnitude bits inverted; S is 1 for positive samples in both.
 * ```
 *
 * Encoding truncates as the reference code of ITU-T G.191 does: negative samples by one's complement, so that −1 and 0
 * are the two sides of the centre.
 */

/** G.711's µ-law adds 33 (of 14 bits) before it finds the chord, so that every chord begins at a power of two. */
const ULAW_BIAS = 33;
const ULAW_MAGNITUDE_MAX = 0x1fff;

/** The A-law octet of each of 65,536 samples, by the sample's two's complement in 16 bits. */
const ALAW_OF_SAMPLE = Uint8Array.from({ length: 65536 }, (_, index) => alawOctet((index << 16) >> 16));

/** The µ-law octet of each of 65,536 samples, by the sample's two's complement in 16 bits. */
const ULAW_OF_SAMPLE = Uint8Array.from({ length: 65536 }, (_, index) => ulawOctet((index << 16) >> 16));

/** The sample of each A-law octet: ±8 … ±32256 (G.711 Table 1, shifted to 16 bits). */
const SAMPLE_OF_ALAW = Int16Array.from({ length: 256 }, (_, octet) => alawSample(octet));

/** The sample of each µ-law octet: 0 … ±32124 (G.711 Table 2, shifted to 16 bits). */
const SAMPLE_OF_ULAW = Int16Array.from({ length: 256 }, (_, octet) => ulawSample(octet));

/** One law's tables, for who works on single octets. */
export type LawTables = {
  /** The sample of each of 256 octets. */
  readonly sampleOf: Int16Array;
  /** The octet of each of 65,536 samples, by the sample's two's complement in 16 bits. */
  readonly octetOf: Uint8Array;
};

/** A-law's tables. */
export const ALAW_TABLES: LawTables = { sampleOf: SAMPLE_OF_ALAW, octetOf: ALAW_OF_SAMPLE };

/** µ-law's tables. */
export const ULAW_TABLES: LawTables = { sampleOf: SAMPLE_OF_ULAW, octetOf: ULAW_OF_SAMPLE };

/** 16-bit linear samples to A-law (G.711 §3, Table 1); as many octets as samples. */
export function encodeAlaw(samples: Int16Array): Uint8Array {
  return encode(samples, ALAW_OF_SAMPLE);
}

/** A-law octets to 16-bit linear samples. */
export function decodeAlaw(octets: Uint8Array): Int16Array {
  return decode(octets, SAMPLE_OF_ALAW);
}

/** 16-bit linear samples to µ-law (G.711 §3, Table 2); as many octets as samples. */
export function encodeUlaw(samples: Int16Array): Uint8Array {
  return encode(samples, ULAW_OF_SAMPLE);
}

/** µ-law octets to 16-bit linear samples. */
export function decodeUlaw(octets: Uint8Array): Int16Array {
  return decode(octets, SAMPLE_OF_ULAW);
}

function encode(samples: Int16Array, table: Uint8Array): Uint8Array {
  const octets = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) octets[i] = table[(samples[i] ?? 0) & 0xffff] ?? 0;
  return octets;
}

function decode(octets: Uint8Array, table: Int16Array): Int16Array {
  const samples = new Int16Array(octets.length);
  for (let i = 0; i < octets.length; i++) samples[i] = table[octets[i] ?? 0] ?? 0;
  return samples;
}

function alawOctet(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0;
  let magnitude = (sample >= 0 ? sample : ~sample) >> 4;
  let chord = 0;
  if (magnitude > 15) {
    chord = 1;
    while (magnitude > 31) {
      magnitude >>= 1;
      chord++;
    }
    magnitude -= 16;
  }
  return (sign | (chord << 4) | magnitude) ^ 0x55;
}

function alawSample(octet: number): number {
  const bits = octet ^ 0x55;
  const chord = (bits >> 4) & 7;
  const step = bits & 15;
  const magnitude = chord === 0 ? (step << 4) + 8 : ((step << 4) + 0x108) << (chord - 1);
  return (bits & 0x80) !== 0 ? magnitude : -magnitude;
}

function ulawOctet(sample: number): number {
  const sign = sample >= 0 ? 0x80 : 0;
  const magnitude = Math.min(((sample >= 0 ? sample : ~sample) >> 2) + ULAW_BIAS, ULAW_MAGNITUDE_MAX);
  let chord = 0;
  while (magnitude >> (chord + 6) !== 0) chord++;
  return sign | ((7 - chord) << 4) | (15 - ((magnitude >> (chord + 1)) & 15));
}

function ulawSample(octet: number): number {
  const bits = ~octet & 0x7f;
  const magnitude = (((((bits & 15) << 1) + ULAW_BIAS) << (bits >> 4)) - ULAW_BIAS) << 2;
  return (octet & 0x80) !== 0 ? magnitude : -magnitude;
}
