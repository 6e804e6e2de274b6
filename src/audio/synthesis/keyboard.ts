import type { Random } from '../../base/random.ts';
import { exponential } from '../portable-math.ts';
import { MASTER_RATE_HZ } from '../telephone-band.ts';
import { between, chance, wholeBetween } from './draw.ts';
import { bandPass, samplesOf } from './filters.ts';
import { mixInto } from './loop.ts';

/** Somebody typing all around the loop: bursts of five to thirty keys, six a second, with thinking between. */
export function type(random: Random, loopLength: number, pauseSecondsMax: number): Float64Array {
  const loop = new Float64Array(loopLength);
  const first = Math.floor(random() * loopLength);
  let at = samplesOf(between(random, 0.2, 1));
  while (at < loopLength) {
    const keys = wholeBetween(random, 5, 30);
    for (let key = 0; key < keys && at < loopLength; key++) {
      const space = chance(random, 0.16);
      mixInto(loop, keyStroke(random, space), first + at, between(random, 0.5, 1) * (space ? 1.3 : 1));
      at += samplesOf(chance(random, 0.12) ? between(random, 0.25, 0.45) : between(random, 0.085, 0.2));
    }
    at += samplesOf(between(random, 0.6, pauseSecondsMax));
  }
  return loop;
}

/** The key hits the bottom, and comes up again after 60 to 110 ms, more quietly. */
function keyStroke(random: Random, space: boolean): Float64Array {
  const sound = new Float64Array(samplesOf(0.2));
  const plate = space ? between(random, 420, 560) : between(random, 700, 1100);
  mixInto(sound, click(random, plate, between(random, 2100, 3300), 0.012), 0, 1);
  mixInto(
    sound,
    click(random, plate * 1.3, between(random, 2600, 3900), 0.006),
    samplesOf(between(random, 0.06, 0.11)),
    0.4,
  );
  return sound;
}

/** A mouse button, pressed and let go; sometimes twice. */
export function clickMouse(random: Random): Float64Array {
  const sound = new Float64Array(samplesOf(0.5));
  const clicks = chance(random, 0.4) ? 2 : 1;
  for (let i = 0; i < clicks; i++) {
    const at = i * between(random, 0.16, 0.21);
    mixInto(sound, click(random, 1500, between(random, 2900, 3300), 0.005), samplesOf(at));
    mixInto(
      sound,
      click(random, 1700, between(random, 3100, 3500), 0.004),
      samplesOf(at + between(random, 0.06, 0.09)),
      0.7,
    );
  }
  return sound;
}

/** Two small things that meet: a crack of noise with two resonances, `seconds` long to a third of its strength. */
function click(random: Random, bodyHz: number, edgeHz: number, seconds: number): Float64Array {
  const body = bandPass(bodyHz, 300);
  const edge = bandPass(edgeHz, 1200);
  const sound = new Float64Array(samplesOf(seconds * 5));
  for (let i = 0; i < sound.length; i++) {
    const crack = (2 * random() - 1) * exponential(-i / (seconds * 0.5 * MASTER_RATE_HZ));
    sound[i] = 1.6 * body.run(crack) + 2 * edge.run(crack);
  }
  return sound;
}
