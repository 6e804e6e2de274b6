/** What every proof of a call's entries has in it, and what is found of it. Pure. */
import { z } from 'zod';
import type { WallMs } from '../../base/clock.ts';
import { entryHash } from '../hash-chain.ts';
import type { LedgerKind } from '../ledger-entry.ts';
import { type RootHead, rootHash } from '../system-drafts.ts';

/** SHA-256, hexadecimal. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** The root's entry. */
export const rootEntrySchema = z.strictObject({
  ...{ chain: z.string(), seq: z.int().min(1), at: z.iso.datetime(), body: z.string() },
  ...{ prevHash: sha256Schema, hash: sha256Schema },
});
type RootEntry = z.infer<typeof rootEntrySchema>;

/** An entry as the ledger has it. */
export type ProvenEntry = {
  readonly chain: string;
  readonly seq: number;
  readonly at: WallMs;
  readonly kind: LedgerKind;
  readonly body: string;
  /** Recomputed. */
  readonly hash: string;
};

/** What a proof was found to show, or why it shows nothing. */
export type ProofFindings =
  | { readonly problem: string }
  | {
      readonly callId: string;
      readonly entries: readonly ProvenEntry[];
      /** Entries of the call's chains up to where the root names them. */
      readonly among: number;
      readonly root: { readonly chain: string; readonly seq: number; readonly day: string; readonly root: string };
    };

/** What a root says, whichever version it is of. */
export type ReadRoot = { readonly day: string; readonly heads: readonly RootHead[]; readonly root: string };

const rootBody = z.object({
  day: z.string(),
  heads: z.array(z.object({ chain: z.string(), seq: z.int(), hash: sha256Schema, tree: sha256Schema.optional() })),
  root: sha256Schema,
});

/** Whether the entry's hash is that of its content, and the root in it that of its heads; then what it says. */
export function checkRoot({
  chain,
  seq,
  at,
  body,
  prevHash,
  hash,
}: RootEntry): ReadRoot | { readonly problem: string } {
  if (entryHash({ chain, seq, at: Date.parse(at) as WallMs, kind: 'root', body }, prevHash) !== hash)
    return { problem: 'its root is not the entry that its hash says' };
  const said = rootBody.safeParse(jsonIn(body));
  if (!said.success) return { problem: 'its root is none' };
  const { day, heads, root } = said.data;
  const read = { day, root, heads: heads.map(({ tree, ...head }) => (tree === undefined ? head : { ...head, tree })) };
  return rootHash(day, read.heads) === root ? read : { problem: 'its root is not the hash of its heads' };
}

/** The call that an entry's body names. */
export function callIn(body: string): unknown {
  return (jsonIn(body) as { readonly callId?: unknown } | null | undefined)?.callId;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
