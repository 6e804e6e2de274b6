/** What the store's two sides say to each other: plain data that survives structured cloning. */
import type { WallMs } from '../base/clock.ts';
import type { CallId } from '../call/call-facts.ts';
import type { CallRef } from '../guard/guard-view.ts';
import type { JournalEntry, JournalledCall } from '../guard/journal.ts';
import type { CalledNumber, OptOutPage, OptOutRemoval, OptOutSaid } from '../guard/opt-out-port.ts';
import type { Erased, NumberErasure, RetentionLimits, Swept } from '../guard/privacy-port.ts';
import type { CallOwner, CorrectionEntry, DueWebhook, OutcomeEntry } from '../guard/store-port.ts';
import type { CampaignPolicies } from '../ledger/campaign-policy.ts';
import type { LedgerDraft, LedgerPosition } from '../ledger/ledger-entry.ts';
import type { OptOutRow } from '../ledger/opt-out.ts';
import type { CampaignDay, CampaignStart } from '../ledger/projection.ts';
import type { StoryEvidence } from '../ledger/story/story-evidence.ts';
import type { ChainTree } from '../ledger/tree/chain-tree.ts';
import type { CampaignAlertData } from '../policy/campaign-threshold.ts';
import type { CorrectedOutcome, OutcomeCorrection } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { CampaignWatch } from './campaign-watch.ts';
import type { DatabasePlace } from './database-place.ts';

/** One change to the database. */
export type StoreWrite =
  | { readonly op: 'journal'; readonly entry: JournalEntry }
  | { readonly op: 'outcome'; readonly entry: OutcomeEntry; readonly at: WallMs }
  | { readonly op: 'correction'; readonly entry: CorrectionEntry; readonly at: WallMs }
  | { readonly op: 'ledger'; readonly drafts: readonly LedgerDraft[]; readonly at: WallMs }
  | { readonly op: 'webhook-delivered'; readonly id: string; readonly at: WallMs }
  | {
      readonly op: 'webhook-failed';
      readonly id: string;
      readonly nextAttemptAt: WallMs;
      readonly problem: string;
    }
  | { readonly op: 'webhook-dead'; readonly id: string; readonly at: WallMs; readonly problem: string };

/** One question to the database; those that change something do so in a transaction of their own. */
export type StoreQuery =
  | { readonly ask: 'erase-number'; readonly erasure: NumberErasure; readonly at: WallMs }
  | { readonly ask: 'add-opt-out'; readonly said: OptOutSaid; readonly at: WallMs }
  | { readonly ask: 'remove-opt-outs'; readonly removal: OptOutRemoval; readonly at: WallMs }
  | { readonly ask: 'opt-outs-of'; readonly digests: readonly string[] }
  | { readonly ask: 'opt-out-page'; readonly page: OptOutPage }
  | { readonly ask: 'called-number'; readonly ref: CallRef }
  | { readonly ask: 'sweep'; readonly limits: RetentionLimits; readonly at: WallMs }
  | { readonly ask: 'calls-by-digest'; readonly digests: readonly string[] }
  | { readonly ask: 'use-number-keys'; readonly ids: readonly string[]; readonly at: WallMs }
  | { readonly ask: 'open-calls' }
  | { readonly ask: 'outcome'; readonly ref: CallRef }
  | { readonly ask: 'outcome-by-reference'; readonly reference: string }
  | { readonly ask: 'corrections'; readonly callId: CallId }
  | { readonly ask: 'story'; readonly ref: CallRef }
  | { readonly ask: 'owner'; readonly callId: CallId }
  | { readonly ask: 'ledger-trees' }
  | { readonly ask: 'settings-seen' }
  | { readonly ask: 'campaign-policies' }
  | { readonly ask: 'campaigns' }
  | { readonly ask: 'campaign-days'; readonly campaign: string | null; readonly from: string }
  | { readonly ask: 'due-webhooks'; readonly endpoint: string; readonly at: WallMs; readonly limit: number }
  | { readonly ask: 'next-due'; readonly endpoint: string };

/** What each question is answered with. */
export type StoreAnswers = {
  'erase-number': Erased;
  'add-opt-out': OptOutRow;
  'remove-opt-outs': readonly OptOutRow[];
  'opt-outs-of': readonly OptOutRow[];
  'opt-out-page': readonly OptOutRow[];
  'called-number': CalledNumber | null;
  sweep: Swept;
  'calls-by-digest': readonly CorrectedOutcome[];
  'use-number-keys': null;
  'open-calls': readonly JournalledCall[];
  outcome: OutcomeRecord | null;
  'outcome-by-reference': OutcomeRecord | null;
  /** In the order of their sequence. */
  corrections: readonly OutcomeCorrection[];
  owner: CallOwner | null;
  story: StoryEvidence | null;
  /** Null: ask again, there is more to read. */
  'ledger-trees': readonly ChainTree[] | null;
  'settings-seen': ReadonlyMap<string, string>;
  'campaign-policies': CampaignPolicies | null;
  campaigns: readonly CampaignStart[];
  'campaign-days': readonly CampaignDay[];
  'due-webhooks': readonly DueWebhook[];
  'next-due': WallMs | null;
};

/** A group of changes; `token` is the same whenever the same group is sent again, and no other's. */
export type ChangeGroup = { readonly token: string; readonly changes: readonly StoreWrite[] };

/** An entry that can never be written, by its place in the group. */
export type RejectedEntry = { readonly index: number; readonly problem: string };

/** What a committed group has written. */
export type WrittenGroup = {
  readonly rejected: readonly RejectedEntry[];
  /** By the changes' places in the group: where the entries of each stand in the ledger. */
  readonly positions: readonly (readonly LedgerPosition[])[];
  /** What was told of campaigns' limits, with its webhooks. */
  readonly alerts: readonly CampaignAlertData[];
};

/** How a group fared: committed whole but for entries that can never be, or not at all because the world failed. */
export type GroupResult =
  | ({ readonly committed: true } & WrittenGroup)
  | { readonly committed: false; readonly problem: string };

/** To the worker. */
export type StoreRequest =
  | { readonly type: 'commit'; readonly group: ChangeGroup }
  | { readonly type: 'query'; readonly id: number; readonly query: StoreQuery }
  | { readonly type: 'close' };

/** From the worker. */
export type StoreReply =
  | { readonly type: 'opened' }
  | { readonly type: 'cannot-open'; readonly message: string }
  | { readonly type: 'group'; readonly result: GroupResult }
  | { readonly type: 'answer'; readonly id: number; readonly answer: StoreAnswers[keyof StoreAnswers] }
  | { readonly type: 'no-answer'; readonly id: number; readonly problem: string };

/** What the worker is started with. */
export type StoreWorkerData = {
  readonly place: DatabasePlace;
  /** Null: limits of campaigns are not watched. */
  readonly watch: CampaignWatch | null;
};
