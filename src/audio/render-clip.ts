/**
 * A clip from its recipe: every file's octets and the manifest's entry, the same for the same recipe on every machine.
 *
 * The encodings are made from the master as it is written, so that whoever has the master can make them again.
 */

import { assert } from '../base/assert.ts';
import { type ClipRecipe, FOREIGN_LEVELS_DBM0 } from './clip-recipes.ts';
import { CODECS, type CodecName, FRAME_MS, LAW_NAMES, LAWS } from './codec.ts';
import { type EncodingFit, fitEncoding, type LoopCodec } from './fit-encoding.ts';
import { decodeG722Loop, encodeG722Loop } from './g722/g722.ts';
import { calmestPlace } from './loop-seam.ts';
import { dbm0ToDbov, dbovToDbm0, levelDbov, peakDbov, sliceLevelsDbov } from './loudness.ts';
import type { ManifestClip, ManifestEncoding } from './manifest.ts';
import { master } from './synthesis/mastering.ts';
import { renderScene } from './synthesis/office-scene.ts';
import { MASTER_RATE_HZ, TELEPHONE_RATE_HZ, toTelephoneBand } from './telephone-band.ts';
import { decodeWav, encodeWav, toInt16 } from './wav.ts';

/** A clip's files by manifest path, and its entry in the manifest. */
export type RenderedClip = { readonly entry: ManifestClip; readonly files: ReadonlyMap<string, Uint8Array> };

/** A codec of another program, with which a clip is encoded at each of `FOREIGN_LEVELS_DBM0`. */
export type ForeignCodec = LoopCodec & {
  /** The program or library with its version. */
  readonly encoder: string;
};

/** What rendering needs of its surroundings: a hash in lower-case hexadecimal, somebody who is told each step. */
export type RenderTools = {
  readonly sha256: (octets: Uint8Array) => string;
  readonly report: (step: string) => void;
};

/** Raised whenever the same recipe gives other samples. */
const GENERATOR = 'brusio-synthesis 2';
/** How far peaks may stand over the level: −15 dBm0 at −30 dBm0, and room for the laws' rounding. */
const MASTER_CREST_DB = 14.7;
/** The same of what is decoded, where the level is fitted after decoding. */
const DECODED_CREST_DB = 14.95;
/** Of both laws and of G.722 at 64 kbit/s. */
const FRAME_OCTETS = 160;
const SLICE_MS = 3000;
/** A call may begin at any frame. */
const SLICE_STEP_MS = FRAME_MS;

const PROVENANCE =
  'Synthesised by this repository from the seed alone: formant synthesis of invented syllables, modelled objects and ' +
  'an artificial room. No recording was used, and no real person’s voice is in it or was a model for it.';

const G722: LoopCodec = {
  ...{ name: 'G722', sampleRateHz: MASTER_RATE_HZ },
  ...{ encode: encodeG722Loop, decode: decodeG722Loop },
};

/** Renders a clip: its master, and the encodings that this program makes itself, at the recipe's level. */
export function renderClip(recipe: ClipRecipe, { sha256, report }: RenderTools): RenderedClip {
  const { name, title, scene, seed, seconds, levelDbm0 } = recipe;
  const sound = renderScene(scene, seed, seconds, report);
  report('level and peaks');
  const peakDbm0 = levelDbm0 + MASTER_CREST_DB;
  const target = { levelDbov: dbm0ToDbov(levelDbm0, 'PCMA'), peakDbov: dbm0ToDbov(peakDbm0, 'PCMA') };
  const samples = beginningCalmly(toInt16(master(sound, target)));
  const band = toInt16(toTelephoneBand(samples));
  report('PCMA, PCMU, G722');
  const store = fileStore(sha256);
  const masterFile = store.add(`${name}/master.wav`, encodeWav({ sampleRateHz: MASTER_RATE_HZ, samples }));
  const laws = LAW_NAMES.map((codec) => {
    const octets = LAWS[codec].encode(band);
    const file = store.add(`${name}/${codec === 'PCMA' ? 'pcma.al' : 'pcmu.ul'}`, octets);
    return ownEncoding(codec, levelDbm0, file, LAWS[codec].decode(octets));
  });
  const wide = fitEncoding(samples, G722, levelDbm0, DECODED_CREST_DB);
  const g722 = ownEncoding('G722', levelDbm0, store.add(`${name}/g722.g722`, wide.octets), wide.decoded);
  const entry: ManifestClip = {
    ...{ name, title, durationMs: seconds * 1000, frameMs: FRAME_MS, frames: (seconds * 1000) / FRAME_MS, levelDbm0 },
    slices: measureSlices(band),
    master: {
      ...masterFile,
      ...{ sampleRateHz: MASTER_RATE_HZ, samples: samples.length },
      ...{ levelDbov: hundredths(levelDbov(samples)), peakDbov: hundredths(peakDbov(samples)) },
    },
    encodings: [...laws, g722],
    made: { generator: GENERATOR, seed, command: `npm run make-ambience -- --clip ${name} --seed ${seed}` },
    provenance: PROVENANCE,
    licence: 'MIT',
  };
  return { entry, files: store.files };
}

