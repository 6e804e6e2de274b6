import type { Random } from '../../base/random.ts';
import { exponential } from '../portable-math.ts';
import { bell, between, chance, pick, wholeBetween } from './draw.ts';
import type { Speaker } from './speaker.ts';
import { CONSONANTS, type Consonant, NEUTRAL_VOWEL, VOWELS, type Vowel } from './speech-sounds.ts';

/** A stretch of speech during which the mouth heads for one shape. Levels 0 to 1, relative to a stressed vowel. */
export type Gesture = {
  readonly seconds: number;
  readonly formantsHz: readonly [number, number, number];
  /** How fast the formants get there: the time constant of each of two equal steps, which together make an S. */
  readonly formantSeconds: number;
  readonly voice: number;
  readonly breath: number;
  readonly friction: number;
  readonly frictionHz: number;
  readonly frictionBandwidthHz: number;
  /** How fast voice, breath and friction get there. */
  readonly levelSeconds: number;
  readonly nasal: boolean;
  readonly pitchHz: number;
  /** How irregular the voice's periods are, 0 to 1: the creak with which many sentences end. */
  readonly creak: number;
};

/** A vowel this long is heard to move in pitch. */
const LONG_VOWEL_SECONDS = 0.11;

type Melody = 'falling' | 'rising' | 'suspended';

/** A phrase of `syllables` syllables: one breath's worth, with an intonation, stresses and a lengthened end. */
export function makePhrase(random: Random, speaker: Speaker, syllables: number): Gesture[] {
  const melody = pick<Melody>(random, ['falling', 'falling', 'suspended', 'suspended', 'rising']);
  const stressEvery = wholeBetween(random, 2, 3);
  const stressAt = wholeBetween(random, 0, stressEvery - 1);
  const reach = between(random, 0.6, 1.3) * speaker.liveliness;
  // Where the phrase stands in what is being said: a new matter begins high, an aside is low.
  const register = between(random, -0.35, 0.4) * speaker.liveliness;
  const gestures: Gesture[] = [];
  for (let i = 0; i < syllables; i++) {
    const stressed = i % stressEvery === stressAt;
    const last = i === syllables - 1;
    const accent = stressed ? reach * between(random, 0.25, 0.7) : 0;
    const semitones = register + melodyAt(melody, i / Math.max(1, syllables - 1), reach) + accent;
    const lengthening = (stressed ? 1.25 : 0.88) * (last ? between(random, 1.3, 1.7) : 1) * between(random, 0.75, 1.25);
    gestures.push(
      ...syllable(random, speaker, {
        seconds: (speaker.syllableMs * lengthening) / 1000,
        level: (stressed ? 1 : between(random, 0.5, 0.72)) * (last ? 0.75 : 1),
        pitchHz: speaker.pitchHz * pitchRatio(semitones + 0.5 * bell(random)),
        stressed,
        creak: last && melody === 'falling' ? speaker.creak : 0,
      }),
    );
  }
  gestures.push(rest(gestures.at(-1), speaker, 0.12));
  return gestures;
}

/** A hesitation or an assent: one long neutral vowel that sinks, or two short nasal ones, lips nearly closed. */
export function makeMurmur(random: Random, speaker: Speaker): Gesture[] {
  const pitchHz = speaker.pitchHz * between(random, 0.9, 1.02);
  const hum = vowelGesture(speaker, spoken(random, NEUTRAL_VOWEL, true), 0, 0.45, pitchHz);
  const gap = { ...hum, seconds: 0.07, voice: 0.02, breath: 0.06 };
  const closed = { ...hum, nasal: true, seconds: 0.17, voice: 0.4 };
  const seconds = between(random, 0.22, 0.4);
  const gestures = chance(random, 0.5)
    ? gliding({ ...hum, seconds }, between(random, 0.8, 0.88))
    : [...gliding(closed, 0.9), gap, ...gliding({ ...closed, pitchHz: pitchHz * 1.16, seconds: 0.2 }, 1.12)];
  return [...gestures, rest(gestures.at(-1), speaker, 0.1)];
}

/** How far a long vowel's pitch goes, always a semitone or more: speech dwells on no note, and exchanges listen for notes. */
function glideOf(random: Random): number {
  return chance(random, 0.65) ? between(random, 0.82, 0.92) : between(random, 1.08, 1.15);
}

/** A gesture whose pitch moves by a ratio while it lasts: no voice holds a note. */
function gliding(gesture: Gesture, ratio: number): Gesture[] {
  const seconds = gesture.seconds / 2;
  const [before, after] = [gesture.pitchHz * (1.5 - 0.5 * ratio), gesture.pitchHz * ratio];
  return [
    { ...gesture, seconds, pitchHz: before },
    { ...gesture, seconds, pitchHz: after },
  ];
}

/** A short laugh: breathy open vowels at five a second, falling in pitch and strength. */
export function makeLaugh(random: Random, speaker: Speaker): Gesture[] {
  const vowel = pick(random, VOWELS);
  const bursts = wholeBetween(random, 3, 5);
  const gestures: Gesture[] = [];
  for (let i = 0; i < bursts; i++) {
    const pitchHz = speaker.pitchHz * (1.55 - 0.09 * i + 0.03 * bell(random));
    const open = vowelGesture(speaker, vowel, between(random, 0.085, 0.11), 0.9 - 0.1 * i, pitchHz);
    gestures.push(
      { ...open, voice: 0.01, breath: 0.1, seconds: between(random, 0.08, 0.11) },
      { ...open, breath: 0.08 },
    );
  }
  return [...gestures, rest(gestures.at(-1), speaker, 0.15)];
}

