/**
 * The scene: who and what is in the office, where, and how loud. Everything else in this folder is an ingredient.
 *
 * Levels are amplitudes one metre away, relative to a talker's active speech, which has a root mean square of 1.
 */
import { MASTER_RATE_HZ } from '../telephone-band.ts';
import { closeDoor, creakChair, rustlePaper, walk } from './commotion.ts';
import { converse, type Manner } from './conversation.ts';
import { between, randomFor, wholeBetween } from './draw.ts';
import { samplesOf } from './filters.ts';
import { clickMouse, type as typeKeys } from './keyboard.ts';
import { mixInto } from './loop.ts';
import { hear, type Place, placeAt, type Source } from './room.ts';
import { makeSpeaker } from './speaker.ts';
import { DESK_RINGER, FAR_RINGER, type Ringer, ring } from './telephone-ring.ts';
import { ventilate } from './ventilation.ts';

/** Agents on the telephone: they talk more than they listen. */
const AGENT: Manner = { listenSecondsMax: 1.8, turnSecondsMin: 2, turnSecondsMax: 6 };
const COLLEAGUE: Manner = { listenSecondsMax: 3, turnSecondsMin: 1.5, turnSecondsMax: 5 };

type Seat = { readonly build: 'woman' | 'man'; readonly place: Place; readonly manner: Manner; readonly level: number };

const SEATS: readonly Seat[] = [
  { build: 'woman', place: placeAt(1.25, 35), manner: AGENT, level: 1 },
  { build: 'man', place: placeAt(1.6, 160), manner: AGENT, level: 1 },
  { build: 'woman', place: placeAt(2.8, 265), manner: AGENT, level: 1 },
  { build: 'man', place: placeAt(3.6, 80), manner: COLLEAGUE, level: 1 },
  { build: 'man', place: placeAt(4.8, 330), manner: AGENT, level: 1 },
  { build: 'woman', place: placeAt(6, 190), manner: AGENT, level: 1 },
  { build: 'man', place: placeAt(7.4, 10), manner: COLLEAGUE, level: 1 },
];

/** The office as heard from an empty desk, `seconds` long, 16 kHz, a loop; the same for the same seed. Any level. */
export function openPlanOffice(seed: number, seconds: number, report: (step: string) => void): Float64Array {
  const length = samplesOf(seconds);
  const sources: Source[] = [];
  SEATS.forEach((seat, i) => {
    report(`voice ${i + 1} of ${SEATS.length}`);
    const random = randomFor(seed, `voice ${i}`);
    const sound = converse(random, makeSpeaker(random, seat.build), seat.manner, length);
    sources.push({ sound: sound.map((sample) => sample * seat.level), place: seat.place });
  });
  report('telephones, keyboards, chairs, paper, steps, a door');
  sources.push(...telephones(seed, length), ...keyboards(seed, length), ...commotion(seed, length));
  report('the room');
  const heard = hear(sources, length);
  mixInto(heard, ventilate(randomFor(seed, 'ventilation'), length), 0, 0.08);
  return heard;
}

function telephones(seed: number, length: number): Source[] {
  const call = (name: string, ringer: Ringer, rings: number, place: Place, level: number, position: number) => {
    const random = randomFor(seed, name);
    const sound = new Float64Array(length);
    ring(random, ringer, rings, sound, Math.floor(length * (position + between(random, 0, 0.08))));
    return { sound: sound.map((sample) => sample * level), place };
  };
  return [
    call('desk telephone', DESK_RINGER, 3, placeAt(6.2, 120, 0.8), 2.8, 0.1),
    call('desk telephone, again', DESK_RINGER, 2, placeAt(7, 215, 0.8), 2.6, 0.62),
    call('far telephone', FAR_RINGER, 2, placeAt(8.2, 5, 0.8), 3.6, 0.38),
  ];
}

function keyboards(seed: number, length: number): Source[] {
  const keyboard = (name: string, place: Place, level: number, pauseSecondsMax: number) => {
    const sound = typeKeys(randomFor(seed, name), length, pauseSecondsMax);
    return { sound: sound.map((sample) => sample * level), place };
  };
  return [
    keyboard('keyboard at hand', placeAt(1.7, 300, 0.75), 4.2, 3.5),
    keyboard('keyboard behind', placeAt(3.2, 100, 0.75), 4.5, 2.5),
    keyboard('keyboard far off', placeAt(5, 230, 0.75), 5, 2.5),
  ];
}

function commotion(seed: number, length: number): Source[] {
  const events = (
    name: string,
    everySeconds: number,
    place: Place,
    make: (random: () => number) => Float64Array,
    level: number,
  ) => {
    const random = randomFor(seed, name);
    const sound = new Float64Array(length);
    const count = Math.max(1, Math.round(length / MASTER_RATE_HZ / everySeconds));
    for (let i = 0; i < count; i++) {
      const at = Math.floor(length * ((i + between(random, 0.1, 0.9)) / count));
      mixInto(sound, make(random), at, (level * wholeBetween(random, 7, 10)) / 10);
    }
    return { sound, place };
  };
  return [
    events('mouse at hand', 4, placeAt(2, 310, 0.75), clickMouse, 3),
    events('mouse behind', 5, placeAt(3.4, 95, 0.75), clickMouse, 3),
    events('chair', 9, placeAt(2.8, 150, 0.6), creakChair, 4),
    events('paper', 11, placeAt(2.4, 40, 0.8), rustlePaper, 3.2),
    events('steps', 20, placeAt(4, 280, 0), walk, 6),
    events('door', 40, placeAt(8, 0, 1.2), closeDoor, 5),
  ];
}
