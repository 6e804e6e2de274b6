/**
 * A scene: who and what is in an office, where, and how loud; and its sound. Everything else in this folder is an
 * ingredient, every file of `scenes/` is one office.
 *
 * Levels are amplitudes one metre away, relative to a talker's active speech, which has a root mean square of 1.
 */
import type { Random } from '../../base/random.ts';
import { MASTER_RATE_HZ } from '../telephone-band.ts';
import { converse, type Manner, talkTogether } from './conversation.ts';
import { between, randomFor, wholeBetween } from './draw.ts';
import { samplesOf } from './filters.ts';
import { type as typeKeys } from './keyboard.ts';
import { amplify, mixInto } from './loop.ts';
import { hear, placeAt, type Room, type Source } from './room.ts';
import { type Build, type Effort, makeSpeaker } from './speaker.ts';
import { type Ringer, ring } from './telephone-ring.ts';
import { ventilate } from './ventilation.ts';

/** Where something is, from the listener's chair; `z` is its height, that of a seated head unless given. */
export type Bearing = { readonly metres: number; readonly degrees: number; readonly z?: number };

/** Somebody who talks: alone (on the telephone), or with the others of a group. */
export type Talker = { readonly build: Build; readonly effort: Effort; readonly at: Bearing };

export type OfficeScene = {
  readonly room: Room;
  /** On the telephone, each for themselves. */
  readonly callers: readonly (Talker & { readonly manner: Manner })[];
  /** Colleagues who talk to each other. */
  readonly groups: readonly { readonly talkers: readonly Talker[]; readonly manner: Manner }[];
  /** `position` is the ring's place in the loop, 0 to 1. */
  readonly telephones: readonly {
    readonly ringer: Ringer;
    readonly rings: number;
    readonly position: number;
    readonly level: number;
    readonly at: Bearing;
  }[];
  readonly keyboards: readonly { readonly level: number; readonly pauseSecondsMax: number; readonly at: Bearing }[];
  /** What happens now and then: chairs, doors, printers. */
  readonly commotion: readonly {
    readonly name: string;
    readonly everySeconds: number;
    readonly make: (random: Random) => Float64Array;
    readonly level: number;
    readonly at: Bearing;
  }[];
  /** Air from the ducts: its level at the listener's ear, and the cut-off above which it fades. */
  readonly ventilation: { readonly level: number; readonly hissHz: number };
};

/** The office as heard from an empty desk, `seconds` long, 16 kHz, a loop; the same for the same seed. Any level. */
export function renderScene(
  scene: OfficeScene,
  seed: number,
  seconds: number,
  report: (step: string) => void,
): Float64Array {
  const length = samplesOf(seconds);
  report('voices');
  const sources = [...callers(scene, seed, length), ...groups(scene, seed, length)];
  report('telephones, keyboards, chairs, doors, printers');
  sources.push(
    ...telephones(scene, seed, length),
    ...keyboards(scene, seed, length),
    ...commotion(scene, seed, length),
  );
  report('the room');
  const heard = hear(scene.room, sources, length);
  const { level, hissHz } = scene.ventilation;
  mixInto(heard, ventilate(randomFor(seed, 'ventilation'), length, hissHz), 0, level);
  return heard;
}

function callers({ room, callers: seats }: OfficeScene, seed: number, length: number): Source[] {
  return seats.map(({ build, effort, manner, at }, i) => {
    const random = randomFor(seed, `voice ${i}`);
    return { sound: converse(random, makeSpeaker(random, build, effort), manner, length), place: placed(room, at) };
  });
}

function groups({ room, groups: all }: OfficeScene, seed: number, length: number): Source[] {
  return all.flatMap(({ talkers, manner }, i) => {
    const random = randomFor(seed, `group ${i}`);
    const speakers = talkers.map(({ build, effort }) => makeSpeaker(random, build, effort));
    const sounds = talkTogether(random, speakers, manner, length);
    return talkers.map(({ at }, k) => ({ sound: sounds[k] ?? new Float64Array(length), place: placed(room, at) }));
  });
}

function telephones({ room, telephones: all }: OfficeScene, seed: number, length: number): Source[] {
  return all.map(({ ringer, rings, position, level, at }, i) => {
    const random = randomFor(seed, `telephone ${i}`);
    const sound = new Float64Array(length);
    ring(random, ringer, rings, sound, Math.floor(length * (position + between(random, 0, 0.05))));
    return { sound: amplify(sound, level), place: placed(room, at) };
  });
}

function keyboards({ room, keyboards: all }: OfficeScene, seed: number, length: number): Source[] {
  return all.map(({ level, pauseSecondsMax, at }, i) => {
    const sound = typeKeys(randomFor(seed, `keyboard ${i}`), length, pauseSecondsMax);
    return { sound: amplify(sound, level), place: placed(room, at) };
  });
}

function commotion({ room, commotion: all }: OfficeScene, seed: number, length: number): Source[] {
  return all.map(({ name, everySeconds, make, level, at }) => {
    const random = randomFor(seed, name);
    const sound = new Float64Array(length);
    const count = Math.max(1, Math.round(length / MASTER_RATE_HZ / everySeconds));
    for (let i = 0; i < count; i++) {
      const start = Math.floor(length * ((i + between(random, 0.1, 0.9)) / count));
      mixInto(sound, make(random), start, (level * wholeBetween(random, 7, 10)) / 10);
    }
    return { sound, place: placed(room, at) };
  });
}

function placed(room: Room, { metres, degrees, z }: Bearing) {
  return placeAt(room, metres, degrees, z);
}
