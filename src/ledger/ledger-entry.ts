/**
 * What is written to the ledger, and never edited: the bodies of its entries. Numbers of people are not in them, only their
 * digests (HMAC), so that numbers can be dropped and the chain still verifies.
 */

/** What an entry tells; `src/ledger/` has a schema for each body. */
export const LEDGER_KINDS = [
  'start',
  'stop',
  'settings',
  'decision',
  'answer',
  'class',
  'outcome',
  'correction',
  'opt-out',
  'import',
  'export',
  'deletion',
  'erasure',
  'root',
  'timestamp',
] as const;
/** One of them. */
export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** JSON, as RFC 8785 can write it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** An entry before it has its place: what the guard writes. `body` has `v`, the version of its schema. */
export type LedgerDraft = {
  readonly kind: LedgerKind;
  /** The call it is about, or null. */
  readonly callId: string | null;
  readonly body: { readonly v: number; readonly [key: string]: Json };
};

/** Where an entry stands: `seq` from 1 without gaps in its chain; `hash` is SHA-256, hexadecimal. */
export type LedgerPosition = { readonly chain: string; readonly seq: number; readonly hash: string };

/** How a call is counted. */
export type CountedAs = {
  /** Null: in neither, though it is told of: machines where live calls alone are counted. */
  readonly class: 'A' | 'B' | null;
  /**
   * Why: an agent came, the dialer reported a machine or fax, the callee hung up before the end of the wait, or none of these.
   * `machine-heard`: a reported machine that an agent was connected to, where live calls alone are counted.
   */
  readonly as: 'agent' | 'machine' | 'machine-heard' | 'callee-hung-up' | 'silent';
};

/** In a `class`, `outcome` or `correction` body as `count`: moves one call in its day's counts. */
export type CountMove = {
  readonly campaign: string;
  readonly controller: string;
  /** Local day of the 2xx, `YYYY-MM-DD`. */
  readonly day: string;
  /** As it was counted before; null: not yet. */
  readonly from: CountedAs | null;
  readonly to: CountedAs | null;
};

/**
 * In the same bodies as `lock`: what becomes of the number's locks. Every silent call has a lock of its own, so that one
 * that is withdrawn leaves those of other calls as they are.
 */
export type LockMove = {
  readonly scope: string;
  /** Of the number, under every key that is still looked up by, newest first; at least one. A lock is set under the first. */
  readonly digests: readonly string[];
  /**
   * `set`: a silent call. `lift`: a call to it was bridged, which ends the locks of all silent calls up to then.
   * `withdraw`: the silent call of this entry was none after all.
   */
  readonly move: 'set' | 'lift' | 'withdraw';
  /** ISO 8601: the silent call's 2xx, the bridge, or the report that withdraws it. */
  readonly at: string;
  /** ISO 8601; null unless set. */
  readonly until: string | null;
  /** What comes after `until`; absent: a guaranteed agent, and until then nobody calls. `free`: an agent only until then. */
  readonly after?: 'free';
};

/** What an entry moves besides saying what happened. */
export type Moves = {
  /** The call in its day's counts; null: not. `from` is the store's to know, which has the last word on it. */
  readonly count: CountMove | null;
  /** The number's locks; null: nothing. */
  readonly lock: LockMove | null;
};
