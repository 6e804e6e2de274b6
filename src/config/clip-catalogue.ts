/** Which clips there are: those that Brusio brings, and the user's own. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ManifestClip, parseManifest } from '../audio/manifest.ts';
import { describeError } from '../base/errors.ts';
import { ok, type Result, refused } from '../base/result.ts';
import type { Settings } from './settings.ts';

/** A clip and the folder that the paths in its entry begin at. */
export type CatalogueClip = { readonly folder: string; readonly own: boolean; readonly entry: ManifestClip };

/** The folder of the clips that Brusio brings. */
export const SHIPPED_CLIPS_DIR = fileURLToPath(new URL('../../audio', import.meta.url));

/** A manifest larger than this is not one: an entry has some 4,000 octets. */
const MANIFEST_OCTETS_MAX = 1_048_576;

/** Where the user's own clips are. */
export function clipsDirOf(settings: Pick<Settings, 'ambience' | 'data'>): string {
  return settings.ambience.clipsDir ?? join(settings.data.dir, 'clips');
}

/**
 * The clips of both folders by name. One of the user's own goes before one of the same name that Brusio brings, so that
 * a new version of Brusio changes nobody's sound.
 */
export function clipCatalogue(
  shippedDir: string,
  ownDir: string,
): Result<ReadonlyMap<string, CatalogueClip>, readonly string[]> {
  const shipped = readClips(shippedDir, false);
  const own = existsSync(join(ownDir, 'manifest.json')) ? readClips(ownDir, true) : ok([]);
  const problems = [shipped, own].flatMap((read) => (read.ok ? [] : read.problem));
  if (!shipped.ok || !own.ok) return refused(problems);
  return ok(new Map([...shipped.value, ...own.value].map((clip) => [clip.entry.name, clip])));
}

/** The clips of one folder's `manifest.json`; every problem begins with the file. */
export function readClips(folder: string, own: boolean): Result<readonly CatalogueClip[], readonly string[]> {
  const path = join(folder, 'manifest.json');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    return refused([`${path}: ${describeError(thrown)}`]);
  }
  if (text.length > MANIFEST_OCTETS_MAX) return refused([`${path}: larger than ${MANIFEST_OCTETS_MAX} octets`]);
  const manifest = parseManifest(text);
  if (!manifest.ok) return refused(manifest.problem.map((problem) => `${path}: ${problem}`));
  return ok(manifest.value.clips.map((entry) => ({ folder, own, entry })));
}
