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
  /** How far the voice breaks into creak where a sentence ends, 0 (never) to 1. */
  readonly creak: number;
};

export type Build = 'woman' | 'man';

/** How somebody speaks: beside a sleeping colleague, on the telephone, or over the noise of thirty others. */
export type Effort = 'hushed' | 'usual' | 'raised';

/**
 * What effort does to a voice: over noise it is higher, brighter and pressed, and its syllables are longer (the Lombard
 * reflex; W. Van Summers and others, JASA 84(3), 1988); hushed the opposite.
 */
const EFFORTS: Readonly<
  Record<Effort, { pitch: number; brightness: number; open: number; breath: number; pace: number }>
> = {
  hushed: { pitch: 0.95, brightness: 0.65, open: 1.08, breath: 1.5, pace: 1 },
  usual: { pitch: 1, brightness: 1, open: 1, breath: 1, pace: 1 },
  raised: { pitch: 1.14, brightness: 1.35, open: 0.88, breath: 0.7, pace: 1.05 },
};

/** A speaker of average build and temper, with the seed's variations. */
export function makeSpeaker(random: Random, build: Build, effort: Effort = 'usual'): Speaker {
  const woman = build === 'woman';
  const { pitch, brightness, open, breath, pace } = EFFORTS[effort];
  return {
    pitchHz: pitch * (woman ? between(random, 175, 225) : between(random, 96, 138)),
    liveliness: between(random, 4, 7),
    tractScale: woman ? between(random, 1.12, 1.21) : between(random, 0.96, 1.05),
    // Italian is spoken at six to seven syllables a second between pauses.
    syllableMs: pace * between(random, 138, 172),
    breath: breath * (woman ? between(random, 0.05, 0.1) : between(random, 0.02, 0.06)),
    openQuotient: open * (woman ? between(random, 0.6, 0.7) : between(random, 0.5, 0.62)),
    brightnessHz: brightness * between(random, 4000, 7000),
    creak: between(random, 0, 1),
  };
}
