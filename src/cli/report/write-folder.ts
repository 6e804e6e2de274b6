import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NamedFile } from '../../ledger/report/manifest.ts';

/** Writes a report's files into a folder of their own; its path. */
export function writeFolder(folder: string, files: readonly NamedFile[]): string {
  mkdirSync(folder, { recursive: true });
  for (const { name, octets } of files) writeFileSync(join(folder, name), octets);
  return folder;
}
