/** `brusio verify-report`: on any machine, without a database and without settings. */
import { createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError } from '../../base/errors.ts';
import type { Json } from '../../ledger/ledger-entry.ts';
import {
  checkManifest,
  MANIFEST_FILE,
  type Manifest,
  type ManifestFindings,
  type TrustedKey,
} from '../../ledger/report/manifest.ts';
import { publicKeyNote, readFingerprint, shownFingerprint } from '../../ledger/report/public-key-note.ts';
import { type BundleFindings, checkBundle } from '../../ledger/story/bundle-check.ts';
import { EX_USAGE } from '../settings-argument.ts';

const USAGE = `usage: brusio verify-report FOLDER [--fingerprint F | --key public.pem]

Checks a report, or a call's story, on any machine, without database and settings: the SHA-256 of each file against
manifest.json (which may be named instead of its folder), and the signature (Ed25519) over the manifest. Of a call's story also that
its entries are under a root of the ledger, and that it tells what they say.

  --fingerprint F   SHA-256 of the key that must have signed it, as "brusio report --key" shows it
  --key FILE        the same by its public key, PEM

Exit status: 0 everything is as it was signed; 1 something is not, or another key signed it; 2 it cannot be read; 64 wrong usage.
`;

/** Cannot be checked at all; not to be taken for a bad report. */
const EXIT_UNREADABLE = 2;

/** Runs the command with the arguments after its name; the exit status. */
export function verifyReport(argv: readonly string[]): Promise<number> {
  return Promise.resolve(run(argv));
}

function run(argv: readonly string[]): number {
  let given: { folder: string; trusted: TrustedKey } | 'help';
  try {
    given = readArguments(argv);
  } catch (thrown) {
    process.stderr.write(`brusio: ${describeError(thrown)}\n\n${USAGE}`);
    return EX_USAGE;
  }
  if (given === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const { folder, trusted } = given;
  try {
    const findings = checkManifest(
      readFileSync(join(folder, MANIFEST_FILE)),
      (name) => octetsOf(folder, name),
      trusted,
    );
    const isStory = findings.manifest?.kind === 'call' && findings.problems.length === 0;
    const bundle = isStory ? checkBundle((name) => octetsOf(folder, name)) : NOTHING_MORE;
    const all = { ...findings, problems: [...findings.problems, ...bundle.problems] };
    process.stdout.write(textOf(all, trusted, othersIn(folder, findings.manifest), bundle.proven));
    return all.problems.length === 0 ? 0 : 1;
  } catch (thrown) {
    process.stderr.write(`brusio: ${describeError(thrown)}\n`);
    return EXIT_UNREADABLE;
  }
}

/** What a report's files say is not looked into. */
const NOTHING_MORE: BundleFindings = { problems: [], proven: [] };

function readArguments(argv: readonly string[]): { folder: string; trusted: TrustedKey } | 'help' {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      fingerprint: { type: 'string' },
      key: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
    allowPositionals: true,
  });
  if (values.help === true) return 'help';
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new Error('name one folder');
  if (values.fingerprint !== undefined && values.key !== undefined)
    throw new Error('--fingerprint and --key say the same: give one of them');
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? true;
  return { folder: isFolder ? path : dirname(path), trusted: trustedKey(values) };
}

function trustedKey({ fingerprint, key }: { fingerprint?: string; key?: string }): TrustedKey {
  if (key !== undefined) return publicKeyNote(createPublicKey(readFileSync(key)));
  if (fingerprint === undefined) return null;
  const read = readFingerprint(fingerprint);
  if (read === null) throw new Error('--fingerprint has 64 hexadecimal digits, with or without blanks or colons');
  return { fingerprint: read };
}

function octetsOf(folder: string, name: string): Uint8Array | null {
  const path = join(folder, name);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : null;
}

/** What else lies in the folder: nothing is said of it. */
function othersIn(folder: string, manifest: Manifest | null): readonly string[] {
  const known = new Set([MANIFEST_FILE, ...(manifest?.files ?? []).map(({ name }) => name)]);
  return readdirSync(folder).filter((name) => !known.has(name));
}

function textOf(
  { manifest, files, problems }: ManifestFindings,
  trusted: TrustedKey,
  others: readonly string[],
  proven: readonly string[],
) {
  const lines: string[] = [];
  if (manifest !== null) {
    const { kind, id, madeAt, madeBy, subject } = manifest;
    lines.push(
      `${kind} ${id}, made ${madeAt} by ${madeBy.process} (Brusio ${madeBy.version})`,
      ...Object.entries(subject).map(([name, value]) => `  ${name}: ${shown(value)}`),
      ...files.map(
        ({ name, problem }) => `  ${problem === null ? 'ok ' : 'BAD'} ${name}${problem === null ? '' : `: ${problem}`}`,
      ),
    );
  }
  if (problems.length > 0 || manifest === null) {
    lines.push('', ...problems.map((problem) => `BAD  ${problem}`));
    lines.push('These files are NOT as they were signed: nothing in them is proven.');
    return `${lines.join('\n')}\n`;
  }
  const key = shownFingerprint(manifest.key.fingerprint);
  lines.push('', `PROVEN: the files above are, octet for octet, what the holder of this key has signed:`, `  ${key}`);
  if (trusted === null) {
    lines.push(
      'NOT PROVEN: whose key that is. Anybody can make a key and sign with it. Compare the fingerprint with what the operator',
      'made known before ("brusio report --key", the ledger\'s `start` entries), and verify again with --fingerprint or --key.',
    );
  } else {
    lines.push('It is the key that you named.');
  }
  if (proven.length > 0) lines.push('', ...proven.map((line, index) => (index === 0 ? `PROVEN: ${line}` : line)), '');
  lines.push(
    'NOT PROVEN by a signature: that what the files say is true, and when they were made. For that compare the ledger positions',
    'in them with the ledger (brusio verify-ledger), its roots and their timestamps.',
  );
  if (others.length > 0) lines.push(`Not signed, and nothing is said of it: ${others.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
