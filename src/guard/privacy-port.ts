/** What is kept of people, as it is dropped and found: the database edge's part of it. */
import type { WallMs } from '../base/clock.ts';
import type { CorrectedOutcome } from '../policy/outcome-correction.ts';

/** Whose number, and of which calls. */
export type NumberErasure = {
  /** Under every key that is kept, newest first. */
  readonly digests: readonly string[];
  /** Every way in which the number may be written: what an older Brusio kept has no digest. */
  readonly spellings: readonly string[];
  /** Of the calls made for this controller; null: of all. */
  readonly controller: string | null;
};

/** What went. */
export type Erased = {
  /** Calls to the number that have ended. */
  readonly calls: number;
  /** Numbers in clear. */
  readonly numbers: number;
  /** Webhooks that were delivered or given up. */
  readonly webhooks: number;
  /** Webhooks that wait: they are still sent, without the number. */
  readonly masked: number;
  /** Calls to it that live, and must end before their numbers can go: then the request is to be made again. */
  readonly live: number;
};

/** What may go: what is older than these. */
export type RetentionLimits = {
  readonly numbersBefore: WallMs;
  readonly webhooksBefore: WallMs;
  /** Locks that end by the clock, after which the number is as any other; those that wait for an agent stay. */
  readonly locksBefore: WallMs;
};

/** What went in one batch. */
export type Swept = {
  readonly numbers: number;
  readonly webhooks: number;
  readonly locks: number;
  /** There may be more of any. */
  readonly more: boolean;
};

/** Calls to one number that are shown at once, the latest first. */
export const FOUND_CALLS_MAX = 1_000;

/** The database edge. All reject with AppError `store.cannot-read` when the database cannot be used at the moment. */
export type PrivacyStore = {
  /** Drops the number, tells the ledger in the same transaction, and leaves no octet of it in a file of ours. */
  eraseNumber(erasure: NumberErasure): Promise<Erased>;
  /** One batch, with its ledger entry. */
  sweep(limits: RetentionLimits): Promise<Swept>;
  /** Calls whose number has one of these digests, at most {@link FOUND_CALLS_MAX}. */
  callsByDigest(digests: readonly string[]): Promise<readonly CorrectedOutcome[]>;
  /** This process's digest keys, newest first, are still in use. */
  noteNumberKeys(): Promise<void>;
};

/** What may be asked by a number. */
export type NumberDesk = {
  /** Rejects with AppError `store.cannot-read`. */
  erase(number: string, controller: string | null): Promise<Erased>;
  /** The calls to it, the latest first; same rejection. */
  find(number: string): Promise<readonly CorrectedOutcome[]>;
};
