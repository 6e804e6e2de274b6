/**
 * A formant synthesiser: what a speaker's gestures sound like at arm's length.
 *
 * ```
 *  glottal flow ─▶ derivative ─▶ brightness ─┐
 *                  breath (noise while open) ┴▶ F1 ▶ F2 ▶ F3 ▶ F4 ▶ F5 ─┬─▶ out
 *                                             friction noise ▶ band pass ┘
 * ```
 *
 * The flow is Klatt's KLGLOTT88 pulse, x²(1 − x) while the folds are open, with jitter and shimmer from one period to
 * the next. It is differentiated after sampling, which leaves what folds back at high pitch harmless.
 */
import type { Random } from '../../base/random.ts';
import { exponential, sine } from '../portable-math.ts';
import { MASTER_RATE_HZ } from '../telephone-band.ts';
import { bell } from './draw.ts';
import { bandPass, lowPass, samplesOf } from './filters.ts';
import { type FormantCascade, formantCascade } from './formant-cascade.ts';
import type { Gesture } from './phrase.ts';
import type { Speaker } from './speaker.ts';

/** The parameters move every 2.5 ms. */
const TICK_SAMPLES = 40;
const TICK_SECONDS = TICK_SAMPLES / MASTER_RATE_HZ;
const BANDWIDTHS_HZ = [85, 100, 140, 200, 280] as const;
/** The upper formants of the 17 cm tract, which hardly move. */
const UPPER_FORMANTS_HZ = [3450, 4400] as const;
const NASAL_BANDWIDTH_HZ = 260;
/** The three sources' strengths at level 1, so that the levels of `Gesture` mean what they say. */
const FLOW_GAIN = 22;
const BREATH_GAIN = 0.8;
const FRICTION_GAIN = 0.45;
const JITTER = 0.008;
const SHIMMER = 0.06;
/** What full creak adds to both: every other period late and weak. */
const CREAK_JITTER = 0.12;
const CREAK_SHIMMER = 0.35;
/** The pitch's time constant, in each of two equal steps: the larynx is slower than the tongue. */
const PITCH_SECONDS = 0.035;
/** Klatt and Klatt's flutter (JASA 87(2), 1990): three slow waves that never meet, 0.6 % of the pitch each. */
const FLUTTER_HZ = [12.7, 7.1, 4.7] as const;
const FLUTTER = 0.006;

/** Renders gestures one after the other; full level is about 1. */
export function speak(random: Random, speaker: Speaker, gestures: readonly Gesture[]): Float64Array {
  const seconds = gestures.reduce((sum, gesture) => sum + gesture.seconds, 0);
  const sound = new Float64Array(Math.ceil(samplesOf(seconds) / TICK_SAMPLES) * TICK_SAMPLES);
  const tract = vocalTract(random, speaker);
  const mouth = mouthAt(gestures[0]);
  let [index, endsAtSeconds] = [0, gestures[0]?.seconds ?? 0];
  for (let start = 0; start < sound.length; start += TICK_SAMPLES) {
    while (start / MASTER_RATE_HZ >= endsAtSeconds && index < gestures.length - 1) {
      index++;
      endsAtSeconds += gestures[index]?.seconds ?? 0;
    }
    const gesture = gestures[index];
    if (gesture !== undefined) moveTowards(mouth, gesture);
    tract(mouth, sound, start);
  }
  return sound;
}

/**
 * The mouth's present state: a gesture on its way to the next. Formants and pitch follow a muscle that itself follows
 * the gesture, so that they start and arrive gently: an S from one target to the next, and short of it when time is.
 */
type Mouth = {
  readonly formantsHz: [number, number, number];
  readonly formantsHeadingHz: [number, number, number];
  voice: number;
  breath: number;
  friction: number;
  frictionHz: number;
  frictionBandwidthHz: number;
  nasality: number;
  pitchHz: number;
  pitchHeadingHz: number;
  creak: number;
};

function mouthAt(gesture: Gesture | undefined): Mouth {
  const [f1, f2, f3] = gesture?.formantsHz ?? [500, 1500, 2500];
  return {
    formantsHz: [f1, f2, f3],
    formantsHeadingHz: [f1, f2, f3],
    voice: 0,
    breath: 0,
    friction: 0,
    frictionHz: gesture?.frictionHz ?? 3000,
    frictionBandwidthHz: gesture?.frictionBandwidthHz ?? 2000,
    nasality: 0,
    pitchHz: gesture?.pitchHz ?? 120,
    pitchHeadingHz: gesture?.pitchHz ?? 120,
    creak: 0,
  };
}

