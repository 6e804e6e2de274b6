import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { chosenJurisdiction } from '../../policy/jurisdictions/chosen-jurisdiction.ts';
import { reportPages } from './pdf/report-pages.ts';
import { publicKeyNote } from './public-key-note.ts';
import { createReportBuilder, type PlacedCall, type Report } from './report.ts';
import { reportDocuments } from './report-documents.ts';
import { ENGLISH } from './words/english.ts';
import { ITALIAN } from './words/italian.ts';

const LAW = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: null, calleeHangUp: null });
const key = generateKeyPairSync('ed25519').privateKey;

const SILENT: PlacedCall = {
  ...{ callId: 'c', at: Date.UTC(2026, 10, 20, 9) as WallMs, kind: 'guarded', network: 'answered' },
  ...{ answeredBy: 'not-classified', handling: 'silent', policy: LAW.policy, corrections: 0 },
  ...{ counted: { class: 'A', as: 'silent' }, withoutAgentAtAnswer: true, firstNoiseAfterMs: 0.9, ruling: null },
};
const HANDLED: PlacedCall = { ...SILENT, handling: 'agent', counted: { class: 'B', as: 'agent' } };
const REFUSED: PlacedCall = {
  ...{ ...SILENT, network: 'blocked', handling: 'none', counted: null, firstNoiseAfterMs: null },
  ruling: {
    allowed: false,
    breaches: [
      { rule: 'recall-lock', mode: 'enforce' },
      { rule: 'roc', mode: 'observe' },
    ],
  },
};

function reportOf(calls: readonly PlacedCall[], campaign = '=luce “autunno”'): Report {
  const builder = createReportBuilder({
    id: '0192f0c1-7c1e-7c3a-9f44-5e1f2a9d7b10',
    start: { campaign, controller: 'acme', firstDay: '2026-11-11', firstAt: Date.UTC(2026, 10, 11) as WallMs },
    endsOn: null,
    period: { kind: 'window', number: 1, from: '2026-11-11', to: '2026-11-20' },
    madeAt: Date.UTC(2026, 10, 22, 10, 15) as WallMs,
    madeBy: { version: '0.1.0', process: 'guard-1' },
    law: LAW,
    lawOf: () => LAW,
    machineFalsePositive: { percent: 4.5, evidence: '200 recordings' },
  });
  for (const call of calls) builder.add(call);
  const { silent, handled } = { silent: 0, handled: 0 };
  const kept = calls.reduce(
    (sum, { counted }) => ({
      silent: sum.silent + (counted?.class === 'A' ? 1 : 0),
      handled: sum.handled + (counted?.class === 'B' ? 1 : 0),
    }),
    { silent, handled },
  );
  return builder.finish({
    days: [{ campaign, day: '2026-11-20', ...kept, machines: 0, hungUp: 0 }],
    heads: [],
    roots: [],
  });
}

const many = (call: PlacedCall, times: number) => Array.from({ length: times }, () => call);
const textOf = (report: Report, words = ENGLISH) =>
  JSON.stringify(reportPages(report, words, publicKeyNote(key).fingerprint));

