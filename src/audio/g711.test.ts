import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from './g711.ts';
import { dbovToDbm0, levelDbov } from './loudness.ts';

const EVERY_SAMPLE = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const EVERY_OCTET = Uint8Array.from({ length: 256 }, (_, i) => i);

const LAWS = [
  {
    law: 'A-law',
    encode: encodeAlaw,
    decode: decodeAlaw,
    oracleEncode: 'toALaw',
    oracleDecode: 'fromALaw',
    bits: '8a',
  },
  {
    law: 'µ-law',
    encode: encodeUlaw,
    decode: decodeUlaw,
    oracleEncode: 'toMuLaw',
    oracleDecode: 'fromMuLaw',
    bits: '8m',
  },
] as const;

/** The samples of a WAV file's `data` chunk, octet for octet. */
function octetsOf(file: InstanceType<typeof wavefile.WaveFile>): Uint8Array {
  return Uint8Array.from((file.data as { samples: Uint8Array }).samples);
}

describe.each(LAWS)('ITU-T G.711 $law', ({ law, encode, decode, oracleEncode, oracleDecode, bits }) => {
  it('gives every octet back that it decodes, the negative zero of µ-law aside', () => {
    const changed = [...encode(decode(EVERY_OCTET))].flatMap((octet, i) => (octet === i ? [] : [[i, octet]]));
    expect(changed).toEqual(law === 'µ-law' ? [[0x7f, 0xff]] : []);
  });

  it('measures 0 dBm0 in the reference sequence of its table', () => {
    // Tables 5 and 6: one period of 1 kHz at 8 kHz.
    const period = {
      'A-law': [0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4],
      'µ-law': [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e],
    }[law];
    const codec = law === 'A-law' ? 'PCMA' : 'PCMU';
    expect(dbovToDbm0(levelDbov(decode(Uint8Array.from(period))), codec)).toBeCloseTo(0, 1);
  });

  it('decodes every octet as wavefile does', () => {
    const file = new wavefile.WaveFile();
    file.fromScratch(1, 8000, bits, EVERY_OCTET);
    file[oracleDecode]();
    expect([...decode(EVERY_OCTET)].map((sample) => sample + 0)).toEqual([...file.getSamples()].map((s) => s + 0));
  });

  it('encodes every sample as wavefile does, but for negative ones just between two values', () => {
    const file = new wavefile.WaveFile();
    file.fromScratch(1, 8000, '16', EVERY_SAMPLE);
    file[oracleEncode]();
    const [ours, theirs] = [encode(EVERY_SAMPLE), octetsOf(file)];
    const different = [...EVERY_SAMPLE.keys()].filter((i) => ours[i] !== theirs[i]);
    // One sample at each of the 127 decision values below zero: there wavefile is one sample early.
    expect(different).toHaveLength(127);
    for (const i of different) {
      expect(EVERY_SAMPLE[i]).toBeLessThan(0);
      expect(theirs[i]).toBe(ours[i - 1]);
    }
  });

  it('never lets a louder sample become quieter', () => {
    const sample = fc.integer({ min: -32_768, max: 32_767 });
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [low, high] = decode(encode(Int16Array.of(Math.min(a, b), Math.max(a, b))));
        return (low ?? 0) <= (high ?? 0);
      }),
    );
  });
});

describe('the ends and the middle of the scale', () => {
  it('are the octets of G.711 Tables 1 and 2', () => {
    expect([...encodeAlaw(Int16Array.of(0, -1, 32_767, -32_768))]).toEqual([0xd5, 0x55, 0xaa, 0x2a]);
    expect([...decodeAlaw(Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a))]).toEqual([8, -8, 32_256, -32_256]);
    expect([...encodeUlaw(Int16Array.of(0, 32_767, -32_768))]).toEqual([0xff, 0x80, 0x00]);
    expect([...decodeUlaw(Uint8Array.of(0xff, 0x80, 0x00))]).toEqual([0, 32_124, -32_124]);
  });
});
