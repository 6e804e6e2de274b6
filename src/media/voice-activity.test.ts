import { describe, expect, it } from 'vitest';
import { LAWS, type LawName } from '../audio/codec.ts';
import { seededRandom } from '../base/random.ts';
import { VoiceActivity } from './voice-activity.ts';

const RULE = { thresholdDbm0: -40, durationMs: 200 };
const FRAME = 160;

/** When a second of a signal was taken for speech, ms; null: never. `peak` is of 32767. */
function heardAfterMs(law: LawName, signal: (n: number) => number, peak: number): number | null {
  const voice = new VoiceActivity(RULE);
  const octets = LAWS[law].encode(Int16Array.from({ length: 8000 }, (_, n) => Math.round(peak * signal(n))));
  for (let at = 0; at < octets.length; at += FRAME) {
    if (voice.take(octets, at, FRAME, law)) return (at + FRAME) / 8;
  }
  return null;
}

const sine = (hz: number) => (n: number) => Math.sin((2 * Math.PI * hz * n) / 8000);
/** Pulses of 120 a second through two resonances, in syllables: a vowel as a telephone carries it. */
function speech(seed: number): (n: number) => number {
  const random = seededRandom(seed);
  const states = [700, 1200].map((hz) => ({
    a: 2 * 0.97 * Math.cos((2 * Math.PI * hz) / 8000),
    b: -0.97 * 0.97,
    y1: 0,
    y2: 0,
  }));
  let nextPulse = 0;
  return (n) => {
    const isPulse = n >= nextPulse;
    if (isPulse) nextPulse = n + 60 + random() * 12;
    let out = 0;
    for (const state of states) {
      const y = (isPulse ? 1 : 0) + 0.05 * (random() - 0.5) + state.a * state.y1 + state.b * state.y2;
      [state.y1, state.y2] = [y, state.y1];
      out += y;
    }
    return Math.max(-1, Math.min(1, out / 4)) * (0.6 + 0.4 * Math.sin((2 * Math.PI * 4 * n) / 8000));
  };
}

describe.each(['PCMA', 'PCMU'] as const)('voice activity in %s', (law) => {
  it('is speech that lasts', () => {
    expect(heardAfterMs(law, speech(1), 12_000)).toBeGreaterThanOrEqual(RULE.durationMs);
    expect(heardAfterMs(law, speech(2), 12_000)).toBeLessThanOrEqual(600);
  });

  it.each([
    ['425 Hz, the Italian ringing tone', sine(425)],
    ['440 and 480 Hz, the American one', (n: number) => (sine(440)(n) + sine(480)(n)) / 2],
    ['1100 Hz, a fax', sine(1100)],
  ])('is not %s, at any level', (_what, signal) => {
    expect([30_000, 8_000, 2_000].map((peak) => heardAfterMs(law, signal, peak))).toEqual([null, null, null]);
  });

  it('is not silence, faint noise, or a click', () => {
    const random = seededRandom(3);
    expect(heardAfterMs(law, () => 0, 0)).toBeNull();
    expect(heardAfterMs(law, () => random() - 0.5, 150)).toBeNull();
    expect(heardAfterMs(law, (n) => (n % 8000 < 400 ? speech(4)(n) : 0), 20_000)).toBeNull();
  });
});
