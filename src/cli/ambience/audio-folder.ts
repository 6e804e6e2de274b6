/** The folder of the clips: what is there, what is written into it, and whether the two are the same. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CLIP_RECIPES, FOREIGN_LEVELS_DBM0 } from '../../audio/clip-recipes.ts';
import type { CodecName } from '../../audio/codec.ts';
import { type Manifest, type ManifestClip, type ManifestEncoding, parseManifest } from '../../audio/manifest.ts';
import type { RenderedClip } from '../../audio/render-clip.ts';
import type { Result } from '../../base/result.ts';

const MANIFEST = 'manifest.json';
const FOREIGN: readonly CodecName[] = ['opus', 'G729'];

/** What the manifest says. */
export type AudioFolder = { readonly manifest: Result<Manifest, readonly string[]> };

/** What a folder holds; without a manifest, or with one that cannot be read, problems. */
export async function readAudioFolder(folder: string): Promise<AudioFolder> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch(() => '');
  return { manifest: parseManifest(text) };
}

/** Writes the clips' files and a manifest of them and of the clips that were there besides. */
export async function writeAudioFolder(
  folder: string,
  there: AudioFolder,
  rendered: readonly RenderedClip[],
  report: (step: string) => void,
): Promise<void> {
  const kept = there.manifest.ok ? there.manifest.value.clips : [];
  const clips = mergedClips(kept, rendered);
  for (const [path, octets] of rendered.flatMap(({ files }) => [...files])) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), octets);
  }
  const paths = new Set(filesOf(clips).map(({ path }) => path));
  for (const { path } of filesOf(kept)) if (!paths.has(path)) await rm(join(folder, path), { force: true });
  await writeFile(join(folder, MANIFEST), manifestText(clips));
  for (const { name, slices, encodings } of clips) {
    report(`${name}: slices of ${slices.sliceMs} ms from ${slices.lowestDbm0} to ${slices.highestDbm0} dBm0`);
    for (const { codec, path, bytes, measured } of encodings) {
      report(`  ${codec} ${measured.levelDbm0} dBm0, peak ${measured.peakDbm0} dBm0, ${bytes} octets, ${path}`);
    }
    for (const codec of missing(encodings)) report(`  no ${codec}: make it with --encodings`);
  }
}

/** 0 when the manifest and every file are, octet for octet, what was rendered; else 1, each problem told. */
export async function checkAudioFolder(
  folder: string,
  there: AudioFolder,
  rendered: readonly RenderedClip[],
  report: (step: string) => void,
): Promise<number> {
  const problems: string[] = [];
  if (!there.manifest.ok) problems.push(...there.manifest.problem.map((problem) => `${MANIFEST}: ${problem}`));
  else {
    const clips = mergedClips(there.manifest.value.clips, rendered);
    if (!isDeepStrictEqual(there.manifest.value.clips, clips)) {
      problems.push(`${MANIFEST}: not the manifest of what the code makes`);
    }
    for (const { name, encodings } of clips)
      problems.push(...missing(encodings).map((codec) => `${name}: no ${codec}`));
    for (const { path, sha256 } of filesOf(clips)) {
      const found = await hashOf(join(folder, path));
      if (found !== sha256)
        problems.push(`${path}: ${found === null ? 'missing' : `SHA-256 ${found}, made ${sha256}`}`);
    }
  }
  for (const problem of problems) report(problem);
  report(problems.length === 0 ? `${folder} is what the code makes` : `${problems.length} problems in ${folder}`);
  return problems.length === 0 ? 0 : 1;
}

/** The rendered clips in the recipes' order, then those that no recipe makes; an unrendered one stays as it is. */
function mergedClips(there: readonly ManifestClip[], rendered: readonly RenderedClip[]): ManifestClip[] {
  const names = new Set([...CLIP_RECIPES, ...there].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const made = rendered.find(({ entry }) => entry.name === name)?.entry;
    const old = there.find((entry) => entry.name === name);
    if (made === undefined) return old ?? [];
    const has = (codec: CodecName) => made.encodings.some((one) => one.codec === codec);
    const fresh = old?.encodings.filter((one) => !has(one.codec) && one.masterSha256 === made.master.sha256) ?? [];
    return { ...made, encodings: [...made.encodings, ...fresh] };
  });
}

/** The codecs of other programs that a clip of ours lacks at some level. */
function missing(encodings: readonly ManifestEncoding[]): CodecName[] {
  const has = (codec: CodecName, levelDbm0: number) =>
    encodings.some((one) => one.codec === codec && one.levelDbm0 === levelDbm0);
  return FOREIGN.filter((codec) => !FOREIGN_LEVELS_DBM0.every((levelDbm0) => has(codec, levelDbm0)));
}

function filesOf(clips: readonly ManifestClip[]): { readonly path: string; readonly sha256: string }[] {
  return clips.flatMap(({ master, encodings }) => [master, ...encodings]);
}

function manifestText(clips: readonly ManifestClip[]): string {
  return `${JSON.stringify({ version: 2, clips }, null, 2)}\n`;
}

async function hashOf(path: string): Promise<string | null> {
  const octets = await readFile(path).catch(() => null);
  return octets === null ? null : createHash('sha256').update(octets).digest('hex');
}
