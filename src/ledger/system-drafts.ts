/** What the ledger is told besides calls: starts and stops, settings, lists, erasures, roots. Pure. */
import { hash } from 'node:crypto';
import { inTextOrder } from '../base/text-order.ts';
import { canonicalJson } from './canonical-json.ts';
import type { LedgerBody } from './ledger-body.ts';
import type { Json, LedgerDraft, LedgerKind, LedgerPosition } from './ledger-entry.ts';
import type { ChainTree } from './tree/chain-tree.ts';

/** The bodies that are written as they are said. */
type Said<K extends LedgerKind> = Omit<LedgerBody<K>, 'v'>;

/** `start`: this process writes from here on. Without a `stop` before it, the one before it ended otherwise. */
export function startDraft(said: Said<'start'>): LedgerDraft {
  return draft('start', { v: 2, ...said });
}

/** `stop`: it ended as it should. */
export function stopDraft(said: Said<'stop'>): LedgerDraft {
  return draft('stop', { v: 1, ...said });
}

/** `settings`: what counts from here on. Its `sha256` is what is compared with the last one, to see whether it changed. */
export function settingsDraft(name: LedgerBody<'settings'>['name'], content: Json): LedgerDraft & { sha256: string } {
  const sha256 = hash('sha256', canonicalJson(content), 'hex');
  return {
    sha256,
    ...draft('settings', { v: 2, name, sha256, content: content as LedgerBody<'settings'>['content'] }),
  };
}

/** `import`: a cleared list of the opposition register. */
export function importDraft(said: Said<'import'>): LedgerDraft {
  return draft('import', { v: 1, ...said });
}

/** `export`: what was given out. */
export function exportDraft(said: Said<'export'>): LedgerDraft {
  return draft('export', { v: 1, ...said });
}

/** `deletion`: what was kept for as long as the law wants, and is no more. */
export function deletionDraft(said: Said<'deletion'>): LedgerDraft {
  return draft('deletion', { v: 2, ...said });
}

/** `erasure`: numbers that were dropped. */
export function erasureDraft(said: Said<'erasure'>): LedgerDraft {
  return draft('erasure', { v: 1, ...said });
}

/** A chain's last entry in a root; `tree` since version 2 of it: the hash of the tree over the chain up to there, hexadecimal. */
export type RootHead = LedgerPosition & { readonly tree?: string };

/** `root`: one hash over the heads and trees of all chains as they were when `day` ended, or the process did. */
export function rootDraft(day: string, trees: readonly ChainTree[]): LedgerDraft {
  const sorted = [...trees].sort((a, b) => inTextOrder(a.chain, b.chain));
  const heads = sorted.map(({ chain, seq, hash: headHash, tree }) => ({ chain, seq, hash: headHash, tree }));
  const peaks = Object.fromEntries(sorted.map((tree) => [tree.chain, [...tree.peaks]]));
  return draft('root', { v: 2, day, heads, peaks, root: rootHash(day, heads) });
}

/** What a root stands for: SHA-256 over {@link rootText}, hexadecimal. */
export function rootHash(day: string, heads: readonly RootHead[]): string {
  return hash('sha256', rootText(day, heads), 'hex');
}

/** The octets that an authority signs the hash of; `heads` in the order of the entry. */
export function rootText(day: string, heads: readonly RootHead[]): string {
  const said = heads.map(({ chain, seq, hash: headHash, tree }) => ({
    ...{ chain, seq, hash: headHash },
    ...(tree === undefined ? {} : { tree }),
  }));
  return canonicalJson({ day, heads: said });
}

/** `timestamp`: an authority has signed a root. */
export function timestampDraft(said: Said<'timestamp'>): LedgerDraft {
  return draft('timestamp', { v: 1, ...said });
}

function draft<K extends LedgerKind>(kind: K, body: LedgerBody<K> & LedgerDraft['body']): LedgerDraft {
  return { kind, callId: null, body };
}
