import { describe, expect, it } from 'vitest';
import wavefile from 'wavefile';
import { readSound } from './read-sound.ts';

const SINE = Float64Array.from({ length: 800 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / 44_100));

/** A file of `channels` that all have the sine. */
function wav(bits: string, scale: (sample: number) => number, channels = 1, rateHz = 44_100): Uint8Array {
  const file = new wavefile.WaveFile();
  const one = Array.from(SINE, scale);
  file.fromScratch(channels, rateHz, bits, channels === 1 ? one : Array.from({ length: channels }, () => one));
  return file.toBuffer();
}

const WHOLE = wav('16', (sample) => Math.round(sample * 32_767));

/** The file with `octets` written over it from `at` on. */
function patched(at: number, ...octets: number[]): Uint8Array {
  const file = Uint8Array.from(WHOLE);
  file.set(octets, at);
  return file;
}

describe('a person’s WAV file', () => {
  it.each([
    ['8 bits', wav('8', (sample) => Math.round(sample * 127 + 128)), 300],
    ['16 bits', WHOLE, 2],
    ['24 bits', wav('24', (sample) => Math.round(sample * 0x7fffff)), 2],
    ['32 bits', wav('32', (sample) => Math.round(sample * 0x7fffffff)), 2],
    ['32 bits floating', wav('32f', (sample) => sample), 2],
    ['64 bits floating', wav('64', (sample) => sample), 2],
    ['16 bits of two channels', wav('16', (sample) => Math.round(sample * 32_767), 2), 2],
    ['24 bits of six channels (extensible)', wav('24', (sample) => Math.round(sample * 0x7fffff), 6, 96_000), 2],
  ])('of %s is read as 16-bit scale', (_, octets, off) => {
    const sound = readSound(octets);
    if (!sound.ok) throw new Error(sound.problem);
    expect(sound.value.samples).toHaveLength(800);
    const worst = sound.value.samples.map((sample, i) => Math.abs(sample - (SINE[i] ?? 0) * 32_768));
    expect(Math.max(...worst)).toBeLessThan(off);
  });

  it('in A-law or µ-law is read by our own tables', () => {
    const file = new wavefile.WaveFile();
    file.fromScratch(
      1,
      8000,
      '16',
      Array.from(SINE, (sample) => Math.round(sample * 32_767)),
    );
    file.toALaw();
    const sound = readSound(file.toBuffer());
    expect(sound).toMatchObject({ value: { format: '8000 Hz, 1 channel, A-law' } });
  });

  it('with a sample that is no number, or absurdly loud, is read without it', () => {
    const odd = readSound(wav('32f', () => Number.NaN));
    expect(odd.ok && odd.value.samples.every((sample) => sample === 0)).toBe(true);
    const loud = readSound(wav('32f', () => 1e30));
    expect(loud.ok && loud.value.samples[0]).toBe(65_536);
  });

  it.each([
    ['nothing', new Uint8Array(), /^not a WAV file/],
    ['something else', Buffer.from('ID3 an MP3 file of some length'), /^not a WAV file/],
    ['a header alone', WHOLE.subarray(0, 36), /no sound in it/],
    ['half a header', WHOLE.subarray(0, 30), /fmt chunk is cut off/],
    ['half a file', WHOLE.subarray(0, 900), /cut off: 856 octets of sound where its header promises 1600/],
    ['a file of streamed length', patched(40, 0xff, 0xff, 0xff, 0xff), /header promises 4294967295/],
    ['no channels', patched(22, 0), /^0 channels/],
    ['99 channels', patched(22, 99), /^99 channels/],
    ['no rate', patched(24, 0, 0, 0, 0), /^0 samples a second/],
    ['7 bits', patched(34, 7), /^7 bits/],
    ['another coding', patched(20, 0x55), /encoding \(tag 85\)/],
    ['an odd length', patched(40, 0x3f), /last sample is cut off/],
  ])('that is %s is refused in words', (_, octets, problem) => {
    expect(readSound(octets)).toEqual({ ok: false, problem: expect.stringMatching(problem) });
  });

  it('never throws, whatever its octets', () => {
    let state = 1;
    const next = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    };
    for (let n = 0; n < 300; n++) {
      const file = Uint8Array.from(WHOLE.subarray(0, 300 + next()));
      for (let k = 0; k < 1 + (next() & 7); k++) file[12 + (next() % 60)] = next();
      expect(() => readSound(file)).not.toThrow();
    }
  });
});
