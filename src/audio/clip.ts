/**
 * An ambience clip as the media plane plays it: for each codec one block of whole 20 ms frames, a loop without a seam.
 */
import { assert } from '../base/assert.ts';
import { ok, type Result, refused } from '../base/result.ts';
import { CODEC_NAMES, type CodecName, FRAME_MS, isLaw, LAWS, type Law, type LawName } from './codec.ts';
import { decodeG722Loop, encodeG722Loop } from './g722/g722.ts';
import { dbovToDbm0, levelDbov } from './loudness.ts';
import type { ManifestClip, ManifestEncoding } from './manifest.ts';

/** A clip in one codec. `octets` holds `frameCount` frames end to end and is never written to. */
export type ClipEncoding = {
  readonly codec: CodecName;
  /** What it plays at: the level asked for, or the nearest that there is a file of. */
  readonly levelDbm0: number;
  readonly octets: Uint8Array;
  readonly frameOctets: number;
  /** The file's hash as records name it; of the file as shipped, also when the clip was set to another level. */
  readonly sha256: string;
};

/** A clip in every codec it was made for, at one level. The frames of all encodings are the same sound. */
export type Clip = {
  readonly name: string;
  readonly title: string;
  readonly durationMs: number;
  readonly frameCount: number;
  readonly levelDbm0: number;
  readonly encodings: ReadonlyMap<CodecName, ClipEncoding>;
};

/** A file of a clip as the caller read it: its octets, and the SHA-256 of them in lower-case hexadecimal. */
export type ClipFile = { readonly octets: Uint8Array; readonly sha256: string };

/** The lowest level an ambience may be set to: below, a network's own noise covers it. */
export const LEVEL_DBM0_MIN = -36;

/** The highest level an ambience may be set to: above, it competes with an agent's voice. */
export const LEVEL_DBM0_MAX = -26;

/** The encodings that a clip at a level is made from: of each codec the one nearest to it, of two as near the lower. */
export function encodingsNear(entry: ManifestClip, levelDbm0: number): readonly ManifestEncoding[] {
  const distance = (one: ManifestEncoding) =>
    Math.abs(one.levelDbm0 - levelDbm0) + (one.levelDbm0 > levelDbm0 ? 0.1 : 0);
  return CODEC_NAMES.flatMap((codec) =>
    entry.encodings
      .filter((one) => one.codec === codec)
      .sort((a, b) => distance(a) - distance(b))
      .slice(0, 1),
  );
}

/**
 * The clip of a manifest's entry at a level, `LEVEL_DBM0_MIN` to `LEVEL_DBM0_MAX`, from the files of `encodingsNear` by
 * their manifest path. A-law, µ-law and G.722 are set to the level exactly; other codecs are as near as their files are.
 * Refused, with a sentence for each problem, when a file is missing or is not the one the manifest describes.
 */
export function clipFromFiles(
  entry: ManifestClip,
  files: ReadonlyMap<string, ClipFile>,
  levelDbm0: number,
): Result<Clip, readonly string[]> {
  const isInRange = levelDbm0 >= LEVEL_DBM0_MIN && levelDbm0 <= LEVEL_DBM0_MAX;
  assert(isInRange || entry.use === 'announcement', `ambience level ${levelDbm0} dBm0 out of range`);
  const near = encodingsNear(entry, levelDbm0);
  const problems = [...lengthProblems(entry), ...near.flatMap((one) => fileProblems(entry, one, files))];
  if (problems.length > 0) return refused(problems);
  const encodings = new Map<CodecName, ClipEncoding>();
  for (const { codec, levelDbm0: fileDbm0, path, frameOctets, sha256 } of near) {
    const octets = files.get(path)?.octets ?? new Uint8Array();
    const encoding = { codec, levelDbm0: fileDbm0, octets, frameOctets, sha256 };
    encodings.set(codec, atLevel(encoding, levelDbm0));
  }
  const { name, title, durationMs, frames } = entry;
  return ok({ name, title, durationMs, frameCount: frames, levelDbm0, encodings });
}

