/** A clip of a second for tests: frame n is filled with the octet n, in each of three codecs. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clip, ClipEncoding } from '../audio/clip.ts';
import type { CodecName } from '../audio/codec.ts';
import type { ManifestClip } from '../audio/manifest.ts';

const FRAMES = 50;
/** G.722 has no fades: its octets arrive as they are. */
const CODECS: readonly CodecName[] = ['PCMA', 'PCMU', 'G722'];
const octets = Uint8Array.from({ length: FRAMES * 160 }, (_, index) => Math.floor(index / 160));
const sha256 = createHash('sha256').update(octets).digest('hex');

/** The clip in memory. */
export function stubClip(): Clip {
  const encodings = new Map<CodecName, ClipEncoding>();
  for (const codec of CODECS) encodings.set(codec, { codec, levelDbm0: -30, octets, frameOctets: 160, sha256 });
  return { name: 'stub', title: 'Stub', durationMs: FRAMES * 20, frameCount: FRAMES, levelDbm0: -30, encodings };
}

/** The id of the clip when it is loaded. */
export const STUB_AMBIENCE = { id: 'stub', startMs: 0 } as const;

/** One listener for all of them: Node takes many for a leak. */
const folders: string[] = [];

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** The clip as a file in a folder, to be loaded; gone when the process ends. */
export function stubClips(): readonly [
  { readonly id: string; readonly folder: string; readonly entry: ManifestClip; readonly levelDbm0: number },
] {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-media-'));
  if (folders.push(folder) === 1) process.once('exit', removeFolders);
  const measured = { levelDbov: -36, levelDbm0: -30, peakDbov: -20, peakDbm0: -14 };
  const file = { bytes: octets.length, sha256, sampleRateHz: 8000 };
  const encodings = CODECS.map((codec) => {
    const path = `stub.${codec.toLowerCase()}`;
    writeFileSync(join(folder, path), octets);
    return { codec, levelDbm0: -30, path, ...file, frameOctets: 160, encoder: 'test', measured };
  });
  const entry: ManifestClip = {
    ...{ name: 'stub', title: 'Stub', durationMs: FRAMES * 20, frameMs: 20, frames: FRAMES, levelDbm0: -30 },
    slices: { sliceMs: 3000, lowestDbm0: -31, highestDbm0: -29 },
    master: { path: 'stub.wav', ...file, samples: octets.length, levelDbov: -36, peakDbov: -20 },
    encodings,
    made: { generator: 'test', seed: 1, command: 'test' },
    provenance: 'test',
    licence: 'MIT',
  };
  return [{ id: STUB_AMBIENCE.id, folder, entry, levelDbm0: -30 }];
}
