/**
 * The chain: each entry's hash is over the one before it, so that none can be changed, removed or put in between without
 * every later hash being wrong. Pure.
 */
import { hash } from 'node:crypto';
import { assert } from '../base/assert.ts';
import { toIso, type WallMs } from '../base/clock.ts';
import { canonicalJson } from './canonical-json.ts';
import type { LedgerDraft, LedgerKind, LedgerPosition } from './ledger-entry.ts';

/** An entry in its place, as the database keeps it. */
export type LedgerEntry = LedgerPosition & {
  /** When it was written, by the clock of the machine that did. */
  readonly at: WallMs;
  readonly kind: LedgerKind;
  /** The call it is about, or null; in the body too, where there is one. */
  readonly callId: string | null;
  /** Canonical JSON. */
  readonly body: string;
};

/** What the first entry of a chain follows. */
const BEFORE_THE_FIRST = '0'.repeat(64);

/** The head of a chain that has no entry yet. */
export function emptyChain(chain: string): LedgerPosition {
  return { chain, seq: 0, hash: BEFORE_THE_FIRST };
}

/** The drafts in their places behind `head`, all written `at`, and the chain's new head. */
export function appendTo(
  head: LedgerPosition,
  drafts: readonly LedgerDraft[],
  at: WallMs,
): { readonly entries: readonly LedgerEntry[]; readonly head: LedgerPosition } {
  const { chain } = head;
  let { seq, hash: prevHash } = head;
  const entries = drafts.map(({ kind, callId, body }): LedgerEntry => {
    // The column is only there to search by; what is hashed is the body.
    assert((body.callId ?? null) === callId, "an entry's call is the one its body names");
    seq++;
    const text = canonicalJson(body);
    const entry = { chain, seq, at, kind, callId, body: text };
    prevHash = entryHash(entry, prevHash);
    return { ...entry, hash: prevHash };
  });
  return { entries, head: { chain, seq, hash: prevHash } };
}

/**
 * SHA-256, hexadecimal, over the canonical JSON `{"at":…,"body":…,"chain":…,"kind":…,"prevHash":…,"seq":…}`. The body is
 * canonical already and stands in it as it is.
 */
export function entryHash(
  { chain, seq, at, kind, body }: Omit<LedgerEntry, 'callId' | 'hash'>,
  prevHash: string,
): string {
  const head = `{"at":"${toIso(at)}","body":${body},"chain":${JSON.stringify(chain)}`;
  return hash('sha256', `${head},"kind":"${kind}","prevHash":"${prevHash}","seq":${seq}}`, 'hex');
}
