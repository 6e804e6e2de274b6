/**
 * Opt-outs in the ledger: a person said to a controller, never again, or that was written down by mistake. What of them holds
 * is kept in the table `opt_outs`, a row for each entry that adds one. An entry that takes some back names them, so that it
 * does not matter in which order processes wrote. Pure.
 */
import type { WallMs } from '../base/clock.ts';
import type { OptOutSource } from '../policy/opt-out-source.ts';
import type { LedgerBody } from './ledger-body.ts';
import type { LedgerDraft, LedgerPosition } from './ledger-entry.ts';

/** Where an opt-out's entry stands. */
export type OptOutPlace = Pick<LedgerPosition, 'chain' | 'seq'>;

/** An opt-out that holds, as its entry says. */
export type OptOutRow = OptOutPlace & {
  /** The controller, or the whole installation (`WHOLE_INSTALLATION`). */
  readonly scope: string;
  readonly digest: string;
  readonly at: WallMs;
  readonly source: OptOutSource;
  /** The call in which it was said; null: told by the number. */
  readonly callId: string | null;
  readonly reference: string | null;
};

/** `opt-out`: what was said, or is taken back. */
export function optOutDraft(said: Omit<LedgerBody<'opt-out'>, 'v'>): LedgerDraft {
  return { kind: 'opt-out', callId: said.callId, body: { v: 1, ...said } };
}

/** The row of an entry that adds one; null: it takes some back. */
export function optOutRow(
  { move, scope, digest, at, source, callId, reference }: LedgerBody<'opt-out'>,
  { chain, seq }: OptOutPlace,
): OptOutRow | null {
  if (move === 'remove') return null;
  return { chain, seq, scope, digest, at: Date.parse(at) as WallMs, source, callId, reference };
}
