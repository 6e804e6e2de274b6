import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { decodeAlaw, decodeUlaw, encodeAlaw, encodeUlaw } from './g711.ts';
import { dbovToDbm0, levelDbov } from './loudness.ts';

/** Every 16-bit sample, as four WAV files' worth. */
const EVERY_SAMPLE = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const EVERY_OCTET = Uint8Array.from({ length: 256 }, (_, i) => i);

/** wavefile's own codec: an independent reading of the Recommendation. */
function byWavefile(law: 'toALaw' | 'toMuLaw'): Uint8Array {
  const file = new wavefile.WaveFile();
  file.fromScratch(1, 8000, '16', EVERY_SAMPLE);
  file[law]();
  return Uint8Array.from((file as unknown as { data: { samples: Uint8Array } }).data.samples);
}

/** The octet's distance on the decoded scale: two encoders may break a tie differently, by one step. */
const steps = (a: number, b: number): number => Math.abs(a - b);

describe('ITU-T G.711', () => {
  it('gives back every octet that it decodes (the two zeros of µ-law aside)', () => {
    expect(encodeAlaw(decodeAlaw(EVERY_OCTET))).toEqual(EVERY_OCTET);
    const ulaw = encodeUlaw(decodeUlaw(EVERY_OCTET));
    // 0x7f is −0: linear samples have one zero.
    expect([...ulaw].filter((octet, i) => octet !== i)).toEqual([0xff]);
  });

  it.each([
    // Table 5 and 6: a 1 kHz sine at 0 dBm0, eight octets, repeated.
    ['A-law', decodeAlaw, [0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4], 'PCMA'],
    ['µ-law', decodeUlaw, [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e], 'PCMU'],
  ] as const)('%s: the reference sequence measures 0 dBm0', (_law, decode, octets, codec) => {
    expect(dbovToDbm0(levelDbov(decode(Uint8Array.from(octets))), codec)).toBeCloseTo(0, 1);
  });

  it('knows the ends and the middle of both scales', () => {
    expect([...encodeAlaw(Int16Array.of(0, -1, 32_767, -32_768))]).toEqual([0xd5, 0x55, 0xaa, 0x2a]);
    expect([...encodeUlaw(Int16Array.of(0, 32_767, -32_768))]).toEqual([0xff, 0x80, 0x00]);
    expect([...decodeAlaw(Uint8Array.of(0xd5, 0x55, 0xaa, 0x2a))]).toEqual([8, -8, 32_256, -32_256]);
    expect([...decodeUlaw(Uint8Array.of(0xff, 0x80, 0x00))]).toEqual([0, 32_124, -32_124]);
  });

  it('agrees with wavefile to one quantising step on every sample', () => {
    for (const [ours, theirs, decode] of [
      [encodeAlaw(EVERY_SAMPLE), byWavefile('toALaw'), decodeAlaw],
      [encodeUlaw(EVERY_SAMPLE), byWavefile('toMuLaw'), decodeUlaw],
    ] as const) {
      const [mine, other] = [decode(ours), decode(theirs)];
      let worst = 0;
      for (let i = 0; i < EVERY_SAMPLE.length; i++) {
        const allowed = Math.max(16, Math.abs(EVERY_SAMPLE[i] ?? 0) / 15);
        worst = Math.max(worst, steps(mine[i] ?? 0, other[i] ?? 0) / allowed);
      }
      expect(worst).toBeLessThanOrEqual(1.01);
    }
  });

  it('never errs by more than half a step, which is a 32nd of the sample', () => {
    for (const [encode, decode] of [
      [encodeAlaw, decodeAlaw],
      [encodeUlaw, decodeUlaw],
    ] as const) {
      const decoded = decode(encode(EVERY_SAMPLE));
      let worst = 0;
      for (let i = 0; i < EVERY_SAMPLE.length; i++) {
        const sample = EVERY_SAMPLE[i] ?? 0;
        // Beyond the last step both laws clip.
        if (Math.abs(sample) > 32_000) continue;
        worst = Math.max(worst, Math.abs(sample - (decoded[i] ?? 0)) - Math.abs(sample) / 31);
      }
      expect(worst).toBeLessThanOrEqual(17);
    }
  });
});