function moveTowards(mouth: Mouth, gesture: Gesture): void {
  const formantStep = approach(gesture.formantSeconds);
  const levelStep = approach(gesture.levelSeconds);
  const pitchStep = approach(PITCH_SECONDS);
  for (let i = 0; i < 3; i++) {
    const heading = mouth.formantsHeadingHz[i] ?? 0;
    const headed = heading + formantStep * ((gesture.formantsHz[i] ?? 0) - heading);
    mouth.formantsHeadingHz[i] = headed;
    mouth.formantsHz[i] = (mouth.formantsHz[i] ?? 0) + formantStep * (headed - (mouth.formantsHz[i] ?? 0));
  }
  mouth.voice += levelStep * (gesture.voice - mouth.voice);
  mouth.breath += levelStep * (gesture.breath - mouth.breath);
  mouth.friction += levelStep * (gesture.friction - mouth.friction);
  mouth.nasality += levelStep * ((gesture.nasal ? 1 : 0) - mouth.nasality);
  mouth.pitchHeadingHz += pitchStep * (gesture.pitchHz - mouth.pitchHeadingHz);
  mouth.pitchHz += pitchStep * (mouth.pitchHeadingHz - mouth.pitchHz);
  mouth.creak += pitchStep * (gesture.creak - mouth.creak);
  // The place of a noise does not move while it sounds: it jumps when the mouth takes its new shape.
  if (gesture.friction > 0) {
    mouth.frictionHz = gesture.frictionHz;
    mouth.frictionBandwidthHz = gesture.frictionBandwidthHz;
  }
}

function approach(timeConstantSeconds: number): number {
  return 1 - exponential(-TICK_SECONDS / timeConstantSeconds);
}

/** Adds one tick of sound in the mouth's present state, and keeps what rings. */
function vocalTract(random: Random, speaker: Speaker): (mouth: Mouth, sound: Float64Array, start: number) => void {
  const formants = formantCascade(BANDWIDTHS_HZ.length);
  const narrowPlace = bandPass(3000, 2000);
  const brightness = lowPass(speaker.brightnessHz);
  const breathColour = lowPass(4500);
  let [phase, flowBefore, periodScale, periodLevel] = [0, 0, 1, 1];
  let [voice, breath, friction] = [0, 0, 0];

  return (mouth, sound, start) => {
    tuneFormants(formants, mouth, speaker);
    narrowPlace.tune(mouth.frictionHz, mouth.frictionBandwidthHz);
    const seconds = start / MASTER_RATE_HZ;
    const flutter = FLUTTER_HZ.reduce((sum, hz) => sum + sine(2 * Math.PI * hz * seconds), 0);
    const pitchHz = mouth.pitchHz * (1 + FLUTTER * flutter);
    const steps = [
      (mouth.voice - voice) / TICK_SAMPLES,
      (mouth.breath - breath) / TICK_SAMPLES,
      (mouth.friction - friction) / TICK_SAMPLES,
    ] as const;
    for (let i = 0; i < TICK_SAMPLES; i++) {
      voice += steps[0];
      breath += steps[1];
      friction += steps[2];
      phase += (pitchHz * periodScale) / MASTER_RATE_HZ;
      if (phase >= 1) {
        phase -= 1;
        periodScale = 1 + (JITTER + CREAK_JITTER * mouth.creak) * bell(random);
        periodLevel = Math.max(0, 1 + (SHIMMER + CREAK_SHIMMER * mouth.creak) * bell(random));
      }
      const open = phase < speaker.openQuotient ? phase / speaker.openQuotient : 0;
      const flow = periodLevel * open * open * (1 - open);
      const buzz = brightness((flow - flowBefore) * FLOW_GAIN * (MASTER_RATE_HZ / (pitchHz * 128)));
      flowBefore = flow;
      const white = 2 * random() - 1;
      const airflow = breathColour(white) * (open > 0 ? 1 : 0.5);
      const vowel = formants.run(voice * buzz + breath * BREATH_GAIN * airflow);
      sound[start + i] = vowel + narrowPlace.run(white * friction * FRICTION_GAIN);
    }
  };
}

function tuneFormants(formants: FormantCascade, mouth: Mouth, speaker: Speaker): void {
  const widening = 1 + 0.15 * mouth.nasality;
  for (let i = 0; i < BANDWIDTHS_HZ.length; i++) {
    const hz = i < 3 ? (mouth.formantsHz[i] ?? 500) : (UPPER_FORMANTS_HZ[i - 3] ?? 4000) * speaker.tractScale;
    const bandwidthHz = BANDWIDTHS_HZ[i] ?? 200;
    const nasalHz = i > 0 ? NASAL_BANDWIDTH_HZ * mouth.nasality : 0;
    formants.tune(i, Math.min(hz, 7000), bandwidthHz * widening + nasalHz);
  }
}
