/**
 * What an ambience must measure before it is shipped (policy of comfort noise, §5): level and peaks, an even level and
 * talk in every three seconds, no signalling tone, a seam that is not heard.
 */
import { syllabicModulation, VOICE_HOP_MS, voicedFrames, voicedShares } from './babble-meter.ts';
import type { CodecName } from './codec.ts';
import { seamProblems } from './loop-seam.ts';
import { dbovToDbm0, levelDbov, loopSlice, peakDbov, sliceLevelsDbov } from './loudness.ts';
import { hearSignallingTones, nearestTone } from './signalling-tones.ts';
import { TELEPHONE_RATE_HZ } from './telephone-band.ts';

/** What a loop in the telephone band measures. */
export type LoopMeasures = {
  readonly levelDbm0: number;
  readonly peakDbm0: number;
  /** The softest and the loudest three seconds, at whichever frame they begin. */
  readonly sliceLowestDbm0: number;
  readonly sliceHighestDbm0: number;
  /** Of the three seconds with least of it: `syllabicModulation` and `voicedShares`. */
  readonly modulationLeast: number;
  readonly voicedShareLeast: number;
  readonly tones: readonly string[];
  /** `nearestTone`'s length as a share of what is a tone. */
  readonly toneNearness: number;
  readonly seam: readonly string[];
};

/** A call hears no more than this. */
const SLICE_SECONDS = 3;
/** How far a slice's level may be from the loop's. */
export const SLICE_DEVIATION_DB_MAX = 3;
/** How far peaks may stand over −30 dBm0, and over any other level. */
const CREST_DB_MAX = 15;
/** More than noise of a clip's own spectrum has in any three seconds: 0.05 to 0.13. */
const MODULATION_MIN = 0.14;
/** Of the frames; steady noise of speech's spectrum has 0 to 0.15. */
const VOICED_SHARE_MIN = 0.35;
/**
 * The limits of a loop that is given to coders of speech at 8 or 16 kbit/s. What these made of the shipped clips had tones up to
 * 30 ms longer, and up to a tenth of all frames were voiced no more.
 */
const CODED = { modulationMin: 0.155, voicedShareMin: 0.41, toneNearnessMax: 0.82 } as const;

/** Measures a loop of samples at 8 kHz, at least three seconds of it. */
export function measureLoop(loop: Int16Array, codec: CodecName): LoopMeasures {
  const toDbm0 = (dbov: number) => dbovToDbm0(dbov, codec);
  const length = SLICE_SECONDS * TELEPHONE_RATE_HZ;
  const levels = sliceLevelsDbov(loop, length, TELEPHONE_RATE_HZ / 50).map(toDbm0);
  const starts = Array.from({ length: (2 * loop.length) / TELEPHONE_RATE_HZ }, (_, i) => (i * TELEPHONE_RATE_HZ) / 2);
  const slices = starts.map((start) => loopSlice(loop, start, length));
  const voiced = voicedFrames(loop, TELEPHONE_RATE_HZ);
  // A slice more, so that a tone across the seam is heard whole.
  const round = Int16Array.from({ length: loop.length + length }, (_, i) => loop[i % loop.length] ?? 0);
  return {
    levelDbm0: toDbm0(levelDbov(loop)),
    peakDbm0: toDbm0(peakDbov(loop)),
    sliceLowestDbm0: Math.min(...levels),
    sliceHighestDbm0: Math.max(...levels),
    modulationLeast: Math.min(...slices.map((slice) => syllabicModulation(slice, TELEPHONE_RATE_HZ))),
    voicedShareLeast: Math.min(...voicedShares(voiced, (SLICE_SECONDS * 1000) / VOICE_HOP_MS, 1)),
    tones: hearSignallingTones(round).map(({ name, atMs, lengthMs }) => `${name} at ${atMs} ms for ${lengthMs} ms`),
    toneNearness: nearestTone(round)?.nearness ?? 0,
    seam: seamProblems(loop),
  };
}

/** Why a loop may not be shipped, a sentence each; none when it may. */
export function loopFaults(measures: LoopMeasures): string[] {
  const { levelDbm0, peakDbm0, sliceLowestDbm0, sliceHighestDbm0, modulationLeast, voicedShareLeast } = measures;
  const faults: string[] = [];
  if (peakDbm0 >= levelDbm0 + CREST_DB_MAX) faults.push(`a peak at ${peakDbm0.toFixed(2)} dBm0`);
  if (sliceLowestDbm0 < levelDbm0 - SLICE_DEVIATION_DB_MAX) faults.push(`3 s at ${sliceLowestDbm0.toFixed(2)} dBm0`);
  if (sliceHighestDbm0 > levelDbm0 + SLICE_DEVIATION_DB_MAX) faults.push(`3 s at ${sliceHighestDbm0.toFixed(2)} dBm0`);
  if (modulationLeast < MODULATION_MIN) faults.push(`3 s without syllables, modulation ${modulationLeast.toFixed(2)}`);
  if (voicedShareLeast < VOICED_SHARE_MIN) faults.push(`3 s without voices, ${voicedShareLeast.toFixed(2)} voiced`);
  return [...faults, ...measures.tones, ...measures.seam];
}

/** Why a loop may not be given to coders that change it: it is so near to a limit that what they make would be over it. */
export function sourceFaults(measures: LoopMeasures): string[] {
  const { modulationLeast, voicedShareLeast, toneNearness } = measures;
  const faults = loopFaults(measures);
  if (modulationLeast < CODED.modulationMin)
    faults.push(`too few syllables to be coded: ${modulationLeast.toFixed(3)}`);
  if (voicedShareLeast < CODED.voicedShareMin)
    faults.push(`too few voices to be coded: ${voicedShareLeast.toFixed(3)}`);
  if (toneNearness > CODED.toneNearnessMax) faults.push(`${toneNearness.toFixed(2)} of a tone, too much to be coded`);
  return faults;
}
