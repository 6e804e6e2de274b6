/** What a called person says when they pick up, synthesised: for tests that must know to the millisecond when it was said. */

import { dbm0ToDbov, dbovToRms } from '../audio/loudness.ts';
import { activeRms } from '../audio/synthesis/loop.ts';
import { makePhrase } from '../audio/synthesis/phrase.ts';
import { makeSpeaker, type Speaker } from '../audio/synthesis/speaker.ts';
import { speak } from '../audio/synthesis/vocal-tract.ts';
import { toTelephoneBand } from '../audio/telephone-band.ts';
import { type Random, seededRandom } from '../base/random.ts';

/** Between two phrases, as somebody breathes. */
const BREATH_MS = 200;
const PHRASE_SYLLABLES_MAX = 12;
const SYLLABLE_MS = 150;
const RATE_HZ = 8000;
/** 20 ms. */
const BLOCK = 160;
/** A sound softer than this share of the speech is its beginning or its end, not speech. */
const AUDIBLE = 0.1;

/** `durationMs` of speech at 8 kHz from the first sample to the last, at a level while it sounds; -19 dBm0 is usual. */
export function spokenGreeting(durationMs: number, seed = 1, levelDbm0 = -19): Int16Array {
  const random = seededRandom(seed);
  const speaker = makeSpeaker(random, seed % 2 === 0 ? 'woman' : 'man');
  let cut = talk(random, speaker, durationMs);
  // A cut within a pause would begin later than it says.
  while (!beginsLoud(cut)) cut = talk(random, speaker, durationMs);
  const gain = dbovToRms(dbm0ToDbov(levelDbm0, 'PCMA')) / activeRms(cut, BLOCK);
  return Int16Array.from(cut, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * gain))));
}

function beginsLoud(sound: Float64Array): boolean {
  const least = activeRms(sound, BLOCK) / 3;
  return [0, 1, 2, 3].every((i) => activeRms(sound.subarray(i * BLOCK, (i + 1) * BLOCK), BLOCK) > least);
}

function talk(random: Random, speaker: Speaker, durationMs: number): Float64Array {
  const length = (durationMs * RATE_HZ) / 1000;
  const sound: number[] = [];
  while (sound.length < length) {
    const restMs = ((length - sound.length) * 1000) / RATE_HZ;
    const syllables = Math.max(2, Math.min(PHRASE_SYLLABLES_MAX, Math.ceil(restMs / SYLLABLE_MS) + 1));
    if (sound.length > 0) sound.push(...new Array<number>((BREATH_MS * RATE_HZ) / 1000).fill(0));
    sound.push(...audible(toTelephoneBand(speak(random, speaker, makePhrase(random, speaker, syllables)))));
  }
  return Float64Array.from(sound.slice(sound.length - length));
}

function audible(sound: Float64Array): Float64Array {
  const least = AUDIBLE * activeRms(sound, BLOCK);
  const first = sound.findIndex((sample) => Math.abs(sample) > least);
  const last = sound.findLastIndex((sample) => Math.abs(sample) > least);
  return sound.slice(first, last + 1);
}
