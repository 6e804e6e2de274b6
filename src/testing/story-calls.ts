/** A silent call, what came of its number's lock, and the settings before it; imported by tests alone. */
import type { WallMs } from '../base/clock.ts';
import { answerDraft, classDraft, decisionDraft } from '../ledger/call-drafts.ts';
import type { LedgerDraft, LockMove } from '../ledger/ledger-entry.ts';
import type { StoryEvidence } from '../ledger/story/story-evidence.ts';
import { settingsDraft, startDraft } from '../ledger/system-drafts.ts';
import { italy } from '../policy/jurisdictions/italy.ts';
import type { Ruling } from '../policy/rules/ruling.ts';
import type { StoreWrite } from '../store/store-message.ts';
import { SAMPLE_REPORT_KEY } from './ledger-samples.ts';
import { outcomeEntry, sampleCallId, sampleRecord } from './stored-calls.ts';

const DAY_MS = 86_400_000;
/** When the silent call was invited. */
export const SILENT_AT = Date.parse(sampleRecord(1).times.invited) as WallMs;
/** End of its lock. */
const UNTIL = '2026-11-25T23:00:00.000Z';

const ruled = (n: number, digest: string, at: number, ruling: Ruling): LedgerDraft =>
  decisionDraft(
    {
      ...{ callId: sampleCallId(n), dialerCallId: `dialer-${n}@10.0.0.1`, invitedAt: at as WallMs, day: '2026-11-20' },
      ...{ campaign: 'luce-autunno', controller: 'acme', digest, callerId: '+390212345678', agent: 'none' },
      ...{ exception: null, policy: italy.policy },
    },
    ruling,
  );

const LOCKED: Ruling = {
  allowed: false,
  breaches: [
    {
      ...{ rule: 'recall-lock', mode: 'enforce', citation: italy.recallLock.hours.citation },
      ...{ facts: { until: UNTIL }, remedy: 'call again when the lock is over', retryAfterS: 3_600 },
    },
  ],
};

/** Calls 1 (silent), 2 (refused by its lock), 3 (bridged, which lifts it) and 4 (later) to the number of this digest. */
export function silentCallAndLater(digest: string): readonly StoreWrite[] {
  const moved = (move: LockMove['move'], at: number): LockMove => ({
    ...{ scope: 'acme', digests: [digest], move, at: new Date(at).toISOString() },
    until: move === 'set' ? UNTIL : null,
  });
  const silent = sampleRecord(1);
  const answeredAt = Date.parse(silent.times.answered ?? '') as WallMs;
  const count = { campaign: 'luce-autunno', controller: 'acme', day: '2026-11-20', from: null };
  const counted = { ...count, to: { class: 'A', as: 'silent' } as const };
  const lock = moved('set', answeredAt);
  const entry = { ...outcomeEntry(1), digest, controller: 'acme', count: counted, lock };
  const refusedAt = SILENT_AT + DAY_MS;
  const bridgedAt = SILENT_AT + 7 * DAY_MS;
  const lifted = { class: 'B', as: 'agent' } as const;
  return [
    ledger(SILENT_AT - 1_000, [
      startDraft({ version: '0.1.0', process: 'guard-1', node: '24.0.0', reportKey: SAMPLE_REPORT_KEY }),
      settingsDraft('policy', { rules: RULES }),
      settingsDraft('campaigns', { named: [{ name: 'luce-autunno', rules: { roc: 'enforce' } }] }),
    ]),
    ledger(SILENT_AT, [ruled(1, digest, SILENT_AT, { allowed: true, breaches: [] })]),
    ledger(answeredAt, [answerDraft(sampleCallId(1), 'luce-autunno', answeredAt, '2026-11-20')]),
    { op: 'outcome', entry, at: Date.parse(silent.times.ended) as WallMs },
    ledger(refusedAt, [ruled(2, digest, refusedAt, LOCKED)]),
    { op: 'outcome', entry: laterEntry(2, digest, refusedAt), at: refusedAt as WallMs },
    ledger(bridgedAt, [
      ruled(3, digest, bridgedAt, { allowed: true, breaches: [] }),
      classDraft(
        sampleCallId(3),
        bridgedAt as WallMs,
        { cause: 'agent-bridged', source: 'http' },
        {
          count: { ...count, to: lifted },
          lock: moved('lift', bridgedAt),
        },
      ),
    ]),
    { op: 'outcome', entry: laterEntry(3, digest, bridgedAt), at: bridgedAt as WallMs },
    { op: 'outcome', entry: laterEntry(4, digest, bridgedAt + DAY_MS), at: (bridgedAt + DAY_MS) as WallMs },
  ];
}

const RULES = {
  ...{ 'campaign-dates': 'off', roc: 'observe', 'declared-caller-id': 'enforce', 'calling-hours': 'observe' },
  ...{
    'opt-out': 'enforce',
    screening: 'observe',
    'recall-lock': 'enforce',
    'guaranteed-agent': 'enforce',
    frequency: 'observe',
  },
  'abandonment-budget': 'enforce',
};

function ledger(at: number, drafts: readonly LedgerDraft[]): StoreWrite {
  return { op: 'ledger', drafts, at: at as WallMs };
}

function laterEntry(n: number, digest: string, at: number) {
  const entry = outcomeEntry(n, []);
  const invited = new Date(at).toISOString();
  const times = { invited, ringing: null, answered: null, bridged: null, ended: invited };
  const record = { ...entry.record, network: 'blocked', handling: 'none', class: null, times } as const;
  return { ...entry, digest, controller: 'acme', record };
}

/** What is read of the silent call where nothing else is kept of it. */
export function sampleEvidence(): StoryEvidence {
  const outcome = { ...sampleRecord(1), corrections: [] };
  return {
    ...{ outcome, controller: 'acme', digest: 'd1', entries: [], modes: null, webhooks: [], later: [] },
    laterLeftOut: false,
  };
}
