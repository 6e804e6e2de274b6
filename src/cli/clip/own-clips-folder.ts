/** The folder of the user's own clips: one folder a clip, and `manifest.json`, which always names whole clips alone. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OwnClip } from '../../audio/own-clip/own-clip.ts';
import { ok, type Result, refused } from '../../base/result.ts';
import { type CatalogueClip, readClips } from '../../config/clip-catalogue.ts';

/** The clips of the folder; none when it has no manifest yet. */
export function ownClips(folder: string): Result<readonly CatalogueClip[], readonly string[]> {
  return existsSync(join(folder, 'manifest.json')) ? readClips(folder, true) : ok([]);
}

/** Writes a clip's files, then its entry: a running Brusio, or a crash, meets the old clip or the new one. */
export async function writeOwnClip(folder: string, clip: OwnClip): Promise<Result<void, readonly string[]>> {
  const before = ownClips(folder);
  if (!before.ok) return refused(before.problem);
  await mkdir(folder, { recursive: true });
  const fresh = join(folder, `.${clip.entry.name}.new`);
  await rm(fresh, { recursive: true, force: true });
  for (const [path, octets] of clip.files) {
    const place = join(fresh, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, octets);
  }
  await rm(join(folder, clip.entry.name), { recursive: true, force: true });
  await rename(join(fresh, clip.entry.name), join(folder, clip.entry.name));
  await rm(fresh, { recursive: true, force: true });

  const others = before.value.map(({ entry }) => entry).filter(({ name }) => name !== clip.entry.name);
  const clips = [...others, clip.entry].sort((a, b) => (a.name < b.name ? -1 : 1));
  const manifest = join(folder, 'manifest.json');
  await writeFile(`${manifest}.new`, `${JSON.stringify({ version: 2, clips }, null, 2)}\n`);
  await rename(`${manifest}.new`, manifest);
  return ok(undefined);
}

/** SHA-256, lower-case hexadecimal. */
export function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}
