/**
 * A clip from its recipe: every file's octets and the manifest's entry, the same for the same recipe.
 *
 * The encodings are made from the master as it is written, so that whoever has the master can make them again.
 */
import { FRAME_MS, LAW_NAMES, LAWS, type LawName } from './codec.ts';
import { dbm0ToDbov, dbovToDbm0, levelDbov, peakDbov, sliceLevelsDbov } from './loudness.ts';
import type { ManifestClip } from './manifest.ts';
import { master } from './synthesis/mastering.ts';
import { openPlanOffice } from './synthesis/open-plan-office.ts';
import { MASTER_RATE_HZ, TELEPHONE_RATE_HZ, toTelephoneBand } from './telephone-band.ts';
import { encodeWav, toInt16 } from './wav.ts';

/** What decides every sample. `seconds` times 50 must be whole: a clip is whole frames. */
export type ClipRecipe = { readonly seed: number; readonly seconds: number; readonly levelDbm0: number };

/** A clip's files by manifest path, and its entry in the manifest. */
export type RenderedClip = { readonly entry: ManifestClip; readonly files: ReadonlyMap<string, Uint8Array> };

/** The recipe of the clip that Brusio ships. Of seeds 1 to 6 this one has the strongest voices in its weakest slice. */
export const OPEN_PLAN_OFFICE: ClipRecipe = { seed: 1, seconds: 40, levelDbm0: -30 };

/** Raised whenever the same recipe gives other samples. */
const GENERATOR = 'brusio-synthesis 1';
const NAME = 'open-plan-office';
const FILE_NAMES: Readonly<Record<LawName, string>> = { PCMA: 'pcma.al', PCMU: 'pcmu.ul' };
/** Peaks stay this far under −15 dBm0 before A-law and µ-law round them. */
const PEAK_DBM0 = -15.3;
const SLICE_MS = 3000;
/** A call may begin at any frame. */
const SLICE_STEP_MS = FRAME_MS;

const PROVENANCE =
  'Synthesised by this repository from the seed alone: formant synthesis of invented syllables, modelled objects and ' +
  'an artificial room. No recording was used, and no real person’s voice is in it or was a model for it.';

/** Renders the clip; `report` is told each step, `sha256` gives lower-case hexadecimal. */
export function renderClip(
  recipe: ClipRecipe,
  sha256: (octets: Uint8Array) => string,
  report: (step: string) => void,
): RenderedClip {
  const scene = openPlanOffice(recipe.seed, recipe.seconds, report);
  report('level and peaks');
  const target = { levelDbov: dbm0ToDbov(recipe.levelDbm0, 'PCMA'), peakDbov: dbm0ToDbov(PEAK_DBM0, 'PCMA') };
  const masterSamples = toInt16(master(scene, target));
  report('encodings');
  const band = toInt16(toTelephoneBand(masterSamples));
  const files = new Map<string, Uint8Array>();
  const store = (path: string, octets: Uint8Array) => {
    files.set(path, octets);
    return { path, bytes: octets.length, sha256: sha256(octets) };
  };

  const masterFile = store(`${NAME}/master.wav`, encodeWav({ sampleRateHz: MASTER_RATE_HZ, samples: masterSamples }));
  const encodings = LAW_NAMES.map((codec) => {
    const octets = LAWS[codec].encode(band);
    const file = store(`${NAME}/${FILE_NAMES[codec]}`, octets);
    return {
      ...{ codec, levelDbm0: recipe.levelDbm0, ...file, frameOctets: LAWS[codec].frameOctets },
      ...{ sampleRateHz: TELEPHONE_RATE_HZ, encoder: GENERATOR, measured: measure(LAWS[codec].decode(octets), codec) },
    };
  });
  const slices = sliceLevelsDbov(
    band,
    (SLICE_MS * TELEPHONE_RATE_HZ) / 1000,
    (SLICE_STEP_MS * TELEPHONE_RATE_HZ) / 1000,
  );
  const slicesDbm0 = slices.map((dbov) => dbovToDbm0(dbov, 'PCMA'));
  const entry: ManifestClip = {
    name: NAME,
    title: 'Open-plan office: seven people on the telephone',
    durationMs: recipe.seconds * 1000,
    frameMs: FRAME_MS,
    frames: (recipe.seconds * 1000) / FRAME_MS,
    levelDbm0: recipe.levelDbm0,
    slices: {
      sliceMs: SLICE_MS,
      lowestDbm0: hundredths(Math.min(...slicesDbm0)),
      highestDbm0: hundredths(Math.max(...slicesDbm0)),
    },
    master: {
      ...masterFile,
      sampleRateHz: MASTER_RATE_HZ,
      samples: masterSamples.length,
      levelDbov: hundredths(levelDbov(masterSamples)),
      peakDbov: hundredths(peakDbov(masterSamples)),
    },
    encodings,
    made: { generator: GENERATOR, seed: recipe.seed, command: `npm run make-ambience -- --seed ${recipe.seed}` },
    provenance: PROVENANCE,
    licence: 'MIT',
  };
  return { entry, files };
}

function measure(samples: Int16Array, codec: LawName) {
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
