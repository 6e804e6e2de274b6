/**
 * A clip from its recipe: every file's octets and the manifest's entry, the same for the same recipe on every machine.
 *
 * The encodings are made from the master as it is written, so that whoever has the master can make them again.
 */

import { assert } from '../base/assert.ts';
import { fileStore, measured, measuredSlices, type Sha256, storeG722, storeLaws, storeMaster } from './clip-files.ts';
import { type ClipRecipe, FOREIGN_LEVELS_DBM0 } from './clip-recipes.ts';
import { FRAME_MS } from './codec.ts';
import { type EncodingFit, fitEncoding, type LoopCodec } from './fit-encoding.ts';
import { decodeG722Loop, encodeG722Loop } from './g722/g722.ts';
import { calmestPlace } from './loop-seam.ts';
import { dbm0ToDbov } from './loudness.ts';
import type { ManifestClip, ManifestEncoding } from './manifest.ts';
import { master } from './synthesis/mastering.ts';
import { renderScene } from './synthesis/office-scene.ts';
import { MASTER_RATE_HZ, TELEPHONE_RATE_HZ, toTelephoneBand } from './telephone-band.ts';
import { decodeWav, toInt16 } from './wav.ts';

/** A clip's files by manifest path, and its entry in the manifest. */
export type RenderedClip = { readonly entry: ManifestClip; readonly files: ReadonlyMap<string, Uint8Array> };

/** A codec of another program, with which a clip is encoded at each of `FOREIGN_LEVELS_DBM0`. */
export type ForeignCodec = LoopCodec & {
  /** The program or library with its version. */
  readonly encoder: string;
  /** What is wrong with a decoded loop, in the telephone band, besides level and peaks: a sentence each. */
  readonly faults: (band: Int16Array) => readonly string[];
};

/** What rendering needs of its surroundings: a hash in lower-case hexadecimal, somebody who is told each step. */
export type RenderTools = {
  readonly sha256: Sha256;
  readonly report: (step: string) => void;
};

/** Raised whenever the same recipe gives other samples. */
const GENERATOR = 'brusio-synthesis 3';
/** How far peaks may stand over the level: −15 dBm0 at −30 dBm0, and room for the laws' rounding. */
const MASTER_CREST_DB = 14.7;
/** The same of what is decoded, where the level is fitted after decoding. */
const DECODED_CREST_DB = 14.95;

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
  const store = fileStore(name, sha256);
  const origin = { levelDbm0, encoder: GENERATOR };
  const masterEntry = storeMaster(store, samples);
  const laws = storeLaws(store, band, origin);
  const wide = fitEncoding(samples, G722, { levelDbm0, crestDb: DECODED_CREST_DB });
  const g722 = storeG722(store, wide.octets, wide.decoded, origin);
  const entry: ManifestClip = {
    ...{ name, title, durationMs: seconds * 1000, frameMs: FRAME_MS, frames: (seconds * 1000) / FRAME_MS, levelDbm0 },
    slices: measuredSlices(band),
    master: masterEntry,
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
  const store = fileStore(entry.name, sha256);
  let fit: EncodingFit | undefined;
  const encodings = FOREIGN_LEVELS_DBM0.map((levelDbm0): ManifestEncoding => {
    report(`${codec.name} at ${levelDbm0} dBm0`);
    const target = { levelDbm0, crestDb: DECODED_CREST_DB, faults: codec.faults };
    const { octets, decoded, fit: fitted } = fitEncoding(loop, codec, target, fit);
    fit = fitted;
    const file = store.add(`${codec.name.toLowerCase()}-m${-levelDbm0}.frames`, octets);
    return {
      ...{ codec: codec.name, levelDbm0, ...file, frameOctets: octets.length / entry.frames },
      ...{ sampleRateHz: codec.sampleRateHz, encoder: codec.encoder, masterSha256: entry.master.sha256 },
      measured: measured(decoded, codec.name),
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
