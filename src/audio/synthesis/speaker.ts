import type { Random } from '../../base/random.ts';
import { between } from './draw.ts';

/** What tells one invented speaker from another. */
export type Speaker = {
  /** The pitch around which the voice moves. */
  readonly pitchHz: number;
  /** How far it moves for an accent, in semitones. */
  readonly liveliness: number;
  /** Formants over those of the 17 cm tract: about 1.17 for a woman. */
  readonly tractScale: number;
  /** The mean syllable. */
  readonly syllableMs: number;
  /** Noise of breath among the voice, 0 to 1. */
  readonly breath: number;
  /** The share of each period in which the folds are open. */
  readonly openQuotient: number;
  /** Above this the voice's source loses 6 dB more an octave: the lower, the softer it sounds. */
  readonly brightnessHz: number;
};

/** A speaker of average build and temper, with the seed's variations. */
export function makeSpeaker(random: Random, build: 'woman' | 'man'): Speaker {
  const woman = build === 'woman';
  return {
    pitchHz: woman ? between(random, 180, 228) : between(random, 96, 138),
    liveliness: between(random, 3, 5.5),
    tractScale: woman ? between(random, 1.12, 1.21) : between(random, 0.96, 1.05),
    syllableMs: between(random, 165, 205),
    breath: woman ? between(random, 0.05, 0.1) : between(random, 0.02, 0.06),
    openQuotient: woman ? between(random, 0.6, 0.7) : between(random, 0.5, 0.62),
    brightnessHz: between(random, 4000, 7000),
  };
}
