import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkManifest, MANIFEST_FILE, type ManifestTerms, manifestText, signedManifest } from './manifest.ts';
import { publicKeyNote, readFingerprint, shownFingerprint } from './public-key-note.ts';

const key = generateKeyPairSync('ed25519').privateKey;
const TERMS: ManifestTerms = {
  kind: 'report',
  id: '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10',
  madeAt: '2026-11-22T10:15:00.000Z',
  madeBy: { version: '0.1.0', process: 'guard-1' },
  subject: { campaign: 'luce “autunno”', from: '2026-11-11', to: '2026-11-20' },
};
const FILES = [
  { name: 'report.json', octets: Buffer.from('{"silent":3}') },
  { name: 'report.csv', octets: Buffer.from('NA,NB\r\n3,97\r\n') },
];

function folder(): Map<string, Buffer> {
  const signed = manifestText(signedManifest(TERMS, FILES, key));
  return new Map([[MANIFEST_FILE, Buffer.from(signed)], ...FILES.map(({ name, octets }) => [name, octets] as const)]);
}

function problemsOf(files: ReadonlyMap<string, Buffer>, trusted: { fingerprint: string } | null = null) {
  return checkManifest(files.get(MANIFEST_FILE) ?? Buffer.alloc(0), (name) => files.get(name) ?? null, trusted)
    .problems;
}

describe('a manifest', () => {
  it('finds nothing in what was not touched', () => {
    expect(problemsOf(folder())).toEqual([]);
    expect(problemsOf(folder(), publicKeyNote(key))).toEqual([]);
  });

  it('finds every single octet that was changed, in any file and in itself', () => {
    const whole = folder();
    const places = [...whole].flatMap(([name, octets]) => Array.from(octets, (_, at) => ({ name, at })));
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.integer({ min: 1, max: 255 }), ({ name, at }, difference) => {
        const changed = Buffer.from(whole.get(name) ?? []);
        changed.writeUInt8(changed.readUInt8(at) ^ difference, at);
        return problemsOf(new Map([...whole, [name, changed]])).length > 0;
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds an octet that was put in or taken out', () => {
    const whole = folder();
    for (const [name, octets] of whole) {
      expect(problemsOf(new Map([...whole, [name, Buffer.concat([octets, Buffer.from('\n')])]]))).not.toEqual([]);
      expect(problemsOf(new Map([...whole, [name, octets.subarray(1)]]))).not.toEqual([]);
    }
  });

  it('knows base64 that means the same octets for another text', () => {
    const whole = folder();
    const text = whole.get(MANIFEST_FILE)?.toString() ?? '';
    // The last digit of 64 octets has four bits that no octet has.
    const spelt = text.replace(/(.)==",?\n\s*"subject"/, (all, digit: string) =>
      all.replace(digit, String.fromCharCode(digit.charCodeAt(0) + 1)),
    );
    expect(spelt).not.toBe(text);
    expect(problemsOf(new Map([...whole, [MANIFEST_FILE, Buffer.from(spelt)]]))).not.toEqual([]);
  });

  it('finds a file that is gone, and one that is another', () => {
    const whole = folder();
    expect(problemsOf(new Map([...whole].filter(([name]) => name !== 'report.csv')))).toEqual([
      'report.csv: is missing',
    ]);
    expect(problemsOf(new Map([...whole, ['report.csv', Buffer.from('NA,NB\r\n2,98\r\n')]]))).toEqual([
      'report.csv: was changed: its SHA-256 is not the one that was signed',
    ]);
  });

  it('signed by another key is good in itself, and not what was asked for', () => {
    const theirs = generateKeyPairSync('ed25519').privateKey;
    const whole = folder();
    whole.set(MANIFEST_FILE, Buffer.from(manifestText(signedManifest(TERMS, FILES, theirs))));
    expect(problemsOf(whole)).toEqual([]);
    expect(problemsOf(whole, publicKeyNote(key))).toEqual([
      `it is signed with key ${publicKeyNote(theirs).fingerprint}, not with ${publicKeyNote(key).fingerprint}`,
    ]);
  });

  it('names no file outside its folder', () => {
    const whole = folder();
    for (const name of ['../report.json', '/etc/passwd', '.hidden', 'a/b']) {
      whole.set(
        MANIFEST_FILE,
        Buffer.from(manifestText(signedManifest(TERMS, [{ name, octets: Buffer.alloc(1) }], key))),
      );
      expect(problemsOf(whole)[0]).toContain('is no manifest that this Brusio knows');
    }
  });
});

describe('a fingerprint', () => {
  it('is read however people write it', () => {
    const { fingerprint } = publicKeyNote(key);
    expect(readFingerprint(shownFingerprint(fingerprint))).toBe(fingerprint);
    expect(readFingerprint(`SHA256:${fingerprint.toUpperCase().replaceAll(/(..)(?=.)/g, '$1:')}`)).toBe(fingerprint);
    expect(readFingerprint(fingerprint.slice(1))).toBeNull();
  });
});
