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
  ringing: null,
  announcement: null,
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

function reportOf(
  calls: readonly PlacedCall[],
  campaign = '=luce “autunno”',
  other: Partial<Parameters<typeof createReportBuilder>[0]> = {},
): Report {
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
    ...other,
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
    days: [{ campaign, day: '2026-11-20', ...kept, machines: 0, machinesHeard: 0, hungUp: 0 }],
    heads: [],
    roots: [],
  });
}

const many = (call: PlacedCall, times: number) => Array.from({ length: times }, () => call);
const textOf = (report: Report, words = ENGLISH) =>
  JSON.stringify(reportPages(report, words, publicKeyNote(key).fingerprint));

describe('a report by rules that have an estimate of machines in P', () => {
  const undetected = {
    jurisdiction: 'gb',
    machineAnswered: null,
    calleeHangUp: null,
    machineDetection: 'none',
  } as const;
  const MACHINE: PlacedCall = { ...SILENT, answeredBy: 'machine', counted: { class: null, as: 'machine' } };
  const HEARD: PlacedCall = { ...HANDLED, answeredBy: 'machine', counted: { class: null, as: 'machine-heard' } };
  const calls = [...many(SILENT, 2), ...many(HANDLED, 96), ...many(MACHINE, 40), ...many(HEARD, 10)];
  const british = (by: object = {}, detection: 'used' | 'none' = 'used') => {
    const law = chosenJurisdiction({ ...undetected, machineDetection: detection });
    return reportOf(
      calls.map((call) => ({ ...call, policy: law.policy })),
      ...(['boilers', { law, lawOf: () => law, period: { ...DAY }, ...by }] as const),
    );
  };
  const DAY = { kind: 'day', number: null, from: '2026-11-20', to: '2026-11-20' } as const;

  it('judges by it, and tells what is counted and what is estimated, from what evidence', () => {
    const report = british();
    expect(report.total).toMatchObject({
      ...{ silent: 2, handled: 96, ratio: { silent: 4, answered: 100 }, percent: '4.000', verdict: 'breached' },
      ...{ machines: { A: 0, B: 0, uncounted: 50 }, estimate: { machinesFound: 40, machinesHeard: 10, added: 2 } },
      alternatives: [
        { reading: 'callee-hang-up=A' },
        { reading: 'machine-estimate=none', ratio: { silent: 2, answered: 98 }, verdict: 'within' },
      ],
    });
    expect(report.days[0]).toMatchObject({ ratio: { silent: 4, answered: 100 }, verdict: 'breached' });
    expect(report.policies[0]).toMatchObject({ ratio: { silent: 4, answered: 100 } });
    for (const [words, told] of [
      [ENGLISH, 'Counted silent calls: 2. Estimated, and added to them: 2, being 4.5 % of the 40 calls'],
      [ITALIAN, 'Chiamate mute contate: 2. Stimate, e aggiunte a queste: 2, cioè il 4,5 % delle 40 chiamate'],
    ] as const) {
      expect(textOf(report, words)).toContain(told);
      expect(textOf(report, words)).toContain('200 recordings');
    }
  });

  it('says loudly that there is none', () => {
    const report = british({ machineFalsePositive: null });
    expect(report.total).toMatchObject({ ratio: { silent: 2, answered: 98 }, estimate: { missing: true } });
    expect(textOf(report)).toMatch(/ATTENTION: detection took 40 calls[^"]*WITHOUT the estimate[^"]*","look":"alarm"/);
    expect(textOf(report, ITALIAN)).toContain('P è SENZA la stima');
    expect(textOf(report)).toContain('P = NA / (NA + NB) = 2 / 98');
  });

  it('takes machines out by what agents heard where nothing detects them, with every part of the formula', () => {
    const report = british({}, 'none');
    // 40 that nobody heard are silent calls; of 42, 10 of 106 are deducted.
    expect(report.total).toMatchObject({
      ...{ ratio: { silent: 42, answered: 148 }, percent: '28.379' },
      estimate: { method: 'agents-machines', added: 40, deducted: '3.962' },
    });
    expect(textOf(report)).toContain(
      'taken out of them: 3.962, by the 10 machines that agents heard beside 96 persons',
    );
  });

  it('tells how many calls were given up before the shortest ringing, of how many, loudly, with its source', async () => {
    const rang = (ringing: PlacedCall['ringing']): PlacedCall => ({
      ...{ ...SILENT, network: 'no-answer', handling: 'none', counted: null, firstNoiseAfterMs: null, ringing },
    });
    const some = [...many(HANDLED, 3), ...many(rang('short'), 2), rang('not-rung'), ...many(rang('long'), 4)];
    const law = chosenJurisdiction(undetected);
    const ours = some.map((call) => ({ ...call, policy: law.policy }));
    const report = reportOf(ours, 'boilers', { law, lawOf: () => law, period: { ...DAY } });
    expect(report.total.ringing).toMatchObject({ minMs: 15_000, givenUp: 7, short: 2, notRung: 1 });
    expect(textOf(report)).toMatch(
      /given up: 7; of these before 15 seconds of ringing: 2, and before any ringing was heard: 1\. Source: Ofcom[^"]*","look":"alarm"/,
    );
    expect(textOf(report, ITALIAN)).toContain('prima di 15 secondi di squillo: 2');
    const [heading = '', total = ''] = Buffer.from((await reportDocuments(report, 'en', key))[1]?.octets ?? [])
      .toString()
      .split('\r\n');
    expect([heading, total].map((line) => line.split(',').slice(-4))).toEqual([
      ['Unanswered, given up"', 'Shortest ringing s', 'Given up before', 'Given up without ringing'].map((one) =>
        one.replace('Unanswered, given', ' given'),
      ),
      ['7', '15', '2', '1'],
    ]);
    expect(JSON.stringify(reportOf(some))).not.toMatch(/"(rang|ringing)"/);
  });

  it('has columns for it in the table, each row as long as the heading', async () => {
    const tableOf = async (report: Report) =>
      Buffer.from((await reportDocuments(report, 'en', key))[1]?.octets ?? []).toString();
    const [heading = '', ...lines] = (await tableOf(british()))
      .replaceAll(/"[^"]*"/g, 'quoted')
      .trimEnd()
      .split('\r\n');
    const columns = heading.split(',');
    const at = (name: string) => lines[0]?.split(',')[columns.indexOf(name)];
    expect(['P: numerator', 'P: denominator', 'Added to NA by estimate', 'Evidence of the estimate'].map(at)).toEqual([
      ...['4', '100', '2', '200 recordings'],
    ]);
    expect(new Set([heading, ...lines].map((line) => line.split(',').length)).size).toBe(1);
    expect(await tableOf(reportOf(many(HANDLED, 3)))).not.toContain('estimate,');
    expect(JSON.stringify(reportOf([...many(HANDLED, 3), MACHINE]))).not.toContain('"estimate"');
  });
});

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

  it('tell how many were told who called, how far, by which recording, and who opted out by which key', () => {
    const message = {
      name: 'acme',
      text: 'This is Acme, press 9.',
      sha256: 'b1'.repeat(32),
      complete: true,
      optOut: null,
    };
    const told = { ...SILENT, handling: 'message' as const, announcement: message };
    const pressed = { ...message, complete: false, optOut: { digit: '9', atMs: 4000 } };
    const other = { ...message, sha256: 'a0'.repeat(32), optOut: { digit: '5', atMs: 9000 } };
    const calls = [...many(told, 3), { ...told, announcement: pressed }, { ...told, announcement: other }, HANDLED];
    const { total, days } = reportOf(calls);
    expect(total.announcements).toEqual({
      ...{ calls: 5, whole: 4, partly: 1, optOuts: { 5: 1, 9: 1 } },
      messages: [
        { ...{ name: 'acme', text: message.text, sha256: other.sha256 }, calls: 1, whole: 1, partly: 0, optOuts: 1 },
        { ...{ name: 'acme', text: message.text, sha256: message.sha256 }, calls: 4, whole: 3, partly: 1, optOuts: 1 },
      ],
    });
    expect(days.map(({ announcements }) => announcements.calls)).toEqual([5]);
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

  it('have a column for each message and each key, and a table of them where there were any', async () => {
    const sha256 = 'b1'.repeat(32);
    const announcement = {
      ...{ name: 'acme', text: 'This is Acme.', sha256 },
      complete: true,
      optOut: { digit: '9', atMs: 1 },
    };
    const later = { ...SILENT, at: (SILENT.at + 3_600_000) as WallMs };
    const report = reportOf(
      [
        { ...SILENT, announcement },
        { ...later, announcement: null },
      ],
      'luce',
    );
    const [, table] = await reportDocuments(report, 'en', key);
    const [heading = '', total = '', ...rows] = Buffer.from(table?.octets ?? [])
      .toString()
      .trimEnd()
      .split('\r\n');
    const names = ['Messages', 'Heard whole', 'Heard in part', 'Opt-outs by key'];
    const own = names.map((name) => `${name}: acme ${sha256}`);
    expect(heading.split(',').slice(-9)).toEqual([...names, 'Opt-outs by key: key 9', ...own]);
    expect(total).toMatch(/,1,1,0,1,1,1,1,0,1$/);
    expect(rows.filter((row) => row.includes(',hour,')).map((row) => row.split(',').slice(-9).join())).toEqual([
      ...['1,1,0,1,1,1,1,0,1', '0,0,0,0,0,0,0,0,0'],
    ]);
    expect(textOf(report)).toContain('1 with key 9');
    expect(textOf(report, ITALIAN)).toContain('1 con il tasto 9');
    expect(textOf(reportOf([SILENT])), 'Italian rules ask for none').not.toContain('Information message');
  });

  it('say loudly that rows and ledger do not agree', () => {
    const report = reportOf([SILENT]);
    expect(report.ledger.agreement.agrees).toBe(false);
    expect(textOf(report)).toContain('do NOT say the same');
  });
});
