/**
 * A person's own sound as a clip: 16 kHz, the level of an ambience, a loop of whole frames, and the encodings that need no
 * other program (A-law, µ-law, G.722).
 */
import { ok, type Result, refused } from '../../base/result.ts';
import { fileStore, measuredSlices, type Sha256, storeG722, storeLaws, storeMaster } from '../clip-files.ts';
import { FRAME_MS } from '../codec.ts';
import { decodeG722Loop, encodeG722Loop } from '../g722/g722.ts';
import { limitLoop } from '../limiter.ts';
import { dbm0ToDbov, dbovToRms, levelDbov, peakDbov } from '../loudness.ts';
import type { ManifestClip } from '../manifest.ts';
import { MASTER_RATE_HZ, toTelephoneBand } from '../telephone-band.ts';
import { toInt16 } from '../wav.ts';
import { loopFindings, sourceFindings } from './findings.ts';
import type { Sound } from './read-sound.ts';
import { resample, withoutOffset } from './resample.ts';

/** What the person asks for. */
export type OwnClipRequest = {
  readonly name: string;
  readonly title: string;
  readonly levelDbm0: number;
  /** The end is blended into the beginning. */
  readonly seamless: boolean;
  /** The command as it was given, for the manifest. */
  readonly command: string;
};

/** The clip's files by manifest path, its entry, and what the person should know. */
export type OwnClip = {
  readonly entry: ManifestClip;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly findings: readonly string[];
};

/** Shorter than this, three seconds of a call could be heard twice in it. */
const SECONDS_MIN = 4;
/** Longer than this costs memory and nobody hears it. */
const SECONDS_MAX = 600;
/** How far peaks may stand over the level: under −15 dBm0 at −30 (policy of comfort noise, §5), and some for rounding. */
const CREST_DB_MAX = 14.7;
/** Under this there is nothing to be made louder. */
const LEVEL_DBOV_MIN = -70;
/** How long the end is blended into the beginning. */
const BLEND_SECONDS = 0.5;
/** Rounds of limiting and setting the level anew; two or three are usual. */
const LIMIT_ROUNDS = 8;
const FRAME_SAMPLES = (FRAME_MS * MASTER_RATE_HZ) / 1000;
/** What makes it, for the manifest. */
const GENERATOR = 'brusio clip import';

/** Makes the clip; `report` is told each step, `sha256` gives lower-case hexadecimal. Refused in words. */
export function ownClip(
  sound: Sound,
  request: OwnClipRequest,
  sha256: Sha256,
  report: (step: string) => void,
): Result<OwnClip, string> {
  const seconds = sound.samples.length / sound.sampleRateHz;
  if (seconds < SECONDS_MIN)
    return refused(`it has ${seconds.toFixed(1)} s of sound; at least ${SECONDS_MIN} s are needed`);
  if (seconds > SECONDS_MAX)
    return refused(`it has ${Math.round(seconds)} s of sound; at most ${SECONDS_MAX} s are taken`);
  report(`${seconds.toFixed(1)} s, ${sound.format}`);
  const findings = sourceFindings(sound.samples, sound.sampleRateHz);

  report(`resampling to ${MASTER_RATE_HZ} Hz`);
  const centred = withoutOffset(resample(sound.samples, sound.sampleRateHz, MASTER_RATE_HZ));
  const loop = wholeFrames(request.seamless ? blended(centred) : centred);
  if (levelDbov(toTelephoneBand(loop)) < LEVEL_DBOV_MIN)
    return refused('there is nothing to be heard in the telephone band');

  report('level and peaks');
  const levelled = atLevel(loop, request.levelDbm0);
  if (levelled.loweredDb > 1) {
    findings.push(`its peaks stood ${levelled.loweredDb.toFixed(1)} dB too high over the rest and were lowered`);
  }
  const masterSamples = toInt16(levelled.samples);
  const band = toInt16(toTelephoneBand(masterSamples));
  report('signalling tones, gaps, evenness, loop point');
  findings.push(...loopFindings(band));

  report('encodings: PCMA, PCMU, G722');
  const { name, title, levelDbm0 } = request;
  const store = fileStore(name, sha256);
  const origin = { levelDbm0, encoder: GENERATOR };
  const frames = masterSamples.length / FRAME_SAMPLES;
  const laws = storeLaws(store, band, origin);
  const wide = encodeG722Loop(masterSamples);
  const entry: ManifestClip = {
    ...{ name, title, durationMs: frames * FRAME_MS, frameMs: FRAME_MS, frames, levelDbm0 },
    slices: measuredSlices(band),
    master: storeMaster(store, masterSamples),
    encodings: [...laws, storeG722(store, wide, decodeG722Loop(wide), origin)],
    made: { generator: GENERATOR, seed: null, command: request.command },
    provenance: `Imported from a file of the user's own (${sound.format}).`,
    licence: "the user's own",
  };
  return ok({ entry, files: store.files, findings });
}

function wholeFrames(samples: Float64Array): Float64Array {
  return samples.slice(0, samples.length - (samples.length % FRAME_SAMPLES));
}

/** The last half second blended into the first, of equal power: the loop is that much shorter, and has no seam. */
function blended(samples: Float64Array): Float64Array {
  const blend = BLEND_SECONDS * MASTER_RATE_HZ;
  // Whole frames, so that nothing is cut off behind the blend.
  const length = samples.length - blend - ((samples.length - blend) % FRAME_SAMPLES);
  return Float64Array.from({ length }, (_, i) => {
    if (i >= blend) return samples[i] ?? 0;
    const turn = (Math.PI / 2) * ((i + 0.5) / blend);
    return (samples[i] ?? 0) * Math.sin(turn) + (samples[length + i] ?? 0) * Math.cos(turn);
  });
}

/** The loop at the level, in the telephone band, its peaks under the crest that is allowed. */
function atLevel(loop: Float64Array, levelDbm0: number): { samples: Float64Array; loweredDb: number } {
  const targetDbov = dbm0ToDbov(levelDbm0, 'PCMA');
  let samples = loop;
  let loweredDb = 0;
  for (let round = 0; round < LIMIT_ROUNDS; round++) {
    const band = toTelephoneBand(samples);
    const gain = 10 ** ((targetDbov - levelDbov(band)) / 20);
    samples = samples.map((sample) => sample * gain);
    const overDb = peakDbov(band) + 20 * Math.log10(gain) - (targetDbov + CREST_DB_MAX);
    if (round === 0) loweredDb = Math.max(0, overDb);
    if (overDb <= 0) break;
    // The band's filter overshoots what is limited before it.
    samples = limitLoop(samples, dbovToRms(targetDbov + CREST_DB_MAX) * 0.97 ** (round + 1), MASTER_RATE_HZ);
  }
  return { samples, loweredDb };
}
