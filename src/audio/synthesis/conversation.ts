import type { Random } from '../../base/random.ts';
import { between, chance, wholeBetween } from './draw.ts';
import { samplesOf } from './filters.ts';
import { activeRms, amplify, mixInto } from './loop.ts';
import { makeLaugh, makeMurmur, makePhrase } from './phrase.ts';
import type { Speaker } from './speaker.ts';
import { speak } from './vocal-tract.ts';

/** How talking is spread over time. */
export type Manner = {
  /** The longest time for which the speaker only listens to the telephone; two who talk together listen to each other. */
  readonly listenSecondsMax: number;
  readonly turnSecondsMin: number;
  readonly turnSecondsMax: number;
};

/**
 * One side of telephone calls all around the loop: turns of several phrases with breaths between, then listening, with
 * a murmur of assent now and then. The speech, where it sounds, has a root mean square of 1.
 */
export function converse(random: Random, speaker: Speaker, manner: Manner, loopLength: number): Float64Array {
  const loop = new Float64Array(loopLength);
  const first = Math.floor(random() * loopLength);
  const shortest = samplesOf(manner.turnSecondsMin);
  let at = 0;
  while (loopLength - at > shortest) {
    const turn = samplesOf(between(random, manner.turnSecondsMin, manner.turnSecondsMax));
    at = takeTurn(random, speaker, loop, first, at, Math.min(loopLength, at + turn));
    at += listen(random, speaker, loop, first + at, manner);
  }
  return levelled(loop);
}

/**
 * People who talk to each other, turn by turn, with hardly a gap between the turns and often an overlap; one loop for
 * each. Nobody speaks for longer than a turn, and somebody always does.
 */
export function talkTogether(
  random: Random,
  speakers: readonly Speaker[],
  manner: Manner,
  loopLength: number,
): Float64Array[] {
  const loops = speakers.map(() => new Float64Array(loopLength));
  const first = Math.floor(random() * loopLength);
  let [at, turn] = [0, 0];
  while (loopLength - at > samplesOf(manner.turnSecondsMin)) {
    const [speaker, loop] = [speakers[turn % speakers.length], loops[turn % speakers.length]];
    if (speaker === undefined || loop === undefined) break;
    const end = at + samplesOf(between(random, manner.turnSecondsMin, manner.turnSecondsMax));
    at = takeTurn(random, speaker, loop, first, at, Math.min(loopLength, end));
    at += samplesOf(between(random, -0.25, 0.3));
    turn++;
  }
  return loops.map(levelled);
}

function levelled(loop: Float64Array): Float64Array {
  const level = activeRms(loop, samplesOf(0.02));
  return level === 0 ? loop : amplify(loop, 1 / level);
}

/** Speaks phrase after phrase until `end`; the last one that would run over the loop's end is left out. */
function takeTurn(
  random: Random,
  speaker: Speaker,
  loop: Float64Array,
  first: number,
  start: number,
  end: number,
): number {
  let at = start;
  while (at < end) {
    const sound = speak(random, speaker, oneUtterance(random, speaker));
    if (at + sound.length > loop.length) return loop.length;
    mixInto(loop, sound, first + at, between(random, 0.8, 1.15));
    at += sound.length + samplesOf(chance(random, 0.3) ? between(random, 0.3, 0.55) : between(random, 0.05, 0.2));
  }
  return at;
}

function oneUtterance(random: Random, speaker: Speaker) {
  if (chance(random, 0.06)) return makeMurmur(random, speaker);
  if (chance(random, 0.03)) return makeLaugh(random, speaker);
  return makePhrase(random, speaker, wholeBetween(random, 3, 15));
}

/** How long the speaker listens, in samples; a murmur may fall in the middle of it. */
function listen(random: Random, speaker: Speaker, loop: Float64Array, at: number, manner: Manner): number {
  const length = samplesOf(between(random, 0.5, manner.listenSecondsMax));
  if (length > samplesOf(1.2) && chance(random, 0.5)) {
    mixInto(loop, speak(random, speaker, makeMurmur(random, speaker)), at + Math.floor(length * 0.4), 0.8);
  }
  return length;
}
