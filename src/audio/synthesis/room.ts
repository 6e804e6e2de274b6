/**
 * A room with things that sound in it, as heard from one chair.
 *
 * Each source reaches the listener directly and by the six first reflections (image sources; Allen and Berkley, JASA
 * 65(4), 1979); screens between desks and the talker's turned head take the treble off what comes from far away. Late
 * reverberation is one feedback delay network for all sources (J.-M. Jot, AES 90th Convention, 1991), whose decay is
 * the room's in the middle of the band and shorter above.
 */
import { amplitudeOfDb, cosine, exponential, logarithm, sine } from '../portable-math.ts';
import { highPass, lowPass, samplesOf } from './filters.ts';
import { type Filter, filterLoop, mixInto } from './loop.ts';

/** A place in the room, in metres from a corner of the floor. */
export type Place = { readonly x: number; readonly y: number; readonly z: number };

/** What a room does to sound. */
export type Room = {
  readonly size: Place;
  /** Where the empty chair is, at the height of a head. */
  readonly listener: Place;
  /** What a wall, the ceiling or the floor sends back of the amplitude. */
  readonly reflection: { readonly wall: number; readonly ceiling: number; readonly floor: number };
  /** After this time the reverberation is 60 dB weaker. */
  readonly reverberationSeconds: number;
  /** Within this distance of the listener the direct sound is stronger than the reverberation. */
  readonly criticalMetres: number;
  /** Above this the reverberation is shorter. */
  readonly dampingHz: number;
};

const SOUND_METRES_PER_SECOND = 343;
/** Amplitude halves with each doubling of distance, and what reaches the far field falls by this exponent besides. */
const SCREENING_EXPONENT = 0.6;

/** A sound all around the loop, and where in the room it is made. */
export type Source = { readonly sound: Float64Array; readonly place: Place };

/** A place on a circle around the listener, at a seated talker's height unless `z` says otherwise. */
export function placeAt(room: Room, metres: number, degrees: number, z = 1.2): Place {
  const radians = (degrees * Math.PI) / 180;
  const { x, y } = room.listener;
  return { x: x + metres * cosine(radians), y: y + metres * sine(radians), z };
}

/** What the listener hears of all sources; a source 1 m away comes directly with gain 1. */
export function hear(room: Room, sources: readonly Source[], loopLength: number): Float64Array {
  const heard = new Float64Array(loopLength);
  const send = new Float64Array(loopLength);
  for (const { sound, place } of sources) {
    const metres = distance(place, room.listener);
    const far = exponential(-SCREENING_EXPONENT * logarithm(Math.max(1, metres / 2)));
    const muffled = filterLoop(sound, lowPass(trebleLimitHz(metres)), samplesOf(0.05));
    for (const { place: image, reflection } of images(room, place)) {
      const path = distance(image, room.listener);
      mixInto(heard, muffled, samplesOf(path / SOUND_METRES_PER_SECOND), (far * reflection) / path);
    }
    mixInto(send, sound, samplesOf(metres / SOUND_METRES_PER_SECOND), far / room.criticalMetres);
  }
  mixInto(heard, reverberate(room, send), 0);
  return heard;
}

/** Screens, hair and air: a talker two metres away is clear, one at the far wall has lost what is above 2 kHz. */
function trebleLimitHz(metres: number): number {
  return 1400 + 12000 / Math.max(1, metres);
}

type Image = { readonly place: Place; readonly reflection: number };

function images({ size, reflection }: Room, place: Place): Image[] {
  return [
    { place, reflection: 1 },
    { place: { ...place, x: -place.x }, reflection: reflection.wall },
    { place: { ...place, x: 2 * size.x - place.x }, reflection: reflection.wall },
    { place: { ...place, y: -place.y }, reflection: reflection.wall },
    { place: { ...place, y: 2 * size.y - place.y }, reflection: reflection.wall },
    { place: { ...place, z: -place.z }, reflection: reflection.floor },
    { place: { ...place, z: 2 * size.z - place.z }, reflection: reflection.ceiling },
  ];
}

function distance(a: Place, b: Place): number {
  const [x, y, z] = [a.x - b.x, a.y - b.y, a.z - b.z];
  return Math.sqrt(x * x + y * y + z * z);
}

/** Delays without a common factor, between the room's shortest and longest flights: 22 to 71 ms. */
const DELAYS = [353, 431, 521, 617, 719, 839, 977, 1129] as const;
/** When the loop comes round to hear itself, the reverberation is 110 dB down. */
const MEMORY_REVERBERATIONS = 1.9;

/** The late reverberation of a loop; its impulse response has an energy of 1. */
function reverberate(room: Room, send: Float64Array): Float64Array {
  const impulse = new Float64Array(samplesOf(3 * room.reverberationSeconds));
  impulse[0] = 1;
  const network = delayNetwork(room);
  const energy = impulse.map((sample) => network(sample)).reduce((sum, sample) => sum + sample * sample, 0);
  const [late, rumble, gain] = [delayNetwork(room), highPass(90), 1 / Math.sqrt(energy)];
  const filter = (sample: number) => rumble(late(sample)) * gain;
  return filterLoop(send, filter, samplesOf(MEMORY_REVERBERATIONS * room.reverberationSeconds));
}

/** Eight delay lines that feed each other through a Householder reflection, which keeps the energy; the lines lose it. */
function delayNetwork(room: Room): Filter {
  const lines = DELAYS.map((length) => ({
    memory: new Float64Array(length),
    at: 0,
    loss: amplitudeOfDb((-60 * length) / samplesOf(room.reverberationSeconds)),
    damping: lowPass(room.dampingHz),
    out: 0,
  }));
  return (sample) => {
    let sum = 0;
    let output = 0;
    let sign = 1;
    for (const line of lines) {
      line.out = line.damping((line.memory[line.at] ?? 0) * line.loss);
      sum += line.out;
      output += sign * line.out;
      sign = -sign;
    }
    for (const line of lines) {
      line.memory[line.at] = sample + line.out - sum / 4;
      if (++line.at === line.memory.length) line.at = 0;
    }
    return output;
  };
}
