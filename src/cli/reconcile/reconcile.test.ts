import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock, type WallMs } from '../../base/clock.ts';
import { createNumberDigests } from '../../base/number-digest.ts';
import { uuidV7 } from '../../base/uuid.ts';
import type { CallId } from '../../call/call-facts.ts';
import { numberKeysOf } from '../../config/number-key.ts';
import type { OutcomeEntry } from '../../guard/store-port.ts';
import { decisionDraft } from '../../ledger/call-drafts.ts';
import type { OutcomeRecord } from '../../policy/outcome-record.ts';
import { databasePlace } from '../../store/database-place.ts';
import { createDatabaseStore, type DatabaseStore } from '../../store/store.ts';
import { SILENT_LOG } from '../../testing/fake-ports.ts';
import { type PostgresqlServer, startPostgresqlServer } from '../../testing/postgresql-server.ts';
import { startWithoutThread } from '../../testing/store-without-thread.ts';
import { sampleRecord } from '../../testing/stored-calls.ts';
import { reconcileCommand } from './reconcile.ts';

/** 10:00 in Rome. */
const TEN = Date.UTC(2026, 10, 20, 9);
const MAPPING = `
number: { column: called, format: national }
times: { start: start, answer: answer, format: "dd/MM/yyyy HH:mm:ss", zone: Europe/Rome }
duration: { column: seconds, rounded: up }
outcome: { column: cause, codes: q850 }
callId: call_id
`;

/** A call that Brusio recorded; `at` in seconds after ten. */
type Kept = {
  readonly at: number;
  readonly number: string;
  readonly network?: OutcomeRecord['network'];
  readonly class?: 'A' | 'B' | null;
  readonly talkS?: number;
  readonly waitS?: number;
  readonly callId?: string;
};

const RING_S = 8;

/** What a carrier would write of it, its clock 3 s ahead. */
function rowOf(call: Kept, { cause = '16', late = 0, seconds = call.talkS ?? 3 } = {}): string {
  const shown = (at: number) => {
    const text = new Date(TEN + 3_600_000 + (at + 3) * 1_000).toISOString();
    return `${text.slice(8, 10)}/${text.slice(5, 7)}/${text.slice(0, 4)} ${text.slice(11, 19)}`;
  };
  const answered = cause === '16';
  const fields = [call.number.slice(3), shown(call.at), answered ? shown(call.at + RING_S + late) : ''];
  return [...fields, answered ? seconds : 0, cause, call.callId ?? ''].join(';');
}

/** Every kind of difference once, among calls of which both say the same. */
const plain = (from: number, calls: number): Kept[] =>
  Array.from({ length: calls }, (_, at) => ({ at: from + at * 20, number: `+3933310000${String(at + 10)}` }));
const ALIKE = plain(0, 40);
const BUSY_THERE: Kept = { at: 1_000, number: '+393332000001' };
const ANSWERED_THERE: Kept = { at: 1_100, number: '+393332000002', network: 'no-answer', class: null };
const ONLY_HERE: Kept = { at: 1_200, number: '+393332000003', class: 'B', talkS: 60, waitS: 1 };
const OTHER_CAUSE: Kept = { at: 1_300, number: '+393332000004', network: 'busy', class: null };
const LATE_AGENT: Kept = { at: 1_400, number: '+393332000005', class: 'B', talkS: 60, waitS: 2.5 };
const LONG: Kept = { at: 1_500, number: '+393332000006' };
const TWICE: Kept = { at: 1_600, number: '+393332000007', callId: 'abc@carrier' };
/** Two calls to one number a minute apart: the carrier lacks the first. */
const FIRST_OF_TWO: Kept = { at: 1_700, number: '+393332000008', network: 'no-answer', class: null };
const SECOND_OF_TWO: Kept = { at: 1_725, number: '+393332000008' };
const UNKNOWN_THERE = '333444;20/11/2026 10:40:03;20/11/2026 10:40:11;9;16;';
const KEPT = [
  ...[...ALIKE, BUSY_THERE, ANSWERED_THERE, ONLY_HERE, OTHER_CAUSE, LATE_AGENT, LONG, TWICE],
  ...[FIRST_OF_TWO, SECOND_OF_TWO],
];
const CDR = [
  'called;start;answer;seconds;cause;call_id',
  ...ALIKE.map((call) => rowOf(call)),
  rowOf(BUSY_THERE, { cause: '17' }),
  rowOf(ANSWERED_THERE, { seconds: 5 }),
  rowOf(OTHER_CAUSE, { cause: '1' }),
  rowOf(LATE_AGENT, { late: -3, seconds: 63 }),
  rowOf(LONG, { seconds: 11 }),
  rowOf(TWICE),
  rowOf(TWICE),
  rowOf(SECOND_OF_TWO),
  UNKNOWN_THERE.replace('333444', '3332999999'),
  'not a number;20/11/2026 10:41:00;;0;16;',
].join('\r\n');

