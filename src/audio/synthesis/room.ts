/**
 * The open-plan office as a room: 17 × 11 × 2.9 m, carpet and an acoustic ceiling, an empty desk near the middle as the
 * place from which it is heard.
 *
 * Each source reaches the listener directly and by the six first reflections (image sources; Allen and Berkley, JASA
 * 65(4), 1979); screens between desks and the talker's turned head take the treble off what comes from far away. Late
 * reverberation is one feedback delay network for all sources (J.-M. Jot, AES 90th Convention, 1991), 0.42 s in
 * the middle of the band and shorter above.
 */
import { chain, highPass, lowPass, samplesOf } from './filters.ts';
import { filterLoop, mixInto } from './loop.ts';

/** A place in the room, in metres from a corner of the floor. */
export type Place = { readonly x: number; readonly y: number; readonly z: number };

const SIZE: Place = { x: 17, y: 11, z: 2.9 };
/** Where the empty chair is, at the height of a head. */
const LISTENER: Place = { x: 8.2, y: 5.1, z: 1.2 };
/** What a wall, the ceiling or the floor sends back of the amplitude. */
const REFLECTION = { wall: 0.6, ceiling: 0.3, floor: 0.4 } as const;
const SOUND_METRES_PER_SECOND = 343;
/** Within this distance of the listener the direct sound is stronger than the reverberation. */
const CRITICAL_METRES = 4.5;
/** Amplitude halves with each doubling of distance, and what reaches the far field falls by this exponent besides. */
const SCREENING_EXPONENT = 0.6;

/** A sound all around the loop, and where in the room it is made. */
export type Source = { readonly sound: Float64Array; readonly place: Place };

/** A place on a circle around the listener, at a seated talker's height unless `z` says otherwise. */
export function placeAt(metres: number, degrees: number, z = 1.2): Place {
  const radians = (degrees * Math.PI) / 180;
  return { x: LISTENER.x + metres * Math.cos(radians), y: LISTENER.y + metres * Math.sin(radians), z };
}

/** What the listener hears of all sources; a source 1 m away comes directly with gain 1. */
export function hear(sources: readonly Source[], loopLength: number): Float64Array {
  const heard = new Float64Array(loopLength);
  const send = new Float64Array(loopLength);
  for (const { sound, place } of sources) {
    const metres = distance(place, LISTENER);
    const far = Math.max(1, metres / 2) ** -SCREENING_EXPONENT;
    const muffled = filterLoop(sound, lowPass(trebleLimitHz(metres)), samplesOf(0.05));
    for (const { place: image, reflection } of images(place)) {
      const path = distance(image, LISTENER);
      mixInto(heard, muffled, samplesOf(path / SOUND_METRES_PER_SECOND), (far * reflection) / path);
    }
    mixInto(send, sound, samplesOf(metres / SOUND_METRES_PER_SECOND), far / CRITICAL_METRES);
  }
  mixInto(heard, reverberate(send), 0);
  return heard;
}

/** Screens, hair and air: a talker two metres away is clear, one at the far wall has lost what is above 2 kHz. */
function trebleLimitHz(metres: number): number {
  return 1400 + 12000 / Math.max(1, metres);
}

type Image = { readonly place: Place; readonly reflection: number };

function images(place: Place): Image[] {
  return [
    { place, reflection: 1 },
    { place: { ...place, x: -place.x }, reflection: REFLECTION.wall },
    { place: { ...place, x: 2 * SIZE.x - place.x }, reflection: REFLECTION.wall },
    { place: { ...place, y: -place.y }, reflection: REFLECTION.wall },
    { place: { ...place, y: 2 * SIZE.y - place.y }, reflection: REFLECTION.wall },
    { place: { ...place, z: -place.z }, reflection: REFLECTION.floor },
    { place: { ...place, z: 2 * SIZE.z - place.z }, reflection: REFLECTION.ceiling },
  ];
}

function distance(a: Place, b: Place): number {
  return Math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2);
}

/** Delays without a common factor, between the room's shortest and longest flights: 22 to 71 ms. */
const DELAYS = [353, 431, 521, 617, 719, 839, 977, 1129] as const;
const REVERBERATION_SECONDS = 0.42;
const DAMPING_HZ = 4200;
/** The reverberation is 70 dB down when the loop comes round to hear itself. */
const REVERBERATION_MEMORY_SECONDS = 0.8;

/** The late reverberation of a loop; its impulse response has an energy of 1. */
function reverberate(send: Float64Array): Float64Array {
  const impulse = new Float64Array(samplesOf(1.5));
  impulse[0] = 1;
  const energy = impulse.map(delayNetwork()).reduce((sum, sample) => sum + sample * sample, 0);
  const filter = chain(delayNetwork(), highPass(90), (sample) => sample / Math.sqrt(energy));
  return filterLoop(send, filter, samplesOf(REVERBERATION_MEMORY_SECONDS));
}

/** Eight delay lines that feed each other through a Householder reflection, which keeps the energy; the lines lose it. */
function delayNetwork(): (sample: number) => number {
  const lines = DELAYS.map((length) => ({
    memory: new Float64Array(length),
    at: 0,
    loss: 10 ** ((-3 * length) / samplesOf(REVERBERATION_SECONDS)),
    damping: lowPass(DAMPING_HZ),
    out: 0,
  }));
  return (sample) => {
    let sum = 0;
    let output = 0;
    lines.forEach((line, i) => {
      line.out = line.damping((line.memory[line.at] ?? 0) * line.loss);
      sum += line.out;
      output += i % 2 === 0 ? line.out : -line.out;
    });
    for (const line of lines) {
      line.memory[line.at] = sample + line.out - sum / 4;
      if (++line.at === line.memory.length) line.at = 0;
    }
    return output;
  };
}
