/**
 * Whether somebody speaks on the dialer's side: the last resort for a dialer that tells nothing of its agents (energy, not
 * presence: a dialer streams silence, and plays ringback while an agent's telephone rings).
 *
 * Only G.711 is listened to. A frame counts as speech above a level and when it is no tone: one or two steady sines are foretold
 * from the four samples before to better than 25 dB, down to the law's own noise; voices are not. Frames of speech fill a
 * measure of time and others empty it, so that a click is nothing and a pause between words is no end.
 */
import { LAWS, type LawName } from '../audio/codec.ts';

/** What the settings say. */
export type VoiceActivityRule = { readonly thresholdDbm0: number; readonly durationMs: number };

/** Prediction gain above which a frame is tones. */
const TONE_GAIN_DB = 25;

/** Coefficients of the prediction: two for each sine. */
const ORDER = 4;

const SAMPLES_PER_MS = 8;

/** The listener of one call. */
export class VoiceActivity {
  readonly #rule: VoiceActivityRule;
  #speechMs = 0;
  #told = false;

  constructor(rule: VoiceActivityRule) {
    this.#rule = rule;
  }

  /** Listens to `octets` octets of G.711 in `packet` from `at` on; true once, when speech has lasted long enough. */
  take(packet: Uint8Array, at: number, octets: number, law: LawName): boolean {
    if (this.#told || octets < 2 * ORDER) return false;
    const samples = LAWS[law].decode(packet.subarray(at, at + octets));
    const durationMs = octets / SAMPLES_PER_MS;
    const isSpeech = levelDbm0(samples, law) >= this.#rule.thresholdDbm0 && !isTone(samples);
    this.#speechMs = Math.max(0, this.#speechMs + (isSpeech ? durationMs : -durationMs));
    this.#told = this.#speechMs >= this.#rule.durationMs;
    return this.#told;
  }
}

function levelDbm0(samples: Int16Array, law: LawName): number {
  let power = 0;
  for (const sample of samples) power += sample * sample;
  // Against a full-scale sine, whose power is half of its peak's.
  return 10 * Math.log10(power / samples.length / (32_768 ** 2 / 2) + 1e-12) + LAWS[law].overloadDbm0;
}

/** Least squares without a window (the covariance method), in which a sum of two sines is foretold exactly. */
function isTone(samples: Int16Array): boolean {
  const sums: number[][] = Array.from({ length: ORDER + 1 }, () => new Array<number>(ORDER + 1).fill(0));
  for (let i = 0; i <= ORDER; i += 1) {
    for (let j = i; j <= ORDER; j += 1) {
      let sum = 0;
      for (let n = ORDER; n < samples.length; n += 1) sum += (samples[n - i] as number) * (samples[n - j] as number);
      (sums[i] as number[])[j] = sum;
      (sums[j] as number[])[i] = sum;
    }
  }
  const power = sums[0]?.[0] ?? 0;
  return power > 0 && residualOf(sums) < power / 10 ** (TONE_GAIN_DB / 10);
}

/** What is left of the first row's power when the others are taken out of it: Gaussian elimination from the last row up. */
function residualOf(sums: number[][]): number {
  for (let pivot = ORDER; pivot > 0; pivot -= 1) {
    const row = sums[pivot] as number[];
    const diagonal = row[pivot] as number;
    // A row that the others foretell has nothing to add.
    if (diagonal <= 1e-9 * ((sums[0] as number[])[0] as number)) continue;
    for (let i = 0; i < pivot; i += 1) {
      const target = sums[i] as number[];
      const factor = (target[pivot] as number) / diagonal;
      for (let j = 0; j < pivot; j += 1) target[j] = (target[j] as number) - factor * (row[j] as number);
    }
  }
  return (sums[0] as number[])[0] as number;
}