/** The clip with an encoding more for each of `FOREIGN_LEVELS_DBM0`, made by another program from the clip's own files. */
export function addForeignEncodings(
  { entry, files }: RenderedClip,
  codec: ForeignCodec,
  { sha256, report }: RenderTools,
): RenderedClip {
  const masterOctets = files.get(entry.master.path);
  assert(masterOctets !== undefined, `clip ${entry.name} has no master`);
  const wav = decodeWav(masterOctets);
  assert(wav.ok, `the master of ${entry.name} cannot be read`);
  const wide = codec.sampleRateHz === MASTER_RATE_HZ;
  const loop = wide ? wav.value.samples : toInt16(toTelephoneBand(wav.value.samples));
  const store = fileStore(sha256);
  let fit: EncodingFit | undefined;
  const encodings = FOREIGN_LEVELS_DBM0.map((levelDbm0): ManifestEncoding => {
    report(`${codec.name} at ${levelDbm0} dBm0`);
    const { octets, decoded, fit: fitted } = fitEncoding(loop, codec, levelDbm0, DECODED_CREST_DB, fit);
    fit = fitted;
    const file = store.add(`${entry.name}/${codec.name.toLowerCase()}-m${-levelDbm0}.frames`, octets);
    return {
      ...{ codec: codec.name, levelDbm0, ...file, frameOctets: octets.length / entry.frames },
      ...{ sampleRateHz: codec.sampleRateHz, encoder: codec.encoder, masterSha256: entry.master.sha256 },
      measured: measure(decoded, codec.name),
    };
  });
  return {
    entry: { ...entry, encodings: [...entry.encodings, ...encodings] },
    files: new Map([...files, ...store.files]),
  };
}

/** The same loop, begun where one would least notice. */
function beginningCalmly(loop: Int16Array): Int16Array {
  const at = (calmestPlace(toTelephoneBand(loop)) * MASTER_RATE_HZ) / TELEPHONE_RATE_HZ;
  return Int16Array.from({ length: loop.length }, (_, i) => loop[(at + i) % loop.length] ?? 0);
}

type StoredFile = { readonly path: string; readonly bytes: number; readonly sha256: string };

/** Files by path, each of which is told back as the manifest names it. */
function fileStore(sha256: RenderTools['sha256']) {
  const files = new Map<string, Uint8Array>();
  const add = (path: string, octets: Uint8Array): StoredFile => {
    files.set(path, octets);
    return { path, bytes: octets.length, sha256: sha256(octets) };
  };
  return { files, add };
}

function ownEncoding(codec: CodecName, levelDbm0: number, file: StoredFile, decoded: Int16Array): ManifestEncoding {
  return {
    ...{ codec, levelDbm0, ...file, frameOctets: FRAME_OCTETS, sampleRateHz: CODECS[codec].sampleRateHz },
    ...{ encoder: GENERATOR, measured: measure(decoded, codec) },
  };
}

/** The softest and the loudest slice of the loop in the telephone band, beginning at any frame. */
function measureSlices(band: Int16Array): ManifestClip['slices'] {
  const [length, step] = [SLICE_MS, SLICE_STEP_MS].map((ms) => (ms * TELEPHONE_RATE_HZ) / 1000) as [number, number];
  const levels = sliceLevelsDbov(band, length, step).map((dbov) => dbovToDbm0(dbov, 'PCMA'));
  return {
    sliceMs: SLICE_MS,
    lowestDbm0: hundredths(Math.min(...levels)),
    highestDbm0: hundredths(Math.max(...levels)),
  };
}

function measure(samples: Int16Array, codec: CodecName) {
  const [level, peak] = [levelDbov(samples), peakDbov(samples)];
  return {
    levelDbov: hundredths(level),
    levelDbm0: hundredths(dbovToDbm0(level, codec)),
    peakDbov: hundredths(peak),
    peakDbm0: hundredths(dbovToDbm0(peak, codec)),
  };
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
