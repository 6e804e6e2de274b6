/** A clip as it is stored: its files, and what the manifest tells of them. */
import { CODECS, type CodecName, FRAME_MS, LAW_NAMES, LAWS } from './codec.ts';
import { dbovToDbm0, levelDbov, peakDbov, sliceLevelsDbov } from './loudness.ts';
import type { ManifestClip, ManifestEncoding } from './manifest.ts';
import { MASTER_RATE_HZ, TELEPHONE_RATE_HZ } from './telephone-band.ts';
import { encodeWav } from './wav.ts';

/** A hash in lower-case hexadecimal. */
export type Sha256 = (octets: Uint8Array) => string;

/** A file as the manifest names it. */
export type StoredFile = { readonly path: string; readonly bytes: number; readonly sha256: string };

/** Files by manifest path, in one folder. */
export type FileStore = {
  readonly files: ReadonlyMap<string, Uint8Array>;
  add(file: string, octets: Uint8Array): StoredFile;
};

/** Said of an encoding beside what it measures: the level that was wanted, and the program that made it. */
export type EncodingOrigin = { readonly levelDbm0: number; readonly encoder: string };

/** Over so many milliseconds the level is to be even. */
const SLICE_MS = 3000;
/** A call may begin at any frame. */
const SLICE_STEP_MS = FRAME_MS;
/** Of both laws and of G.722 at 64 kbit/s. */
const FRAME_OCTETS = 160;

/** An empty folder. */
export function fileStore(folder: string, sha256: Sha256): FileStore {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    add(file, octets) {
      const path = `${folder}/${file}`;
      files.set(path, octets);
      return { path, bytes: octets.length, sha256: sha256(octets) };
    },
  };
}

/** Stores the master. */
export function storeMaster(store: FileStore, samples: Int16Array): ManifestClip['master'] {
  return {
    ...store.add('master.wav', encodeWav({ sampleRateHz: MASTER_RATE_HZ, samples })),
    ...{ sampleRateHz: MASTER_RATE_HZ, samples: samples.length },
    ...{ levelDbov: hundredths(levelDbov(samples)), peakDbov: hundredths(peakDbov(samples)) },
  };
}

/** Stores both laws of a loop in the telephone band. */
export function storeLaws(store: FileStore, band: Int16Array, origin: EncodingOrigin): ManifestEncoding[] {
  return LAW_NAMES.map((codec) => {
    const octets = LAWS[codec].encode(band);
    const file = store.add(codec === 'PCMA' ? 'pcma.al' : 'pcmu.ul', octets);
    return ownEncoding(codec, file, LAWS[codec].decode(octets), origin);
  });
}

/** Stores the loop in G.722; `decoded` is what is heard of it. */
export function storeG722(
  store: FileStore,
  octets: Uint8Array,
  decoded: Int16Array,
  origin: EncodingOrigin,
): ManifestEncoding {
  return ownEncoding('G722', store.add('g722.g722', octets), decoded, origin);
}

function ownEncoding(
  codec: CodecName,
  file: StoredFile,
  decoded: Int16Array,
  { levelDbm0, encoder }: EncodingOrigin,
): ManifestEncoding {
  return {
    ...{ codec, levelDbm0, ...file, frameOctets: FRAME_OCTETS, sampleRateHz: CODECS[codec].sampleRateHz },
    ...{ encoder, measured: measured(decoded, codec) },
  };
}

/** The softest and the loudest slice of a loop in the telephone band, beginning at any frame. */
export function measuredSlices(band: Int16Array): ManifestClip['slices'] {
  const [length, step] = [SLICE_MS, SLICE_STEP_MS].map((ms) => (ms * TELEPHONE_RATE_HZ) / 1000) as [number, number];
  const levels = sliceLevelsDbov(band, length, step).map((dbov) => dbovToDbm0(dbov, 'PCMA'));
  return {
    sliceMs: SLICE_MS,
    lowestDbm0: hundredths(Math.min(...levels)),
    highestDbm0: hundredths(Math.max(...levels)),
  };
}

/** Level and peak of what is decoded. */
export function measured(samples: Int16Array, codec: CodecName): ManifestEncoding['measured'] {
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
