/** Reads one call's story, and checks each entry of it against its hash, the entry before it, and its row. */
import type { WallMs } from '../../base/clock.ts';
import { maskNumber, NUMBER_DROPPED } from '../../base/redact.ts';
import type { LedgerKind } from '../../ledger/ledger-entry.ts';
import {
  type CheckedEntry,
  LATER_CALLS_MAX,
  type LaterCall,
  type RuleModes,
  type StoryEvidence,
  type StoryWebhook,
} from '../../ledger/story/story-evidence.ts';
import { type CorrectedOutcome, type OutcomeCorrection, withCorrections } from '../../policy/outcome-correction.ts';
import { LEGAL_RULES, type LegalRule, type RuleMode } from '../../policy/rules/ruling.ts';
import { recordOf } from '../../policy/stored-record.ts';
import { selectCorrections } from '../call-queries.ts';
import type { Connection } from '../connection.ts';
import { selectHash } from '../verify/ledger-reads.ts';
import { createPartReader } from '../verify/part-reader.ts';
import {
  selectCallEntries,
  selectCallWebhooks,
  selectLaterCalls,
  selectSettingsEntries,
  selectStoryCall,
} from './story-queries.ts';

/** What the hash of a chain's first entry is over. */
const BEFORE_THE_FIRST = '0'.repeat(64);

/** Settings entries looked through for each part: they are written only where something changed. */
const SETTINGS_READ_MAX = 50;

/** The evidence of a call, by our id or by the Call-ID of the dialer's leg; null: there is none. */
export async function readStory(connection: Connection, ref: string): Promise<StoryEvidence | null> {
  const [row] = await connection.all(selectStoryCall, { ref });
  if (row === undefined) return null;
  const { call_id: callId, controller, digest } = row;
  const outcome = await corrected(connection, row);
  const entries = await readEntries(connection, callId);
  const decidedAt = entries.find(({ kind }) => kind === 'decision')?.at;
  const later = digest !== null && entries.some(setsLock) ? await readLater(connection, digest, row.invited_at_ms) : [];
  return {
    ...{ outcome, controller, digest, entries },
    modes: decidedAt === undefined ? null : await readModes(connection, decidedAt, outcome.campaign),
    webhooks: (await connection.all(selectCallWebhooks, { callId })).map(toWebhook),
    later: later.slice(0, LATER_CALLS_MAX),
    laterLeftOut: later.length > LATER_CALLS_MAX,
  };
}

function setsLock({ body }: CheckedEntry): boolean {
  return body.includes('"move":"set"');
}

async function corrected(
  connection: Connection,
  row: { readonly call_id: string; readonly record: string; readonly number: string | null },
): Promise<CorrectedOutcome> {
  const corrections = await connection.all(selectCorrections, { callId: row.call_id });
  const number = row.number === null ? NUMBER_DROPPED : maskNumber(row.number);
  return withCorrections(
    { ...recordOf(row.record), number },
    corrections.map(({ correction }) => JSON.parse(correction) as OutcomeCorrection),
  );
}

/** The entries of a call, each checked. */
async function readEntries(connection: Connection, callId: string): Promise<readonly CheckedEntry[]> {
  const reader = createPartReader(connection);
  const entries: CheckedEntry[] = [];
  for (const { chain, seq, at_ms: at, kind, body, hash } of await connection.all(selectCallEntries, { callId })) {
    const { fault } = await reader.check({ chain, from: seq, to: seq, hashes: false });
    const before = seq === 1 ? [{ hash: BEFORE_THE_FIRST }] : await connection.all(selectHash, { chain, seq: seq - 1 });
    const prevHash = before[0]?.hash ?? null;
    const problem = fault?.problem ?? (prevHash === null ? 'follows an entry that is missing' : null);
    entries.push({
      ...{ chain, seq, at: at as WallMs, kind: kind as LedgerKind, callId, body, hash, prevHash, problem },
    });
  }
  return entries;
}

async function readLater(connection: Connection, digest: string, after: number): Promise<readonly LaterCall[]> {
  const rows = await connection.all(selectLaterCalls, { digest, after, most: LATER_CALLS_MAX + 1 });
  const later: LaterCall[] = [];
  for (const row of rows)
    later.push({ outcome: await corrected(connection, row), entries: await readEntries(connection, row.call_id) });
  return later;
}

type SettingsBody = { readonly name: string; readonly content: unknown };
type Rules = Partial<Record<LegalRule, RuleMode | null>>;

/** As the settings entries before that moment have them. */
async function readModes(connection: Connection, at: WallMs, campaign: string): Promise<RuleModes> {
  const rows = await connection.all(selectSettingsEntries, { at, most: SETTINGS_READ_MAX });
  const bodies = rows.map(({ body }) => JSON.parse(body) as SettingsBody);
  const contentOf = (name: string) => bodies.find((body) => body.name === name)?.content;
  const policy = contentOf('policy') as { readonly rules?: Rules } | undefined;
  const campaigns = contentOf('campaigns') as
    | { readonly named?: readonly { readonly name?: string; readonly rules?: Rules }[] }
    | undefined;
  if (policy?.rules === undefined) return null;
  const own = campaigns?.named?.find(({ name }) => name === campaign)?.rules;
  // Who wrote settings without that rule knew of no opt-outs.
  const unsaid: Rules = { 'opt-out': 'off' };
  const modes = LEGAL_RULES.map((rule) => [rule, own?.[rule] ?? policy.rules?.[rule] ?? unsaid[rule]] as const);
  return modes.every(([, mode]) => mode !== undefined) ? (Object.fromEntries(modes) as RuleModes) : null;
}

function toWebhook(row: {
  readonly id: string;
  readonly type: string;
  readonly endpoint: string;
  readonly created_at_ms: number;
  readonly delivered_at_ms: number | null;
  readonly dead_at_ms: number | null;
  readonly attempts: number;
  readonly problem: string | null;
}): StoryWebhook {
  return {
    ...{ id: row.id, type: row.type, endpoint: row.endpoint, attempts: row.attempts, problem: row.problem },
    createdAt: row.created_at_ms as WallMs,
    deliveredAt: row.delivered_at_ms as WallMs | null,
    deadAt: row.dead_at_ms as WallMs | null,
  };
}
