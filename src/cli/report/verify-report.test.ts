import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MANIFEST_FILE, manifestText, signedManifest } from '../../ledger/report/manifest.ts';
import { publicKeyNote, publicKeyPem, shownFingerprint } from '../../ledger/report/public-key-note.ts';
import { verifyReport } from './verify-report.ts';
import { writeFolder } from './write-folder.ts';

const key = generateKeyPairSync('ed25519').privateKey;
const FINGERPRINT = shownFingerprint(publicKeyNote(key).fingerprint);

let folder: string;
let said: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brusio-verify-report-'));
  said = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += String(text);
      return true;
    });
  const files = [{ name: 'report.json', octets: Buffer.from('{"silent":3}\n') }];
  const terms = {
    ...{ kind: 'report' as const, id: '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10', madeAt: '2026-11-22T10:15:00.000Z' },
    ...{ madeBy: { version: '0.1.0', process: 'guard-1' }, subject: { campaign: 'luce' } },
  } as const;
  const manifest = Buffer.from(manifestText(signedManifest(terms, files, key)));
  writeFolder(folder, [...files, { name: MANIFEST_FILE, octets: manifest }]);
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe('brusio verify-report', () => {
  it('proves what was signed, and says that an unknown key may be anybody’s', async () => {
    expect(await verifyReport([folder])).toBe(0);
    expect(said).toContain('campaign: luce');
    expect(said).toContain('PROVEN: the files above are');
    expect(said).toContain('NOT PROVEN: whose key that is');
  });

  it('takes the key’s fingerprint, its PEM file, and the manifest’s own path', async () => {
    expect(await verifyReport([folder, '--fingerprint', FINGERPRINT])).toBe(0);
    expect(said).not.toContain('whose key');
    const pem = join(folder, 'key.pem');
    writeFileSync(pem, publicKeyPem(key));
    expect(await verifyReport([join(folder, MANIFEST_FILE), '--key', pem])).toBe(0);
    expect(said).toContain('Not signed, and nothing is said of it: key.pem');
  });

  it('fails with 1 on another key and on a changed octet', async () => {
    expect(await verifyReport([folder, '--fingerprint', 'ab'.repeat(32)])).toBe(1);
    appendFileSync(join(folder, 'report.json'), ' ');
    expect(await verifyReport([folder])).toBe(1);
    expect(said).toContain('report.json: has 14 octets, 13 were signed');
    expect(said).toContain('NOT as they were signed');
  });

  it('fails with 2 where there is nothing, and with 64 on wrong usage', async () => {
    expect(await verifyReport([join(folder, 'gone')])).toBe(2);
    expect(await verifyReport([])).toBe(64);
    expect(await verifyReport([folder, '--fingerprint', 'short'])).toBe(64);
  });
});
