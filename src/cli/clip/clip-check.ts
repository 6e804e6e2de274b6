/** `brusio clip check`. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LAWS } from '../../audio/codec.ts';
import { loopFindings } from '../../audio/own-clip/findings.ts';
import { type CatalogueClip, clipCatalogue } from '../../config/clip-catalogue.ts';
import { clipArguments, WrongUsage } from './clip-arguments.ts';
import { complain, soundAsClip, tellFindings } from './clip-import.ts';
import { sha256 } from './own-clips-folder.ts';

/** Runs it; the exit status. */
export async function checkClip(argv: readonly string[]): Promise<number> {
  const given = clipArguments(argv);
  if (typeof given === 'number') return given;
  const [what, ...more] = given.positionals;
  if (what === undefined || more.length > 0) throw new WrongUsage('check takes one name or file');
  if (/[./\\]/.test(what)) return checkFile(what, given.seamless, given.announcement);
  const catalogue = clipCatalogue(given.shippedDir, given.ownDir);
  if (!catalogue.ok) return complain(catalogue.problem);
  const clip = catalogue.value.get(what);
  if (clip === undefined) return complain([`no clip ${what}; there are ${[...catalogue.value.keys()].join(', ')}`]);
  return checkFiles(clip);
}

async function checkFile(path: string, seamless: boolean, announcement: boolean): Promise<number> {
  const request = { name: 'check', title: 'check', levelDbm0: -30, seamless, command: 'brusio clip check' };
  const made = await soundAsClip(path, request, announcement);
  if (!made.ok) return complain([`${path}: ${made.problem}`]);
  conclude(path, made.value.findings);
  return 0;
}

/** Whether the files are those of the manifest, and what import would warn of. */
async function checkFiles({ folder, entry }: CatalogueClip): Promise<number> {
  const problems: string[] = [];
  let law: Uint8Array | null = null;
  for (const { codec, path, sha256: expected } of entry.encodings) {
    const octets = await readFile(join(folder, path)).catch(() => null);
    if (octets === null) problems.push(`${path}: missing`);
    else if (sha256(octets) !== expected) problems.push(`${path}: not the file that manifest.json describes`);
    else if (codec === 'PCMA') law = octets;
  }
  if (problems.length > 0) return complain(problems);
  conclude(entry.name, law === null || entry.use === 'announcement' ? [] : loopFindings(LAWS.PCMA.decode(law)));
  return 0;
}

function conclude(what: string, findings: readonly string[]): void {
  tellFindings(findings);
  const count = findings.length === 1 ? '1 warning' : `${findings.length} warnings`;
  process.stdout.write(`${what}: ${findings.length === 0 ? 'nothing to warn of' : count}\n`);
}
