/**
 * The manifest of a folder of evidence: what it is about, the SHA-256 of each of its files, and a signature over all of that.
 * One changed octet in any file, the manifest included, is found. Pure.
 */
import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import type { Json } from '../ledger-entry.ts';
import { type PublicKeyNote, publicKeyNote } from './public-key-note.ts';

/** Name of the file that holds it. */
export const MANIFEST_FILE = 'manifest.json';
/** Larger is none of ours, octets. */
export const MANIFEST_OCTETS_MAX = 4_194_304;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const unsignedShape = {
  format: z.literal('brusio-manifest@1'),
  kind: z.enum(['report', 'call']).describe('what the files are: a statistical report, or the story of one call'),
  id: z.uuid(),
  madeAt: z.iso.datetime(),
  madeBy: z.strictObject({ version: z.string(), process: z.string() }),
  subject: z.record(z.string(), z.json()).describe('what the files are about'),
  files: z
    .array(
      z.strictObject({
        // A plain name: nothing outside the manifest's own folder is ever looked at.
        name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
        octets: z.int().min(0),
        sha256,
      }),
    )
    .min(1)
    .max(100),
  key: z.strictObject({
    algorithm: z.literal('Ed25519'),
    publicKey: z.string().describe('SubjectPublicKeyInfo, DER in Base64'),
    fingerprint: sha256.describe('SHA-256 of that DER'),
  }),
};

const manifestSchema = z.strictObject({
  ...unsignedShape,
  signature: z.string().describe('Ed25519 (RFC 8032) over the canonical JSON (RFC 8785) of all but itself, Base64'),
});

/** A signed manifest. */
export type Manifest = z.infer<typeof manifestSchema>;

/** One file as it is written. */
export type NamedFile = { readonly name: string; readonly octets: Uint8Array };

/** What is signed, besides the files. */
export type ManifestTerms = Pick<Manifest, 'kind' | 'id' | 'madeAt' | 'madeBy'> & {
  readonly subject: { readonly [key: string]: Json };
};

/** The manifest over these files, signed with an Ed25519 private key. */
export function signedManifest(terms: ManifestTerms, files: readonly NamedFile[], privateKey: KeyObject): Manifest {
  const { kind, id, madeAt, madeBy, subject } = terms;
  const unsigned = {
    format: 'brusio-manifest@1' as const,
    ...{ kind, id, madeAt, madeBy, subject: subject as Manifest['subject'] },
    files: files.map(({ name, octets }) => ({ name, octets: octets.length, sha256: hash('sha256', octets, 'hex') })),
    key: publicKeyNote(privateKey),
  };
  return { ...unsigned, signature: sign(null, signedOctets(unsigned), privateKey).toString('base64') };
}

/** The manifest as its file has it: keys sorted, two blanks a step, one line feed at the end. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(JSON.parse(canonicalJson(manifest as Json)), null, 2)}\n`;
}

/** What is known of the key that a manifest should be signed with; null: nothing. */
export type TrustedKey = Pick<PublicKeyNote, 'fingerprint'> | null;

/** What a check has found. Without problems every file is, octet for octet, what the holder of the key has signed. */
export type ManifestFindings = {
  /** Null: the manifest itself cannot be read. */
  readonly manifest: Manifest | null;
  readonly files: readonly { readonly name: string; readonly problem: string | null }[];
  /** In words, files' own included. */
  readonly problems: readonly string[];
};

/**
 * Checks a manifest's octets and the files that it names.
 *
 * @param fileOf the octets of a file by its name; null: it is not there
 */
export function checkManifest(
  octets: Uint8Array,
  fileOf: (name: string) => Uint8Array | null,
  trusted: TrustedKey = null,
): ManifestFindings {
  const manifest = readManifest(octets);
  if (typeof manifest === 'string') return { manifest: null, files: [], problems: [`${MANIFEST_FILE} ${manifest}`] };
  const problems: string[] = [];
  const { signature, ...unsigned } = manifest;
  if (!isSigned(unsigned, signature))
    problems.push(`${MANIFEST_FILE}: the signature is not that of its key over what it says: it was changed`);
  if (trusted !== null && trusted.fingerprint !== manifest.key.fingerprint)
    problems.push(`it is signed with key ${manifest.key.fingerprint}, not with ${trusted.fingerprint}`);
  const files = manifest.files.map((named) => ({ name: named.name, problem: fileProblem(named, fileOf(named.name)) }));
  for (const { name, problem } of files) if (problem !== null) problems.push(`${name}: ${problem}`);
  return { manifest, files, problems };
}

function fileProblem({ octets, sha256: signed }: Manifest['files'][number], found: Uint8Array | null): string | null {
  if (found === null) return 'is missing';
  if (found.length !== octets) return `has ${found.length} octets, ${octets} were signed`;
  return hash('sha256', found, 'hex') === signed ? null : 'was changed: its SHA-256 is not the one that was signed';
}

/** The manifest, or in words why it is none. */
function readManifest(octets: Uint8Array): Manifest | string {
  if (octets.length > MANIFEST_OCTETS_MAX) return `has ${octets.length} octets: it is none of ours`;
  const text = Buffer.from(octets).toString('utf8');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return 'is no JSON';
  }
  const read = manifestSchema.safeParse(parsed);
  if (!read.success) {
    const [issue] = read.error.issues;
    return `is no manifest that this Brusio knows: ${issue?.path.join('.') || 'as a whole'}: ${issue?.message}`;
  }
  // The signature is over what it says; that it is said in these very octets is asked here.
  const same = Buffer.from(octets).equals(Buffer.from(manifestText(read.data)));
  return same ? read.data : 'was changed: it is not written as Brusio writes it';
}

function isSigned(unsigned: Omit<Manifest, 'signature'>, signature: string): boolean {
  const { publicKey, fingerprint } = unsigned.key;
  const der = Buffer.from(publicKey, 'base64');
  const octets = Buffer.from(signature, 'base64');
  // Base64 has spellings that mean the same; only one of them is what was written.
  if (octets.toString('base64') !== signature || hash('sha256', der, 'hex') !== fingerprint) return false;
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' && verify(null, signedOctets(unsigned), key, octets);
  } catch {
    return false;
  }
}

function signedOctets(unsigned: Omit<Manifest, 'signature'>): Buffer {
  return Buffer.from(canonicalJson(unsigned as Json));
}
