import type { Random } from '../../base/random.ts';
import { sine } from '../portable-math.ts';
import { MASTER_RATE_HZ } from '../telephone-band.ts';
import { noise } from './draw.ts';
import { chain, highPass, lowPass, samplesOf } from './filters.ts';
import { filterLoop, rms } from './loop.ts';

/**
 * Air in ducts: noise that falls from 220 Hz on, and faster from `hissHz` on, and swells a little, and the fan's hum
 * below it. RMS 1.
 */
export function ventilate(random: Random, loopLength: number, hissHz: number): Float64Array {
  const air = filterLoop(noise(random, loopLength), chain(lowPass(220), lowPass(hissHz), highPass(50)), samplesOf(0.2));
  const seconds = loopLength / MASTER_RATE_HZ;
  // Whole numbers of turns around the loop, so that hum and swell meet themselves.
  const humTurns = Math.round(98 * seconds);
  const swellTurns = Math.max(1, Math.round(seconds / 9));
  const level = rms(air);
  const sound = air.map((sample, i) => {
    const turn = (2 * Math.PI * i) / loopLength;
    const hum = 0.25 * sine(turn * humTurns) + 0.08 * sine(2 * turn * humTurns);
    return (sample / level) * (1 + 0.15 * sine(turn * swellTurns)) + hum;
  });
  const whole = rms(sound);
  return sound.map((sample) => sample / whole);
}
