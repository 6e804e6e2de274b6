/**
 * Loads the clips that the settings name, each once: the threads of the media plane share their octets' memory, and never
 * write to it.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clip, type ClipEncoding, type ClipFile, clipFromFiles, encodingsNear } from '../audio/clip.ts';
import type { CodecName } from '../audio/codec.ts';
import type { ManifestClip } from '../audio/manifest.ts';
import { describeError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';

/** A clip to be loaded at a level. */
export type ClipSource = {
  /** Names it to who plays it. */
  readonly id: string;
  /** Where the paths in `entry` begin. */
  readonly folder: string;
  readonly entry: ManifestClip;
  readonly levelDbm0: number;
  /** Those of its files that are in memory already, by their paths. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
};

/** Clips by the id of their source. */
export type ClipLibrary = ReadonlyMap<string, Clip>;

/** The clips of every source; refused with a sentence a person can act on. */
export async function loadClips(sources: readonly ClipSource[]): Promise<Result<ClipLibrary, string>> {
  const library = new Map<string, Clip>();
  for (const source of sources) {
    const clip = await loadClip(source);
    if (!clip.ok) return refused(`${source.folder}: ${clip.problem}`);
    library.set(source.id, shared(clip.value));
  }
  return ok(library);
}

async function loadClip({ folder, entry, levelDbm0, files: ready }: ClipSource): Promise<Result<Clip, string>> {
  const files = new Map<string, ClipFile>();
  try {
    for (const { path } of encodingsNear(entry, levelDbm0)) {
      const octets = ready?.get(path) ?? (await readFile(join(folder, path)));
      files.set(path, { octets, sha256: createHash('sha256').update(octets).digest('hex') });
    }
  } catch (error) {
    return refused(describeError(error));
  }
  const clip = clipFromFiles(entry, files, levelDbm0);
  return clip.ok ? clip : refused(clip.problem.join('; '));
}

/** The same clip in memory that crosses to a thread without being copied. */
function shared(clip: Clip): Clip {
  const encodings = new Map<CodecName, ClipEncoding>();
  for (const [codec, encoding] of clip.encodings) {
    const octets = new Uint8Array(new SharedArrayBuffer(encoding.octets.length));
    octets.set(encoding.octets);
    encodings.set(codec, { ...encoding, octets });
  }
  return { ...clip, encodings };
}