describe('a report’s figures', () => {
  it('keep the limit at equality and break it with one call more', () => {
    expect(reportOf([...many(SILENT, 3), ...many(HANDLED, 97)]).total).toMatchObject({
      ...{ silent: 3, handled: 97, percent: '3.000', verdict: 'within', limit: { silent: 3, of: 100 } },
    });
    expect(reportOf([...many(SILENT, 3), ...many(HANDLED, 96)]).total).toMatchObject({
      ...{ percent: '3.031', verdict: 'breached' },
    });
  });

  it('tell refusals by rule, enforced and observed, and what was refused for no law', () => {
    const { refusals, network, answered, calls } = reportOf([REFUSED, REFUSED, { ...REFUSED, ruling: null }]).total;
    expect({ calls, answered, network }).toEqual({ calls: 3, answered: 0, network: { blocked: 3 } });
    expect(refusals).toEqual({
      ...{ byLaw: 2, otherwise: 1 },
      byRule: [
        { rule: 'recall-lock', enforced: 2, observed: 0 },
        { rule: 'roc', enforced: 0, observed: 2 },
      ],
    });
  });

  it('tell who was owed comfort noise, who got it, and how soon, by nearest rank', () => {
    const calls = Array.from({ length: 200 }, (_, n) => ({ ...SILENT, firstNoiseAfterMs: (n + 1) / 10 }));
    const late = { ...SILENT, firstNoiseAfterMs: null };
    const prompt = { ...HANDLED, withoutAgentAtAnswer: false, firstNoiseAfterMs: null };
    expect(reportOf([...calls, late, prompt]).total.comfortNoise).toEqual({
      ...{ due: 201, played: 200, missing: 1, firstPacketMs: { calls: 200, p50: 10, p99: 19.8, max: 20 } },
    });
  });

  it('show the other readings exactly, each call by the class that it was given', () => {
    const machine = { ...SILENT, answeredBy: 'machine' as const };
    const { alternatives } = reportOf([
      ...many({ ...machine, counted: { class: 'B', as: 'machine' } }, 10),
      { ...machine, counted: { class: 'A', as: 'machine' } },
      { ...SILENT, counted: { class: 'A', as: 'callee-hung-up' } },
      ...many(HANDLED, 50),
    ]).total;
    expect(alternatives.map(({ reading, silent, handled }) => [reading, silent, handled])).toEqual([
      ['machine=A', 12, 50],
      ['machine=B', 1, 61],
      ['callee-hang-up=B', 1, 61],
      ['machine-false-positive=4.5%', 3, 59],
    ]);
  });
});

describe('a report’s documents', () => {
  it('are the same octets for the same report, whenever they are written', async () => {
    const report = reportOf([SILENT, HANDLED, REFUSED]);
    for (const language of ['it', 'en'] as const) {
      const once = await reportDocuments(report, language, key);
      expect(once.map(({ name }) => name)).toEqual(['report.json', 'report.csv', 'report.pdf']);
      expect(await reportDocuments(report, language, key)).toEqual(once);
      expect(Buffer.from(once[2]?.octets ?? []).toString('latin1', 0, 8)).toBe('%PDF-1.7');
    }
  });

  it('name a campaign that begins like a formula without letting a spreadsheet run it', async () => {
    const [, table] = await reportDocuments(reportOf([SILENT]), 'en', key);
    const [, first = ''] = Buffer.from(table?.octets ?? [])
      .toString()
      .split('\r\n');
    expect(first).toMatch(/^'=luce “autunno”,total,2026-11-11,2026-11-20,/);
  });

  it('have a line for the period, each window, day, hour and version of the rules, as long as the heading', async () => {
    const [, table] = await reportDocuments(reportOf([SILENT, HANDLED], 'luce'), 'it', key);
    const lines = Buffer.from(table?.octets ?? [])
      .toString()
      .trimEnd()
      .split('\r\n');
    expect(lines).toHaveLength(1 + 5);
    expect(new Set(lines.map((line) => line.split(';').length)).size).toBe(1);
    expect(lines[1]).toContain(';1;1;50,000;3;superato;');
  });

  it('say in plain words what was found, in both languages', () => {
    const report = reportOf([...many(SILENT, 1), ...many(HANDLED, 32)], 'luce');
    expect(textOf(report)).toContain('P = NA / (NA + NB) = 1 / 33 = 3.031 %');
    expect(textOf(report)).toContain('The limit of 3 % for this period was EXCEEDED.');
    expect(textOf(report, ITALIAN)).toContain('P = NA / (NA + NB) = 1 / 33 = 3,031 %');
    expect(textOf(report, ITALIAN)).toContain('Il limite giornaliero del 4 % è stato rispettato');
  });

  it('say loudly that rows and ledger do not agree', () => {
    const report = reportOf([SILENT]);
    expect(report.ledger.agreement.agrees).toBe(false);
    expect(textOf(report)).toContain('do NOT say the same');
  });
});