/** Semitones over the speaker's pitch at `position` (0 to 1) of a phrase: declination, then the melody's end. */
function melodyAt(melody: Melody, position: number, reach: number): number {
  const declination = reach * (0.55 - 0.9 * position);
  const end = Math.max(0, (position - 0.75) * 4);
  if (melody === 'rising') return declination + end * reach * 1.5;
  if (melody === 'suspended') return declination + end * reach * 0.6;
  return declination - end * reach * 0.5;
}

/** The ratio of frequencies that so many semitones are. */
function pitchRatio(semitones: number): number {
  return exponential((semitones * Math.LN2) / 12);
}

type SyllablePlan = {
  readonly seconds: number;
  readonly level: number;
  readonly pitchHz: number;
  readonly stressed: boolean;
  readonly creak: number;
};

function syllable(random: Random, speaker: Speaker, plan: SyllablePlan): Gesture[] {
  const { seconds, level, pitchHz, stressed, creak } = plan;
  const vowel = () => spoken(random, pick(random, VOWELS), stressed);
  const onset = chance(random, 0.92) ? pick(random, CONSONANTS) : null;
  const gestures: Gesture[] = [];
  let left = seconds;
  if (onset !== null) {
    const closure = consonantGestures(speaker, onset, level, pitchHz, between(random, 0.8, 1.1));
    gestures.push(...closure);
    left -= closure.reduce((sum, gesture) => sum + gesture.seconds, 0);
  }
  const glide = chance(random, 0.2);
  const nucleus = Math.max(0.05, left);
  const first = vowelGesture(speaker, vowel(), glide ? nucleus * 0.55 : nucleus, level, pitchHz);
  gestures.push(...(first.seconds < LONG_VOWEL_SECONDS ? [first] : gliding(first, glideOf(random))));
  if (glide) gestures.push(vowelGesture(speaker, vowel(), nucleus * 0.45, level * 0.85, pitchHz));
  if (chance(random, 0.15)) {
    const coda = CONSONANTS[wholeBetween(random, 14, 17)];
    if (coda !== undefined) gestures.push(...consonantGestures(speaker, coda, level * 0.8, pitchHz, 0.8));
  }
  return creak === 0 ? gestures : gestures.map((gesture) => ({ ...gesture, creak, pitchHz: gesture.pitchHz * 0.85 }));
}

/** A vowel as it comes out: never twice the same, and nearer to the middle of the mouth when nobody stresses it. */
function spoken(random: Random, vowel: Vowel, stressed: boolean): Vowel {
  const reduction = stressed ? 0 : 0.25;
  const [f1, f2, f3] = vowel.formantsHz;
  const [n1, n2, n3] = NEUTRAL_VOWEL.formantsHz;
  const vary = (hz: number, neutralHz: number) => (hz + reduction * (neutralHz - hz)) * (1 + 0.04 * bell(random));
  return { formantsHz: [vary(f1, n1), vary(f2, n2), vary(f3, n3)] };
}

function vowelGesture(speaker: Speaker, vowel: Vowel, seconds: number, level: number, pitchHz: number): Gesture {
  return {
    seconds,
    formantsHz: scaled(vowel.formantsHz, speaker.tractScale),
    formantSeconds: 0.016,
    voice: level,
    breath: speaker.breath * level,
    friction: 0,
    frictionHz: 3000,
    frictionBandwidthHz: 2000,
    levelSeconds: 0.009,
    nasal: false,
    pitchHz,
    creak: 0,
  };
}

/** A consonant before a vowel of `level`: for a stop the closure, the burst and, voiceless, the breath after it. */
function consonantGestures(
  speaker: Speaker,
  consonant: Consonant,
  level: number,
  pitchHz: number,
  stretch: number,
): Gesture[] {
  const body: Gesture = {
    seconds: (consonant.durationMs * stretch) / 1000,
    formantsHz: scaled(consonant.locusHz, speaker.tractScale),
    formantSeconds: 0.01,
    voice: consonant.voicing * level,
    breath: 0.01,
    friction: consonant.manner === 'stop' ? 0 : consonant.noiseLevel * level,
    frictionHz: consonant.noiseHz * (0.5 + 0.5 * speaker.tractScale),
    frictionBandwidthHz: consonant.noiseBandwidthHz,
    levelSeconds: consonant.manner === 'fricative' ? 0.012 : 0.005,
    nasal: consonant.manner === 'nasal',
    // Voiceless consonants raise the pitch of the vowel behind them a little.
    pitchHz: consonant.voicing === 0 ? pitchHz * 1.04 : pitchHz * 0.98,
    creak: 0,
  };
  if (consonant.manner !== 'stop') return [body];
  const burst = { ...body, seconds: 0.011, friction: consonant.noiseLevel * level, levelSeconds: 0.002 };
  if (consonant.voicing > 0) return [body, burst];
  return [body, burst, { ...body, seconds: 0.018, voice: 0.05, breath: 0.3 * level, levelSeconds: 0.005 }];
}

function rest(before: Gesture | undefined, speaker: Speaker, seconds: number): Gesture {
  const neutral = vowelGesture(speaker, NEUTRAL_VOWEL, seconds, 0, speaker.pitchHz * 0.9);
  return { ...neutral, formantsHz: before?.formantsHz ?? neutral.formantsHz, breath: 0, levelSeconds: 0.025 };
}

function scaled(formantsHz: readonly [number, number, number], scale: number): [number, number, number] {
  return [formantsHz[0] * scale, formantsHz[1] * scale, formantsHz[2] * scale];
}
