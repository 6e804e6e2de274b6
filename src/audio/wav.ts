import wavefile from 'wavefile';
import { describeError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';

/** Sound as a program holds it: one channel of 16-bit samples. */
export type MonoSound = { readonly sampleRateHz: number; readonly samples: Int16Array };

/** The octets of a RIFF/WAVE file: PCM, 16 bits, one channel, no chunk but `fmt ` and `data`. */
export function encodeWav(sound: MonoSound): Uint8Array {
  const file = new wavefile.WaveFile();
  file.fromScratch(1, sound.sampleRateHz, '16', sound.samples);
  return file.toBuffer();
}

/** The sound of a WAV file as `encodeWav` writes it; any other layout is refused in words. */
export function decodeWav(octets: Uint8Array): Result<MonoSound, string> {
  const file = new wavefile.WaveFile();
  try {
    file.fromBuffer(octets);
  } catch (thrown) {
    return refused(`not a WAV file: ${describeError(thrown)}`);
  }
  const { numChannels, sampleRate } = file.fmt as { numChannels: number; sampleRate: number };
  if (numChannels !== 1) return refused(`${numChannels} channels, only 1 is read`);
  if (file.bitDepth !== '16') return refused(`bit depth ${file.bitDepth}, only 16 is read`);
  return ok({ sampleRateHz: sampleRate, samples: Int16Array.from(file.getSamples()) });
}

/** Samples of any height to 16 bits: rounded to the nearest, clipped at full scale. */
export function toInt16(samples: Float64Array): Int16Array {
  return Int16Array.from(samples, (sample) => Math.max(-32768, Math.min(32767, Math.round(sample))));
}
