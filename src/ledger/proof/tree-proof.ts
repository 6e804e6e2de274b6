/**
 * The proof that a call's entries stand in the ledger: each of them whole, the leaves of the tree over its chain that hold their
 * hashes, and the audit paths of these, to the tree's hash, which a root names. Whoever has the root, or the timestamp on it, need
 * not have the database; of other entries nothing is in it but hashes. Pure.
 */
import { z } from 'zod';
import type { WallMs } from '../../base/clock.ts';
import { entryHash } from '../hash-chain.ts';
import { LEDGER_KINDS } from '../ledger-entry.ts';
import { hashAtEndOf } from '../tree/audit-path.ts';
import { hashOfLeaf, LEAF_ENTRIES, leafOf, leavesOver } from '../tree/chain-tree.ts';
import type { FoundLeaf } from '../tree/leaf-finder.ts';
import {
  callIn,
  checkRoot,
  type ProofFindings,
  type ProvenEntry,
  rootEntrySchema,
  sha256Schema,
} from './proof-findings.ts';

const provenEntry = z.strictObject({
  chain: z.string(),
  seq: z.int().min(1),
  kind: z.enum(LEDGER_KINDS),
  at: z.iso.datetime(),
  body: z.string().describe('canonical JSON, as it stands in the ledger'),
  prevHash: sha256Schema.describe('of the entry before it'),
});

const provenLeaf = z.strictObject({
  chain: z.string(),
  leaf: z.int().min(0).describe('its place among the leaves'),
  hashes: z.array(sha256Schema).max(LEAF_ENTRIES).describe('of the entries that it holds, in their order'),
  path: z.array(sha256Schema).max(53).describe('audit path (RFC 6962 §2.1.1), the lowest first'),
});

/** The proof. */
export const treeProofSchema = z.strictObject({
  format: z.literal('brusio-tree-proof@1'),
  callId: z.string(),
  root: rootEntrySchema,
  entries: z.array(provenEntry).min(1),
  leaves: z.array(provenLeaf),
});

/** The proof. */
export type TreeProof = z.infer<typeof treeProofSchema>;

/** A leaf as it stands in a proof. */
export function writtenLeaf(chain: string, { leaf, hashes, path }: FoundLeaf): TreeProof['leaves'][number] {
  return { chain, leaf, hashes: [...hashes], path: path.map((hash) => Buffer.from(hash).toString('hex')) };
}

/** Checks a proof by itself. */
export function checkTreeProof({ callId, root: rootEntry, entries, leaves }: TreeProof): ProofFindings {
  const root = checkRoot(rootEntry);
  if ('problem' in root) return root;
  const proven: ProvenEntry[] = [];
  const used = new Set<TreeProof['leaves'][number]>();
  const reached = new Map<string, number>();
  for (const { chain, seq, at: written, kind, body, prevHash } of entries) {
    const at = Date.parse(written) as WallMs;
    const hash = entryHash({ chain, seq, at, kind, body }, prevHash);
    const leaf = leaves.find((one) => one.chain === chain && one.leaf === leafOf(seq));
    if (leaf?.hashes[(seq - 1) % LEAF_ENTRIES] !== hash)
      return { problem: `entry ${seq} of chain ${chain} is in no leaf of its tree: something was changed` };
    if (callIn(body) !== callId) return { problem: `entry ${seq} of chain ${chain} is of another call` };
    used.add(leaf);
    proven.push({ chain, seq, at, kind, body, hash });
  }
  for (const leaf of leaves) {
    const head = root.heads.find(({ chain }) => chain === leaf.chain);
    if (head?.tree === undefined) return { problem: `its root names no tree of chain ${leaf.chain}` };
    if (!used.has(leaf) || !isUnder(leaf, head.seq, head.tree))
      return { problem: `leaf ${leaf.leaf} of chain ${leaf.chain} is not in the tree that the root names` };
    reached.set(leaf.chain, head.seq);
  }
  const among = [...reached.values()].reduce((sum, seq) => sum + seq, 0);
  const { chain, seq } = rootEntry;
  return { callId, entries: proven, among, root: { chain, seq, day: root.day, root: root.root } };
}

function isUnder({ leaf, hashes, path }: TreeProof['leaves'][number], size: number, tree: string): boolean {
  if (hashes.length !== Math.min(LEAF_ENTRIES, size - leaf * LEAF_ENTRIES)) return false;
  const octets = path.map((one) => Buffer.from(one, 'hex'));
  const top = hashAtEndOf(octets, hashOfLeaf(hashes), leaf, leavesOver(size));
  return top !== null && Buffer.from(top).toString('hex') === tree;
}
