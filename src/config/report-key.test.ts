import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publicKeyPem } from '../ledger/report/public-key-note.ts';
import { reportKeyOf, reportKeyPath } from './report-key.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'brusio-report-key-'));
  path = reportKeyPath({ data: { dir: join(folder, 'data') } });
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('the key that reports are signed with', () => {
  it('is made once, for its owner alone, and is the same from then on', () => {
    const made = publicKeyPem(reportKeyOf(path));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(publicKeyPem(reportKeyOf(path))).toBe(made);
  });

  it('is refused when others may read it', () => {
    reportKeyOf(path);
    chmodSync(path, 0o644);
    expect(() => reportKeyOf(path)).toThrow('can be read by others (mode 0644)');
  });

  it('is refused when it is none, and its content is not repeated', () => {
    reportKeyOf(path);
    writeFileSync(path, 'no key');
    expect(() => reportKeyOf(path)).toThrow(/^the report key's file .*report-key.pem: (?!.*no key)/);
  });
});