/** Which codecs a clip can be played in, in the order of `CODEC_NAMES`. */
export function clipCodecs(clip: Pick<ManifestClip, 'encodings'>): readonly CodecName[] {
  return CODEC_NAMES.filter((name) => clip.encodings.some(({ codec }) => codec === name));
}

/** A clip's encoding for a codec; asking for one that it has not is our bug, since offers are cut to `clipCodecs`. */
export function clipEncoding(clip: Clip, codec: CodecName): ClipEncoding {
  const encoding = clip.encodings.get(codec);
  assert(encoding !== undefined, `clip ${clip.name} has no ${codec} encoding`);
  return encoding;
}

/**
 * Where frame `index` begins in `octets`, counted from any start, around the loop: frame `frameCount` is frame 0 again.
 * For the hot path, which copies `frameOctets` octets from there into its packet without making a view.
 */
export function frameOffset(encoding: ClipEncoding, index: number): number {
  return (index * encoding.frameOctets) % encoding.octets.length;
}

/** Frame `index`, around the loop, as a view of `octets`. */
export function frameAt(encoding: ClipEncoding, index: number): Uint8Array {
  const offset = frameOffset(encoding, index);
  return encoding.octets.subarray(offset, offset + encoding.frameOctets);
}

/** The frame that plays `atMs` after the beginning, around the loop. */
export function frameAtMs(clip: Clip, atMs: number): number {
  return Math.floor(atMs / FRAME_MS) % clip.frameCount;
}

/** A law's level measured: for tests and for the line that says what is played. */
export function measuredLevelDbm0(encoding: ClipEncoding, law: LawName): number {
  return dbovToDbm0(levelDbov(LAWS[law].decode(encoding.octets)), law);
}

/** An encoding at another level, where there is an encoder for it. */
function atLevel(encoding: ClipEncoding, levelDbm0: number): ClipEncoding {
  const { codec, octets } = encoding;
  if (levelDbm0 === encoding.levelDbm0) return encoding;
  const gain = 10 ** ((levelDbm0 - encoding.levelDbm0) / 20);
  if (isLaw(codec)) return { ...encoding, levelDbm0, octets: lawScaled(octets, LAWS[codec], gain) };
  if (codec === 'G722') {
    return { ...encoding, levelDbm0, octets: encodeG722Loop(scaled(decodeG722Loop(octets), gain)) };
  }
  return encoding;
}

/** Each octet decoded, scaled and encoded again: a table. The second quantisation is some 35 dB below the ambience. */
function lawScaled(octets: Uint8Array, { encode, decode }: Law, gain: number): Uint8Array {
  const table = encode(scaled(decode(Uint8Array.from({ length: 256 }, (_, octet) => octet)), gain));
  return octets.map((octet) => table[octet] ?? 0);
}

function scaled(samples: Int16Array, gain: number): Int16Array {
  return samples.map((sample) => Math.max(-32768, Math.min(32767, Math.round(sample * gain))));
}

function lengthProblems(entry: ManifestClip): string[] {
  if (entry.frames * FRAME_MS === entry.durationMs) return [];
  return [`${entry.name}: ${entry.durationMs} ms are not ${entry.frames} frames of ${FRAME_MS} ms`];
}

function fileProblems(entry: ManifestClip, encoding: ManifestEncoding, files: ReadonlyMap<string, ClipFile>): string[] {
  const place = `${entry.name} ${encoding.codec} (${encoding.path})`;
  const file = files.get(encoding.path);
  if (file === undefined) return [`${place}: the file is missing`];
  const octetsExpected = entry.frames * encoding.frameOctets;
  if (file.octets.length !== octetsExpected) return [`${place}: ${file.octets.length} octets of ${octetsExpected}`];
  if (file.sha256 !== encoding.sha256) return [`${place}: SHA-256 ${file.sha256} instead of ${encoding.sha256}`];
  return [];
}
