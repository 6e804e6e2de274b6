/** The database edge and the outbox, as the guard and the webhooks ask of them. */
import type { WallMs } from '../base/clock.ts';
import type { CallId } from '../call/call-facts.ts';
import type { CampaignPolicies } from '../ledger/campaign-policy.ts';
import type { LedgerDraft, LedgerPosition, Moves } from '../ledger/ledger-entry.ts';
import type { ChainTree } from '../ledger/tree/chain-tree.ts';
import type { EventType } from '../policy/event-message.ts';
import type { CorrectedOutcome, OutcomeCorrection } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { CallRef } from './guard-view.ts';
import type { JournalEntry, JournalledCall } from './journal.ts';

/** A webhook that waits to be delivered; written in the same transaction as the outcome it tells. */
export type WebhookRow = {
  /** `webhook-id`, the same for every attempt. */
  readonly id: string;
  /** What it is about: a call, or `campaign:<name>`. Order is kept within it. */
  readonly callId: string;
  readonly type: EventType;
  /** Name of the endpoint in the settings. */
  readonly endpoint: string;
  /** The exact body, JSON. */
  readonly body: string;
};

/** The callee said never again: to whom, and when. */
export type OptOutMove = { readonly scope: string; readonly at: WallMs };

/** A stored outcome, and the number in clear for a row apart. */
export type OutcomeEntry = Moves & {
  readonly record: OutcomeRecord;
  readonly number: string;
  readonly controller: string;
  /** Of the number; null: a call that is not guarded. */
  readonly digest: string | null;
  /** Local day of the 2xx, `YYYY-MM-DD`; null: not answered. */
  readonly day: string | null;
  /** Null: they did not. */
  readonly optOut: OptOutMove | null;
  readonly webhooks: readonly WebhookRow[];
};

/** A correction of a stored outcome. */
export type CorrectionEntry = Moves & {
  readonly callId: CallId;
  readonly correction: OutcomeCorrection;
  readonly webhooks: readonly WebhookRow[];
};

/** For whom a call was placed, and the digest of its number; null where it is not known: of calls before schema 4. */
export type CallOwner = { readonly controller: string | null; readonly digest: string | null };

/** Whether the store writes at the moment, and how much waits. */
export type StoreHealth = {
  readonly writable: boolean;
  /** Entries in memory that are not committed yet. */
  readonly pending: number;
  readonly problem: string | null;
};

/** The database edge. Its worker commits in groups; no call here waits for a disk. */
export type Store = {
  /** Opens or creates the database. Rejects with AppError `store.…` when it cannot be used. */
  start(): Promise<void>;
  /** Posted; committed with the next group. Kept in memory up to a named limit while the disk fails. */
  journal(entry: JournalEntry): void;
  /**
   * Ledger entry, outcome, counts, locks, webhook rows and the removal of the call's journal in one transaction. Resolves
   * after the commit, however long the disk fails, with the entry's place; a second outcome for the same call is ignored:
   * null.
   */
  recordOutcome(entry: OutcomeEntry): Promise<LedgerPosition | null>;
  /**
   * Entries besides outcomes and corrections, one behind the other, with what they move, in one transaction. Kept in memory
   * while the disk fails. Resolves after the commit with their places.
   */
  ledger(drafts: readonly LedgerDraft[]): Promise<readonly LedgerPosition[]>;
  /** For whom a recorded call was placed; null: not recorded. */
  ownerOf(callId: CallId): Promise<CallOwner | null>;
  /** The last entry of every chain in the database, with the tree over it. What was not read before is read now, little by little. */
  ledgerTrees(): Promise<readonly ChainTree[]>;
  /** SHA-256 of each part of the settings as the ledger's last `settings` entry had it. */
  settingsSeen(): Promise<ReadonlyMap<string, string>>;
  /** By whose rules campaigns were run, as the ledger's last entry of that has it; null: there is none. */
  campaignPolicies(): Promise<CampaignPolicies | null>;
  /** Calls that were placed and have no outcome: read once, before the first call is taken. */
  openCalls(): Promise<readonly JournalledCall[]>;
  /** As it was recorded first, also before its commit. */
  findOutcome(ref: CallRef): Promise<OutcomeRecord | null>;
  /** The latest call with the dialer's own reference, once its outcome is committed. */
  findOutcomeByReference(reference: string): Promise<OutcomeRecord | null>;
  /**
   * Ledger entry, correction, counts, locks and webhook rows in one transaction, after the outcome's own. Resolves after the
   * commit with the entry's place; rejects with AppError `store.entry-rejected` for a call without an outcome; a second one of
   * the same sequence is ignored: null.
   */
  recordCorrection(entry: CorrectionEntry): Promise<LedgerPosition | null>;
  /** In the order of their sequence; none for a call that is not known. */
  correctionsOf(callId: CallId): Promise<readonly OutcomeCorrection[]>;
  health(): StoreHealth;
  stop(): Promise<void>;
};

/** A webhook as the dispatcher takes it. */
export type DueWebhook = WebhookRow & { readonly attempts: number };

/** Webhooks that wait, kept by the store. */
export type Outbox = {
  /** Calls back, after a commit, that something is due. */
  onDue(wake: () => void): void;
  /**
   * The oldest due ones of an endpoint, at most `limit`, at most one per call: order is kept within a call. Asked per
   * endpoint, so that the backlog of a dead one never hides what is due elsewhere.
   */
  due(now: WallMs, limit: number, endpoint: string): Promise<readonly DueWebhook[]>;
  /** When the endpoint's next one that `due` would give falls due (in the past: now), or null when nothing waits. */
  nextDueAt(endpoint: string): Promise<WallMs | null>;
  delivered(id: string, at: WallMs): Promise<void>;
  failed(id: string, nextAttemptAt: WallMs, problem: string): Promise<void>;
  /** Given up: kept for replay. */
  dead(id: string, problem: string): Promise<void>;
};

/** Turns an outcome into the webhook rows that tell it, one per endpoint; pure. */
export type OutcomeWebhooks = (record: OutcomeRecord, callId: CallId, at: WallMs) => readonly WebhookRow[];

/** The same for an outcome that was corrected, by its latest correction. */
export type CorrectionWebhooks = (outcome: CorrectedOutcome, callId: CallId, at: WallMs) => readonly WebhookRow[];
