/** A clip of a second for tests: frame n is filled with the octet n, in each of three codecs. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clip, ClipEncoding } from '../audio/clip.ts';
import type { CodecName } from '../audio/codec.ts';

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

/** The clip as a folder with a manifest, gone when the process ends; the folder's path. */
export function stubAudioDir(): string {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-media-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const levels = { levelDbov: -36, levelDbm0: -30, peakDbov: -20, peakDbm0: -14 };
  const shape = { sampleRateHz: 8000, samples: octets.length };
  const encodings = CODECS.map((codec) => {
    const path = `stub.${codec.toLowerCase()}`;
    writeFileSync(join(folder, path), octets);
    return {
      ...{ codec, levelDbm0: -30, path, bytes: octets.length, sha256, frameOctets: 160, sampleRateHz: 8000 },
      ...{ encoder: 'test', measured: levels },
    };
  });
  const clip = {
    ...{ name: 'stub', title: 'Stub', durationMs: FRAMES * 20, frameMs: 20, frames: FRAMES, levelDbm0: -30 },
    slices: { sliceMs: 3000, lowestDbm0: -31, highestDbm0: -29 },
    master: { path: 'stub.wav', bytes: 1, sha256, ...shape, levelDbov: -36, peakDbov: -20 },
    encodings,
    made: { generator: 'test', seed: 1, command: 'test' },
    provenance: 'test',
    licence: 'MIT',
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ version: 2, clips: [clip] }));
  return folder;
}
