/** What is read of one call before its story is told: rows and entries, checked as they are read. */
import type { WallMs } from '../../base/clock.ts';
import type { CorrectedOutcome } from '../../policy/outcome-correction.ts';
import type { LegalRule, RuleMode } from '../../policy/rules/ruling.ts';
import type { LedgerKind } from '../ledger-entry.ts';

/** An entry, and what became of its check there and then. */
export type CheckedEntry = {
  readonly chain: string;
  readonly seq: number;
  readonly at: WallMs;
  readonly kind: LedgerKind;
  readonly callId: string;
  /** Canonical JSON. */
  readonly body: string;
  readonly hash: string;
  /** Of the entry before it; null: that one is missing. */
  readonly prevHash: string | null;
  /** In words, what is wrong: its hash, its body, its row; null: it is as it was written, and follows the one before it. */
  readonly problem: string | null;
};

/** A webhook that told of the call. */
export type StoryWebhook = {
  readonly id: string;
  readonly type: string;
  readonly endpoint: string;
  readonly createdAt: WallMs;
  readonly deliveredAt: WallMs | null;
  readonly deadAt: WallMs | null;
  readonly attempts: number;
  readonly problem: string | null;
};

/** A later call to the same number, and its own entries. */
export type LaterCall = { readonly outcome: CorrectedOutcome; readonly entries: readonly CheckedEntry[] };

/** Later calls to the number that are looked at. */
export const LATER_CALLS_MAX = 50;

/** How each rule was set when the INVITE came; null: the ledger does not say. */
export type RuleModes = Readonly<Record<LegalRule, RuleMode>> | null;

/** All of it. */
export type StoryEvidence = {
  /** As it stands, its number masked. */
  readonly outcome: CorrectedOutcome;
  readonly controller: string;
  readonly digest: string | null;
  /** In the order of time. */
  readonly entries: readonly CheckedEntry[];
  readonly modes: RuleModes;
  readonly webhooks: readonly StoryWebhook[];
  /** The earliest first; none where the call set no lock. */
  readonly later: readonly LaterCall[];
  /** There were more than {@link LATER_CALLS_MAX}. */
  readonly laterLeftOut: boolean;
};
