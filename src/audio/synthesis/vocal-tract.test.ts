import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/random.ts';
import { MASTER_RATE_HZ } from '../telephone-band.ts';
import { measureTone } from '../tone-detector.ts';
import { rms } from './loop.ts';
import { type Gesture, makePhrase } from './phrase.ts';
import { makeSpeaker } from './speaker.ts';
import { speak } from './vocal-tract.ts';

const random = seededRandom(4);
const speaker = makeSpeaker(random, 'man');
const held = (formantsHz: Gesture['formantsHz']): Gesture => ({
  ...{ seconds: 0.6, formantsHz, formantSeconds: 0.01, voice: 1, breath: 0, friction: 0, nasal: false },
  ...{ frictionHz: 3000, frictionBandwidthHz: 2000, levelSeconds: 0.005, pitchHz: 100, creak: 0 },
});

/** The power of 200 Hz around a frequency. */
function around(sound: Float64Array, hz: number): number {
  let power = 0;
  for (let tone = hz - 100; tone <= hz + 100; tone += 10) power += measureTone(sound, tone, MASTER_RATE_HZ).rms ** 2;
  return power;
}

describe('the vocal tract', () => {
  it('rings at the formants of a held vowel', () => {
    const vowel = speak(random, speaker, [held([300, 2250, 2950])]).subarray(3000);
    expect(around(vowel, 2250)).toBeGreaterThan(20 * around(vowel, 1300));
    expect(around(vowel, 300)).toBeGreaterThan(20 * around(vowel, 1300));
    const open = speak(random, speaker, [held([750, 1300, 2500])]).subarray(3000);
    expect(around(open, 750)).toBeGreaterThan(5 * around(open, 2000));
  });

  it('speaks a phrase with syllables: loud and soft within a quarter of a second', () => {
    const phrase = speak(random, speaker, makePhrase(random, speaker, 12));
    const levels = Array.from({ length: Math.floor(phrase.length / 320) - 8 }, (_, i) =>
      rms(phrase.subarray(i * 320, (i + 1) * 320)),
    );
    const swings = levels.slice(0, -12).map((_, i) => {
      const quarter = levels.slice(i, i + 12);
      return Math.max(...quarter) / Math.min(...quarter);
    });
    expect(swings.filter((swing) => swing > 2).length / swings.length).toBeGreaterThan(0.8);
  });

  it('is silent when nothing is said', () => {
    expect(rms(speak(random, speaker, [{ ...held([500, 1500, 2500]), voice: 0 }]))).toBe(0);
  });
});
