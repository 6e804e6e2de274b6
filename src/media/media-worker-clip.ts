/** Reads the clip that the worker plays. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clip, type ClipFile, clipFromFiles, encodingsNear } from '../audio/clip.ts';
import { parseManifest } from '../audio/manifest.ts';
import { describeError } from '../base/errors.ts';
import { type Result, refused } from '../base/result.ts';

/** The clip named in `manifest.json` of `audioDir`; refused with a sentence a person can act on. */
export async function readClip(audioDir: string, name: string): Promise<Result<Clip, string>> {
  try {
    const manifest = parseManifest(await readFile(join(audioDir, 'manifest.json'), 'utf8'));
    if (!manifest.ok) return refused(`${audioDir}/manifest.json: ${manifest.problem.join('; ')}`);
    const entry = manifest.value.clips.find((clip) => clip.name === name);
    if (entry === undefined) {
      const names = manifest.value.clips.map((clip) => clip.name).join(', ');
      return refused(`no clip ${name} in ${audioDir}/manifest.json, which has ${names}`);
    }
    const files = new Map<string, ClipFile>();
    for (const { path } of encodingsNear(entry, entry.levelDbm0)) {
      const octets = await readFile(join(audioDir, path));
      files.set(path, { octets, sha256: createHash('sha256').update(octets).digest('hex') });
    }
    const clip = clipFromFiles(entry, files, entry.levelDbm0);
    return clip.ok ? clip : refused(clip.problem.join('; '));
  } catch (error) {
    return refused(describeError(error));
  }
}
