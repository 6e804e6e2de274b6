import { describe, expect, it } from 'vitest';
import { formerOutcomeDraft, SAMPLE_REPORT_KEY, sampleCallDrafts } from '../testing/ledger-samples.ts';
import { sampleRecord } from '../testing/stored-calls.ts';
import { outcomeDraft } from './call-drafts.ts';
import { canonicalJson } from './canonical-json.ts';
import { bodySchemaOf, ledgerBodies } from './ledger-body.ts';
import { LEDGER_KINDS, type LedgerDraft } from './ledger-entry.ts';
import { optOutDraft } from './opt-out.ts';
import {
  deletionDraft,
  erasureDraft,
  exportDraft,
  importDraft,
  type RootHead,
  rootDraft,
  rootHash,
  settingsDraft,
  startDraft,
  stopDraft,
  timestampDraft,
} from './system-drafts.ts';

const SHA = 'ab'.repeat(32);
const HEAD = { chain: 'guard-1', seq: 7, hash: SHA };
const TREE = { ...HEAD, tree: SHA, peaks: [] };
const TIME = '2026-11-20T09:15:07.214Z';

const SYSTEM: readonly LedgerDraft[] = [
  startDraft({
    ...{ version: '0.1.0', process: 'guard-1', node: '24.21.0' },
    reportKey: SAMPLE_REPORT_KEY,
  }),
  optOutDraft({
    ...{ callId: null, move: 'remove', scope: 'acme', digest: 'd1', at: TIME, source: 'command', reference: 'wrong' },
    removes: [{ chain: 'guard-1', seq: 7 }],
  }),
  deletionDraft({ what: 'report 1', sha256: SHA, keptUntil: '2028-11-22', reference: null }),
  stopDraft({ version: '0.1.0', process: 'guard-1' }),
  settingsDraft('policy', { rules: { roc: 'observe' } }),
  importDraft({
    ...{ list: 'l1', controller: 'acme', checkedAt: TIME, expiresAt: TIME, fileName: 'a.csv', sha256: SHA },
    ...{ numbers: 3, duplicates: 1, malformed: 0, keyId: 'k1' },
  }),
  exportDraft({ what: 'report', from: TIME, to: null, rows: 3, sha256: SHA }),
  erasureDraft({ cause: 'request', before: null, digests: ['d1'], controller: null, numbers: 2, webhooks: 3 }),
  rootDraft('2026-11-20', [TREE]),
  timestampDraft({
    root: HEAD,
    imprint: SHA,
    authority: 'http://tsa.example',
    time: TIME,
    serial: '0a',
    token: 'MAA=',
  }),
];

describe('every kind of entry', () => {
  const drafts = [...SYSTEM, ...Array.from({ length: 101 }, (_, n) => sampleCallDrafts(n)).flat()];

  it('is made by a builder here', () => {
    expect(new Set(drafts.map(({ kind }) => kind))).toEqual(new Set(LEDGER_KINDS));
  });

  it('has a body that fits its schema, and no other', () => {
    for (const { kind, body } of drafts) {
      const schema = ledgerBodies[kind];
      expect(schema.safeParse(JSON.parse(canonicalJson(body))), kind).toMatchObject({ success: true });
      expect(schema.safeParse({ ...body, more: 1 }).success, kind).toBe(false);
      expect(schema.safeParse({ ...body, v: 9 }).success, kind).toBe(false);
    }
  });
});

describe('a start in the ledger', () => {
  it('may be of version 1, which knows of no signed reports and is read for ever', () => {
    const former = { v: 1, version: '0.1.0', process: 'guard-1', node: '24.21.0' };
    const fits = (version: number, said: object) => bodySchemaOf('start', version).safeParse(said).success;
    expect([fits(1, former), fits(2, former), fits(2, { ...former, v: 2 })]).toEqual([true, false, false]);
    expect(fits(2, SYSTEM[0]?.body ?? {})).toBe(true);
  });
});

describe('an outcome in the ledger', () => {
  it('may be of version 1, which says less and is read for ever', () => {
    const { body } = formerOutcomeDraft(3);
    const fits = (version: number, said: object) => bodySchemaOf('outcome', version).safeParse(said).success;
    expect([fits(1, body), fits(2, body), fits(2, { ...body, v: 2 })]).toEqual([true, false, false]);
    const today = sampleCallDrafts(3).find(({ kind }) => kind === 'outcome')?.body ?? {};
    expect([fits(1, today), fits(2, today)]).toEqual([false, true]);
  });

  it('has no number in it, not even masked', () => {
    const record = { ...sampleRecord(1), number: '+39333•••9876' };
    const context = { controller: 'acme', digest: 'd1', day: '2026-11-20', counted: null };
    const text = canonicalJson(outcomeDraft(record, context, { count: null, lock: null }).body);
    expect(text).not.toContain('•9876');
    expect(text).not.toContain('"number"');
  });
});

describe('a root', () => {
  const [head] = rootDraft('2026-11-20', [TREE]).body.heads as RootHead[];
  const heads = head === undefined ? [] : [head];

  it('is the same in whatever order the chains were read', () => {
    const other = { chain: 'guard-2', seq: 1, hash: SHA, tree: SHA, peaks: [] };
    expect(rootDraft('2026-11-20', [other, TREE])).toEqual(rootDraft('2026-11-20', [TREE, other]));
    expect(rootDraft('2026-11-20', [TREE]).body.root).toBe(rootHash('2026-11-20', heads));
    expect(rootHash('2026-11-20', heads)).not.toBe(rootHash('2026-11-21', heads));
    expect(rootHash('2026-11-20', heads), 'its tree is part of it').not.toBe(rootHash('2026-11-20', [HEAD]));
  });

  it('may be of version 1, which names no trees and is read for ever', () => {
    const former = { v: 1, day: '2026-11-20', heads: [HEAD], root: rootHash('2026-11-20', [HEAD]) };
    const fits = (version: number, said: object) => bodySchemaOf('root', version).safeParse(said).success;
    expect([fits(1, former), fits(2, former), fits(2, { ...former, v: 2 })]).toEqual([true, false, false]);
    expect(fits(2, rootDraft('2026-11-20', [TREE]).body)).toBe(true);
  });
});
