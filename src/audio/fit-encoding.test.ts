import { describe, expect, it } from 'vitest';
import { fitEncoding, type LoopCodec } from './fit-encoding.ts';
import { dbovToDbm0, levelDbov, peakDbov } from './loudness.ts';
import { toTelephoneBand } from './telephone-band.ts';
import { toInt16 } from './wav.ts';

const RATE_HZ = 16_000;
/** A second of whole periods: 100 Hz, which no telephone carries, and a burst of 1 kHz every quarter of a second. */
const rumbleAndBursts = Int16Array.from({ length: RATE_HZ }, (_, i) => {
  const burst = i % (RATE_HZ / 4) < 160 ? 5000 : 300;
  return 1500 * Math.sin((2 * Math.PI * 100 * i) / RATE_HZ) + burst * Math.sin((2 * Math.PI * 1000 * i) / RATE_HZ);
});

/** Loses a decibel of everything, and hears how often it is asked. */
function lossyCodec(): LoopCodec & { calls: number } {
  const codec = {
    ...{ name: 'opus' as const, sampleRateHz: RATE_HZ, calls: 0 },
    encode: (loop: Int16Array) => {
      codec.calls++;
      return new Uint8Array(loop.map((sample) => Math.round(sample * 0.891)).buffer);
    },
    decode: (octets: Uint8Array) => new Int16Array(octets.buffer),
  };
  return codec;
}

const bandOf = (loop: Int16Array) => toInt16(toTelephoneBand(loop));

describe('an encoding fitted to a level', () => {
  it('is as loud as wanted within 0.05 dB, though the coder loses a decibel', () => {
    const { decoded } = fitEncoding(rumbleAndBursts, lossyCodec(), { levelDbm0: -30, crestDb: 14.95 });
    expect(Math.abs(dbovToDbm0(levelDbov(decoded), 'opus') + 30)).toBeLessThanOrEqual(0.05);
  });

  it('has no peak too high for what a telephone’s band keeps of its level', () => {
    const crestDb = (loop: Int16Array) => peakDbov(loop) - levelDbov(loop);
    expect(crestDb(rumbleAndBursts)).toBeLessThan(14.95);
    expect(crestDb(bandOf(rumbleAndBursts))).toBeGreaterThan(14.95);
    const { decoded } = fitEncoding(rumbleAndBursts, lossyCodec(), { levelDbm0: -30, crestDb: 14.95 });
    expect(crestDb(bandOf(decoded))).toBeLessThanOrEqual(14.95);
  });

  it('is tried again, a little louder or softer, when what was decoded has a fault, and still has the level', () => {
    const codec = lossyCodec();
    let judged = 0;
    const faults = () => (++judged < 4 ? ['a tone'] : []);
    const { decoded } = fitEncoding(rumbleAndBursts, codec, { levelDbm0: -30, crestDb: 14.95, faults });
    expect(judged).toBe(4);
    expect(Math.abs(dbovToDbm0(levelDbov(decoded), 'opus') + 30)).toBeLessThanOrEqual(0.05);
  });

  it('is refused with its faults when no try is without', () => {
    const target = { levelDbm0: -30, crestDb: 14.95, faults: () => ['a tone', 'no voices'] };
    expect(() => fitEncoding(rumbleAndBursts, lossyCodec(), target)).toThrow('opus at -30 dBm0: a tone; no voices');
  });
});
