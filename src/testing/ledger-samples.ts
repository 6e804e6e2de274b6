/** What the ledger is told of made-up calls, in the mix of a dialer's day; imported by tests and benchmarks alone. */
import { toIso, type WallMs } from '../base/clock.ts';
import {
  answerDraft,
  classDraft,
  correctionDraft,
  decisionDraft,
  type OutcomeContext,
  outcomeDraft,
} from '../ledger/call-drafts.ts';
import type { LedgerBody } from '../ledger/ledger-body.ts';
import type { CountedAs, LedgerDraft, Moves } from '../ledger/ledger-entry.ts';
import type { PublicKeyNote } from '../ledger/report/public-key-note.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import { outcomeRecordV1Schema } from '../policy/outcome-record-v1.ts';
import { correctionEntry, sampleCallId, sampleRecord } from './stored-calls.ts';

const CONTROLLER = 'acme';
const SCOPE = 'acme';
/** Calls a second; each starts so much after the one before it. */
const CALLS_PER_S = 50;

/** Local day of the samples' calls; they are few enough for one. */
const DAY = '2026-11-20';

/** What a start says of the key that reports are signed with. */
export const SAMPLE_REPORT_KEY: PublicKeyNote = {
  ...{ algorithm: 'Ed25519', publicKey: 'MCowBQYDK2VwAyEA', fingerprint: 'ab'.repeat(32) },
};

/** Digest of the number that the `n`-th call goes to: every seventh number is called again. */
export function sampleDigest(n: number): string {
  return (n - (n % 7 === 0 ? 7 : 0)).toString(16).padStart(32, '0');
}

/** Everything the ledger is told of the `n`-th call: half are answered, of those a tenth has its class before its end. */
export function sampleCallDrafts(n: number): readonly LedgerDraft[] {
  const callId = sampleCallId(n);
  const invitedAt = (Date.UTC(2026, 10, 20, 9) + (n * 1_000) / CALLS_PER_S) as WallMs;
  const digest = sampleDigest(n);
  const record = recordOf(n, invitedAt);
  const decision = decisionDraft(
    {
      ...{ callId, dialerCallId: record.sip.dialerCallId, invitedAt, day: DAY, campaign: record.campaign },
      ...{ controller: CONTROLLER, digest, callerId: record.callerId, agent: 'none', exception: null },
      policy: record.policy,
    },
    { allowed: true, breaches: n % 5 === 0 ? [ROC_BREACH] : [] },
  );
  if (record.times.answered === null) return [decision, outcomeDraft(record, contextOf(record, digest, null), NOTHING)];

  const answer = answerDraft(callId, record.campaign, Date.parse(record.times.answered) as WallMs, DAY);
  const counted: CountedAs = record.class === 'A' ? { class: 'A', as: 'silent' } : { class: 'B', as: 'agent' };
  const moves = movesOf(record, digest, counted, Date.parse(record.times.answered));
  if (n % 20 === 0) {
    const cause = { cause: 'agent-bridged', source: 'freeswitch' } as const;
    const bridgedAt = Date.parse(record.times.bridged ?? record.times.ended) as WallMs;
    return [
      decision,
      answer,
      classDraft(callId, bridgedAt, cause, moves),
      outcomeDraft(record, contextOf(record, digest, counted), NOTHING),
    ];
  }
  const drafts = [decision, answer, outcomeDraft(record, contextOf(record, digest, counted), moves)];
  if (n % 100 !== 1) return drafts;
  const machine: CountedAs = { class: 'B', as: 'machine' };
  const corrected = movesOf(record, digest, machine, Date.parse(record.times.ended));
  return [
    ...drafts,
    correctionDraft(callId, correctionEntry(n).correction, {
      count: corrected.count === null ? null : { ...corrected.count, from: counted },
      lock: record.class === 'A' && corrected.lock !== null ? { ...corrected.lock, move: 'withdraw' } : null,
    }),
  ];
}

/** The outcome of the `n`-th call as version 1 of the entry had it. */
export function formerOutcomeDraft(n: number): LedgerDraft {
  const draft = sampleCallDrafts(n).find(({ kind }) => kind === 'outcome');
  const body = (draft?.body ?? {}) as unknown as LedgerBody<'outcome'>;
  const { shape } = outcomeRecordV1Schema.omit({ number: true });
  const { sip, comfortNoise, media } = body.record;
  const record = {
    ...picked(body.record, shape),
    sip: picked(sip, shape.sip.shape),
    comfortNoise: comfortNoise === null ? null : picked(comfortNoise, shape.comfortNoise.unwrap().shape),
    media: media === null ? null : picked(media, shape.media.unwrap().shape),
  };
  return { kind: 'outcome', callId: body.callId, body: { ...body, v: 1, record } as LedgerDraft['body'] };
}

function picked(from: object, keys: object): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => key in keys));
}

const NOTHING: Moves = { count: null, lock: null };

function contextOf(record: OutcomeRecord, digest: string, counted: CountedAs | null): OutcomeContext {
  return { controller: CONTROLLER, digest, day: record.times.answered === null ? null : DAY, counted };
}

const ROC_BREACH = {
  rule: 'roc',
  mode: 'observe',
  citation: 'Law 249/1997 art. 1(6)(a)(5); AGCOM decision 666/08/CONS',
  facts: { roc: null },
  remedy: 'set campaigns.roc to the number under which the operator is registered',
  retryAfterS: null,
} as const;

function movesOf(record: OutcomeRecord, digest: string, to: CountedAs, atMs: number): Moves {
  const silent = to.class === 'A';
  return {
    count: { campaign: record.campaign, controller: CONTROLLER, day: DAY, from: null, to },
    lock: {
      ...{ scope: SCOPE, digests: [digest], move: silent ? 'set' : 'lift', at: toIso(atMs as WallMs) },
      until: silent ? '2026-11-25T23:00:00.000Z' : null,
    },
  };
}

/** Odd ones are answered, one in twenty-one of them silent; the others are busy. */
function recordOf(n: number, invitedAt: WallMs): OutcomeRecord {
  const sample = sampleRecord(n);
  const at = (ms: number) => toIso((invitedAt + ms) as WallMs);
  const times = { invited: at(0), ringing: at(900), answered: at(8_200), bridged: null, ended: at(11_200) };
  const silent = { ...sample, campaign: `campaign-${n % 3}`, times };
  if (n % 42 === 1) return silent;
  const agent = {
    ...{ id: '1001', source: 'freeswitch', name: null, extension: '1001', server: 'fs-1', bridgedAt: at(8_900) },
  };
  if (n % 2 === 1 || n % 20 === 0) {
    return {
      ...silent,
      ...{ handling: 'agent', class: 'B', endedBy: 'callee', endCause: 'callee-hung-up', teardown: null, agent },
      times: { ...times, bridged: at(8_900), ended: at(98_900) },
      ...{ waitMs: 700, talkMs: 90_000 },
    };
  }
  return {
    ...silent,
    ...{ network: 'busy', handling: 'none', class: null, endedBy: 'network', endCause: 'carrier-refused' },
    ...{ teardown: null, comfortNoise: null, waitMs: 0, ringMs: 300 },
    sip: { ...sample.sip, status: 486, q850: 17, attempts: [{ carrier: 'primary', status: 486 }] },
    times: { ...times, answered: null, ended: at(1_200) },
  };
}
