/**
 * `brusio make-ambience`: writes the ambience clip, its encodings and `manifest.json`, or checks that the ones there
 * are what the code makes.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseManifest } from '../audio/manifest.ts';
import { OPEN_PLAN_OFFICE, type RenderedClip, renderClip } from '../audio/render-clip.ts';
import { describeError } from '../base/errors.ts';

const USAGE = `Usage: brusio make-ambience [--seed <n>] [--out <folder>] [--check]

Synthesises the ambience "open-plan-office" from code and a seed and writes
<folder>/manifest.json and, per clip, a 16 kHz master and one raw file per codec.

  --seed <n>      whole number, 0 to 4294967295 (default ${OPEN_PLAN_OFFICE.seed})
  --out <folder>  where to write, or what to check (default audio)
  --check         write nothing; exit 1 when a file is not what the code makes
  --help          this text
`;

/** EX_USAGE of sysexits. */
const EXIT_USAGE = 64;

/** Runs the command with the arguments after its name; the exit status: 0, 1 (check failed), 64 (wrong arguments). */
export async function makeAmbience(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${USAGE}`);
    return EXIT_USAGE;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const report = (step: string) => process.stderr.write(`make-ambience: ${step}\n`);
  const rendered = renderClip({ ...OPEN_PLAN_OFFICE, seed: options.seed }, sha256, report);
  if (options.check) return check(rendered, options.out, report);
  await write(rendered, options.out, report);
  return 0;
}

type Options = { readonly seed: number; readonly out: string; readonly check: boolean; readonly help: boolean };

function readOptions(argv: readonly string[]): Options | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        seed: { type: 'string', default: String(OPEN_PLAN_OFFICE.seed) },
        out: { type: 'string', default: 'audio' },
        check: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    const seed = Number(values.seed);
    if (!/^\d+$/.test(values.seed) || seed > 0xffffffff) return `--seed ${values.seed}: a whole number is needed`;
    return { seed, out: values.out, check: values.check, help: values.help };
  } catch (thrown) {
    return describeError(thrown);
  }
}

function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}

function manifestText(rendered: RenderedClip): string {
  return `${JSON.stringify({ version: 2, clips: [rendered.entry] }, null, 2)}\n`;
}

async function write(rendered: RenderedClip, out: string, report: (step: string) => void): Promise<void> {
  for (const [path, octets] of rendered.files) {
    await mkdir(dirname(join(out, path)), { recursive: true });
    await writeFile(join(out, path), octets);
    report(`wrote ${join(out, path)}, ${octets.length} octets`);
  }
  await writeFile(join(out, 'manifest.json'), manifestText(rendered));
  const { slices, encodings } = rendered.entry;
  for (const { codec, measured } of encodings)
    report(`${codec}: ${measured.levelDbm0} dBm0, peak ${measured.peakDbm0} dBm0`);
  report(`slices of ${slices.sliceMs} ms: ${slices.lowestDbm0} to ${slices.highestDbm0} dBm0`);
}

/** 0 when the manifest and every file are, octet for octet, what was rendered. */
async function check(rendered: RenderedClip, out: string, report: (step: string) => void): Promise<number> {
  const problems: string[] = [];
  const manifest = await readText(join(out, 'manifest.json'));
  const parsed = parseManifest(manifest);
  if (!parsed.ok) problems.push(...parsed.problem.map((problem) => `manifest.json: ${problem}`));
  else if (manifest !== manifestText(rendered)) problems.push('manifest.json: not the manifest of what the code makes');
  for (const [path, octets] of rendered.files) {
    const there = await readOctets(join(out, path));
    if (there === null) problems.push(`${path}: missing`);
    else if (sha256(there) !== sha256(octets))
      problems.push(`${path}: SHA-256 ${sha256(there)}, made ${sha256(octets)}`);
  }
  for (const problem of problems) report(problem);
  report(problems.length === 0 ? `${out} is what the code makes` : `${problems.length} problems in ${out}`);
  return problems.length === 0 ? 0 : 1;
}

async function readOctets(path: string): Promise<Uint8Array | null> {
  return readFile(path).catch(() => null);
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
