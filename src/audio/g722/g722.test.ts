/**
 * The reference hashes are those of FFmpeg 5.1.9's `g722` encoder and decoder (libavcodec), which take these very samples
 * and octets: `ffmpeg -f s16le -ar 16000 -ac 1 -i signal.pcm -c:a g722 signal.g722` and
 * `ffmpeg -f g722 -i octets.g722 -f s16le octets.pcm`, with what the two functions below give written to files.
 */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createG722Decoder, createG722Encoder, decodeG722Loop, encodeG722Loop } from './g722.ts';

const ENCODED_SHA256 = 'a3075db3e9f97e4de419ec9e1fb321c6c30ea588c72b9cc58c7cca15bbd77406';
const DECODED_SHA256 = '43238c27de3f916307ca584a6a0ec52196a221f6800f901631d19d5b76e4d692';

/** Chance of 32 bits that every machine makes alike. */
function lcg(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
}

/** One second at 16 kHz: silence, a triangle that rises from 60 Hz to 7 kHz, noise of full scale, noise at −40 dB. */
function signal(): Int16Array {
  const next = lcg(1);
  const noise = () => (next() >>> 16) - 32768;
  let phase = 0;
  return Int16Array.from({ length: 16000 }, (_, i) => {
    if (i < 1600) return 0;
    if (i >= 12800) return Math.trunc(noise() / 100);
    if (i >= 9600) return noise();
    // A turn is 65,536 steps; the step grows by 3.5 a sample.
    phase = (phase + 256 + Math.trunc(((i - 1600) * 7) / 2)) & 0xffff;
    return phase < 32768 ? phase - 16384 : 49151 - phase;
  });
}

function octetsByChance(): Uint8Array {
  const next = lcg(7);
  return Uint8Array.from({ length: 8000 }, () => next() >>> 24);
}

function sine(hertz: number, amplitude: number, length = 16000): Int16Array {
  return Int16Array.from({ length }, (_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * hertz * i) / 16000)));
}

/** The quadrature mirror filters' delay, both together. */
const DELAY = 22;

/** Signal to noise in dB, the decoded sound against the sound. */
function snrDb(sound: Int16Array, decoded: Int16Array): number {
  let [power, error] = [0, 0];
  for (let i = 1600; i + DELAY < sound.length; i++) {
    const [was, is] = [sound[i] ?? 0, decoded[i + DELAY] ?? 0];
    power += was * was;
    error += (was - is) ** 2;
  }
  return 10 * Math.log10(power / error);
}

const sha256 = (data: Uint8Array | Int16Array) => createHash('sha256').update(data).digest('hex');

describe('ITU-T G.722 at 64 kbit/s', () => {
  it('encodes octet for octet as another implementation does, in silence, a sweep and overload', () => {
    expect(sha256(createG722Encoder()(signal()))).toBe(ENCODED_SHA256);
  });

  it('decodes any octets sample for sample as another implementation does', () => {
    expect(sha256(createG722Decoder()(octetsByChance()))).toBe(DECODED_SHA256);
  });

  // Two bits a sample are the higher band's, six the lower one's.
  it.each([
    [200, 60],
    [1000, 45],
    [3000, 39],
    [5000, 20],
    [6500, 20],
  ])('keeps %i Hz at −10 dBov with at least %i dB of signal to noise', (hertz, least) => {
    const sound = sine(hertz, 14654);
    expect(snrDb(sound, createG722Decoder()(createG722Encoder()(sound)))).toBeGreaterThan(least);
  });

  it('goes on where it stopped: pieces are the whole', () => {
    const encode = createG722Encoder();
    const sound = signal();
    const pieces = [0, 320, 322, 7000].map((from, i, all) => encode(sound.subarray(from, all[i + 1])));
    expect(Buffer.concat(pieces)).toEqual(Buffer.from(createG722Encoder()(sound)));
  });

  it('takes samples in pairs', () => {
    expect(() => createG722Encoder()(new Int16Array(3))).toThrow('G.722 takes samples in pairs, got 3');
  });
});

describe('a loop in G.722', () => {
  it('has no seam: its beginning is as good as its middle', () => {
    // 500 Hz goes into a second without a rest.
    const sound = sine(500, 1000);
    const octets = encodeG722Loop(sound);
    const decoded = decodeG722Loop(octets);
    const error = (from: number, to: number) => {
      let worst = 0;
      for (let i = from; i < to; i++) {
        worst = Math.max(worst, Math.abs((sound[i] ?? 0) - (decoded[(i + DELAY) % decoded.length] ?? 0)));
      }
      return worst;
    };
    expect(octets).toHaveLength(8000);
    expect(error(0, 1600)).toBeLessThan(1.5 * error(1600, 16000));
    // From the zero state the first milliseconds are another sound.
    expect(Buffer.from(createG722Encoder()(sound)).equals(Buffer.from(octets))).toBe(false);
  });
});
