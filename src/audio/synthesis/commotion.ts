/** What people do besides talking and typing: they move chairs, leaf through paper, walk, go out by a door. */
import type { Random } from '../../base/random.ts';
import { exponential, sine } from '../portable-math.ts';
import { MASTER_RATE_HZ } from '../telephone-band.ts';
import { between, wholeBetween } from './draw.ts';
import { bandPass, chain, lowPass, resonator, samplesOf } from './filters.ts';
import { mixInto } from './loop.ts';

/** A chair's joint that sticks and slips, ever faster, and rings in its frame. */
export function creakChair(random: Random): Float64Array {
  const sound = new Float64Array(samplesOf(between(random, 0.35, 0.7)));
  const frame = [bandPass(between(random, 520, 640), 60), bandPass(between(random, 860, 900), 90), bandPass(2500, 300)];
  let slip = 0;
  const slipsPerSecond = between(random, 28, 45);
  for (let i = 0; i < sound.length; i++) {
    const position = i / sound.length;
    slip += (slipsPerSecond * (0.7 + 1.1 * position)) / MASTER_RATE_HZ;
    let jerk = 0;
    if (slip >= 1) {
      slip -= between(random, 0.8, 1.2);
      jerk = between(random, 4, 12);
    }
    sound[i] = frame.reduce((sum, mode) => sum + mode.run(jerk), 0) * sine(Math.PI * position);
  }
  return sound;
}

/** A sheet picked up or turned: crackling in two or three waves. */
export function rustlePaper(random: Random): Float64Array {
  const sound = new Float64Array(samplesOf(between(random, 0.5, 0.9)));
  const waves = wholeBetween(random, 2, 3);
  const paper = chain(bandPass(3200, 3000).run, lowPass(5000));
  let crackle = 0;
  for (let i = 0; i < sound.length; i++) {
    const wave = sine((Math.PI * waves * i) / sound.length);
    if (random() < 0.012) crackle = between(random, 0.2, 1);
    crackle *= 0.993;
    sound[i] = paper((2 * random() - 1) * crackle * wave * wave);
  }
  return sound;
}

/** Somebody walking past: heel and sole, not quite two steps a second. */
export function walk(random: Random): Float64Array {
  const steps = wholeBetween(random, 6, 9);
  const sound = new Float64Array(samplesOf(steps * 0.6 + 0.5));
  let at = 0;
  for (let i = 0; i < steps; i++) {
    const near = sine((Math.PI * (i + 0.5)) / steps);
    mixInto(sound, thud(random, 180, 0.018), samplesOf(at), 0.3 + 0.7 * near);
    mixInto(sound, thud(random, 420, 0.008), samplesOf(at + 0.07), 0.2 + 0.3 * near);
    at += between(random, 0.5, 0.57);
  }
  return sound;
}

/** A door far off: the latch, then the leaf against its frame. */
export function closeDoor(random: Random): Float64Array {
  const sound = new Float64Array(samplesOf(1.2));
  mixInto(sound, thud(random, 1700, 0.006), 0, 0.5);
  mixInto(sound, thud(random, 120, 0.06), samplesOf(0.42), 1.5);
  mixInto(sound, thud(random, 340, 0.03), samplesOf(0.425), 1);
  mixInto(sound, thud(random, 1400, 0.006), samplesOf(0.47), 0.5);
  return sound;
}

function thud(random: Random, hz: number, seconds: number): Float64Array {
  const body = resonator(hz, 0.9 / seconds);
  const sound = new Float64Array(samplesOf(seconds * 8));
  for (let i = 0; i < sound.length; i++) {
    sound[i] = body.run((2 * random() - 1) * exponential(-i / (seconds * MASTER_RATE_HZ)));
  }
  return sound;
}