/** The campaign's first day is that of its first call that was let through. */
const FIRST_DECISION = decisionDraft(
  {
    ...{ callId: sampleRecord(1).callId as CallId, dialerCallId: 'first', invitedAt: TEN as WallMs, day: '2026-11-20' },
    ...{ campaign: 'luce', controller: 'default', digest: 'd1', callerId: '+390212345678', agent: 'none' as const },
    ...{ exception: null, policy: 'it-garante-83-2014@1' },
  },
  { allowed: true, breaches: [] },
);

const KINDS = {
  ...{ 'answered-at-brusio': 1, 'answered-at-carrier': 1, 'only-brusio': 2, 'only-carrier': 1, duplicate: 1 },
  ...{ contradictory: 0, 'coded-differently': 1, 'answer-time': 1, duration: 1 },
};

let server: PostgresqlServer;
beforeAll(async () => {
  server = await startPostgresqlServer();
}, 60_000);
afterAll(() => server.remove());

describe.each(['SQLite', 'PostgreSQL'])('a carrier’s file beside a running Brusio on %s', (kind) => {
  let folder: string;
  let store: DatabaseStore;
  let out = '';
  let told = '';

  function entryOf(
    { at, number, network = 'answered', class: counted = 'A', talkS = 3, waitS = 3, callId }: Kept,
    n: number,
  ): OutcomeEntry {
    const invited = TEN + at * 1_000;
    const isAnswered = network === 'answered';
    const iso = (ms: number) => new Date(ms).toISOString();
    const answered = isAnswered ? invited + RING_S * 1_000 : null;
    const ended = (answered ?? invited + RING_S * 1_000) + (isAnswered ? talkS * 1_000 : 0);
    const sample = sampleRecord(n);
    const record: OutcomeRecord = {
      ...sample,
      callId: uuidV7(invited as WallMs) as CallId,
      ...{ network, class: counted, campaign: 'luce', waitMs: waitS * 1_000 },
      ...{ handling: counted === 'B' ? 'agent' : isAnswered ? 'silent' : 'none', number: '+39333•••0000' },
      sip: { ...sample.sip, carrierCallId: callId ?? `own-${n}` },
      times: {
        ...{ invited: iso(invited), ringing: null, answered: answered === null ? null : iso(answered) },
        ...{ bridged: counted === 'B' ? iso((answered ?? 0) + waitS * 1_000) : null, ended: iso(ended) },
      },
    };
    const as = counted === 'B' ? ('agent' as const) : ('silent' as const);
    const to = counted === null ? null : { class: counted, as };
    const count = to === null ? null : { campaign: 'luce', controller: 'default', day: '2026-11-20', from: null, to };
    const digest = createNumberDigests(numberKeysOf(join(folder, 'number-key'), systemClock.now().wallMs)).current(
      number,
    );
    return {
      record,
      number,
      controller: 'default',
      digest,
      day: isAnswered ? '2026-11-20' : null,
      count,
      lock: null,
      optOut: null,
      webhooks: [],
    };
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'brusio-reconcile-'));
    vi.stubEnv('BRUSIO_DATA', folder);
    const url = kind === 'SQLite' ? null : await server.createDatabase();
    if (url !== null) vi.stubEnv('BRUSIO_DATABASE', url);
    [out, told] = ['', ''];
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += String(text);
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      told += String(text);
      return true;
    });
    const keys = numberKeysOf(join(folder, 'number-key'), systemClock.now().wallMs);
    store = createDatabaseStore({
      place: databasePlace({ url, dataDir: folder, process: 'guard-1' }),
      ...{
        log: SILENT_LOG,
        clock: systemClock,
        numberKeyIds: () => keys.map(({ id }) => id),
        startThread: startWithoutThread,
      },
    });
    await store.start();
    await store.ledger([FIRST_DECISION]);
    for (const [n, call] of KEPT.entries()) await store.recordOutcome(entryOf(call, n));
    writeFileSync(join(folder, 'mapping.yaml'), MAPPING);
    writeFileSync(join(folder, 'carrier.csv'), CDR);
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    await store.stop();
    rmSync(folder, { recursive: true });
  });

  const run = (...more: string[]) =>
    reconcileCommand([join(folder, 'carrier.csv'), '--mapping', join(folder, 'mapping.yaml'), ...more]);

  it('is compared call by call: each planted difference once, with what it would do to the counts', async () => {
    expect(await run('--json')).toBe(1);
    const report = JSON.parse(out);
    expect(report.kinds).toEqual(KINDS);
    expect(report).toMatchObject({ matched: 47, alike: 42, matchedByCallId: 0, unattributed: 1 });
    expect(report.file).toMatchObject({
      calls: 49,
      malformed: 1,
      malformedRows: [{ line: 51, fault: 'not-a-number' }],
    });
    expect(report.clock).toMatchObject({ offsetMs: 3_000, estimated: { by: 'number' } });
    const byKind = (name: string) =>
      report.differences.filter(({ kinds }: { kinds: string[] }) => kinds.includes(name));
    expect(byKind('answered-at-brusio')).toMatchObject([
      {
        carrier_network: 'busy',
        brusio_network: 'answered',
        class: 'A',
        class_if_carrier_right: 'none',
        number: '+39333•••0001',
      },
    ]);
    expect(byKind('answered-at-carrier')).toMatchObject([
      { class: null, class_if_carrier_right: 'A', campaign: 'luce' },
    ]);
    // Answered 3 s earlier by the carrier's clock: the agent came after 5.5 s and not after 2.5.
    expect(byKind('answer-time')).toMatchObject([{ answer_lag_ms: -3_000, class: 'B', class_if_carrier_right: 'A' }]);
    expect(byKind('only-brusio').map(({ brusio_network }: { brusio_network: string }) => brusio_network)).toEqual([
      'answered',
      'no-answer',
    ]);
    // 44 A and 2 B: one A was busy, one B was none, one B is A, one unanswered is A.
    const day = { silent: 44, handled: 2, percent: '95.653', verdict: 'breached' };
    expect(report.effects).toMatchObject([
      { period: 'day', counted: day, ifCarrierRight: { silent: 45, handled: 0 } },
      { period: 'window', counted: day },
    ]);
  });

  it('is told to a person and a folder, numbers masked unless they are asked for', async () => {
    expect(await run('--out', join(folder, 'report'))).toBe(1);
    expect(out).toContain("the carrier's is 3.0 s ahead");
    expect(out).toMatch(/answered-at-brusio\s+answered by what Brusio saw/);
    expect(out).toMatch(/luce +2026-11-20 +NA 44 NB 2 P 95\.653 % breached +NA 45 NB 0/);
    expect(out).not.toContain('2000001');
    const csv = readFileSync(join(folder, 'report', 'differences.csv'), 'utf8');
    expect(csv).toContain("'+39333•••0001");
    expect(csv.split('\r\n')).toHaveLength(1 + 9 + 1);
    expect(statSync(join(folder, 'report', 'reconciliation.json')).mode & 0o077).toBe(0);
    await run('--show-numbers');
    expect(out).toContain('+393332000001');
  });

  it('is without difference when both say the same, in the period that is asked for', async () => {
    expect(await run('--from', '2026-11-20T10:00', '--to', '2026-11-20T10:15')).toBe(1);
    out = '';
    writeFileSync(join(folder, 'carrier.csv'), CDR.split('\r\n').slice(0, 41).join('\n'));
    expect(await run('--from', '2026-11-20T10:00', '--to', '2026-11-20T10:15')).toBe(0);
    expect(out).toContain('No difference.');
  });

  it('is refused with every reason: usage, a file that is none, a mapping with mistakes', async () => {
    expect(await reconcileCommand([])).toBe(64);
    expect(await run('--from', 'yesterday')).toBe(64);
    expect(await reconcileCommand([join(folder, 'gone.csv'), '--mapping', join(folder, 'mapping.yaml')])).toBe(65);
    writeFileSync(
      join(folder, 'mapping.yaml'),
      'number: { colum: 3 }\ntimes: { format: "dd HH" }\nduration: { column: 1, unit: h }\n',
    );
    expect(await run()).toBe(78);
    expect(told).toContain('5 problems');
    expect(told).toContain('number.colum: unknown');
    writeFileSync(join(folder, 'mapping.yaml'), MAPPING.replace('called', 'chiamato'));
    expect(await run()).toBe(78);
    expect(told).toContain('no column "chiamato"; there are "called"');
    writeFileSync(join(folder, 'mapping.yaml'), MAPPING.replace('dd/MM/yyyy', 'MM-dd-yyyy'));
    expect(await run()).toBe(65);
    expect(told).toContain('the mapping does not fit (line 2: not-a-time)');
  });

  it('is read by a proposed mapping where none is given', async () => {
    expect(await reconcileCommand(['--suggest', join(folder, 'carrier.csv')])).toBe(0);
    expect(out).toContain('codes: q850');
    out = '';
    expect(await reconcileCommand([join(folder, 'carrier.csv'), '--json'])).toBe(1);
    // Nobody told it that durations are rounded up, and 63 s is then further from 60.
    expect(JSON.parse(out)).toMatchObject({ matched: 47, kinds: { ...KINDS, duration: 2 } });
  });
});
