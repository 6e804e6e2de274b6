/**
 * The proof as it was given out before roots named trees, read for ever: each chain from the call's first entry to where a root
 * names its head. Entries of other calls are in it as links alone: the state of SHA-256 before their last octets, from which
 * nobody can tell what they say, and by which nobody can put others in their place. Pure.
 */
import { z } from 'zod';
import type { WallMs } from '../../base/clock.ts';
import { entryHash } from '../hash-chain.ts';
import { LEDGER_KINDS } from '../ledger-entry.ts';
import {
  callIn,
  checkRoot,
  type ProofFindings,
  type ProvenEntry,
  rootEntrySchema,
  sha256Schema,
} from './proof-findings.ts';
import { BLOCK_OCTETS, hashFrom } from './sha256-blocks.ts';

const base64 = z.base64();
const kind = z.enum(LEDGER_KINDS);

/** An entry that is shown. */
const shownEntry = z.strictObject({
  kind,
  at: z.iso.datetime(),
  body: z.string().describe('canonical JSON, as it stands in the ledger'),
});

/**
 * One that is not: its kind, the blocks of its beginning, the state of SHA-256 after them, and the octets after those that are
 * before `,"chain":` (at most 63, the last ones of its body).
 */
const link = z.tuple([kind, z.int().min(0), base64, base64]);

const segment = z.strictObject({
  chain: z.string(),
  from: z.int().min(1).describe('`seq` of the first entry'),
  prevHash: sha256Schema.describe('of the entry before it'),
  entries: z.array(z.union([shownEntry, link])),
});

/** The proof. */
export const chainProofSchema = z.strictObject({
  format: z.literal('brusio-chain-proof@1'),
  callId: z.string(),
  root: rootEntrySchema,
  segments: z.array(segment).min(1),
});

/** The proof. */
export type ChainProof = z.infer<typeof chainProofSchema>;

function hashOf(
  entry: ChainProof['segments'][number]['entries'][number],
  chain: string,
  seq: number,
  prevHash: string,
): string {
  if (!Array.isArray(entry)) {
    const { kind: of, at, body } = entry;
    return entryHash({ chain, seq, at: Date.parse(at) as WallMs, kind: of, body }, prevHash);
  }
  const [of, blocks, state, rest] = entry;
  const end = `,"chain":${JSON.stringify(chain)},"kind":"${of}","prevHash":"${prevHash}","seq":${seq}}`;
  const octets = Buffer.concat([Buffer.from(rest, 'base64'), Buffer.from(end)]);
  return hashFrom(Buffer.from(state, 'base64'), blocks * BLOCK_OCTETS, octets);
}

/** Checks a proof by itself. */
export function checkChainProof({ callId, root: rootEntry, segments }: ChainProof): ProofFindings {
  const root = checkRoot(rootEntry);
  if ('problem' in root) return root;
  const entries: ProvenEntry[] = [];
  let among = 0;
  for (const part of segments) {
    let before = part.prevHash;
    for (const [index, entry] of part.entries.entries()) {
      const place = part.from + index;
      before = hashOf(entry, part.chain, place, before);
      if (Array.isArray(entry)) continue;
      if (callIn(entry.body) !== callId) return { problem: `entry ${place} of chain ${part.chain} is of another call` };
      const shownAs = { seq: place, at: Date.parse(entry.at) as WallMs, kind: entry.kind, body: entry.body };
      entries.push({ ...shownAs, chain: part.chain, hash: before });
    }
    const last = part.from + part.entries.length - 1;
    const head = root.heads.find((one) => one.chain === part.chain);
    if (head?.seq !== last || head.hash !== before)
      return {
        problem: `chain ${part.chain} does not lead from the call's entries to the root: something was changed`,
      };
    among += last;
  }
  if (entries.length === 0) return { problem: 'it shows no entry of the call' };
  const { chain, seq } = rootEntry;
  return { callId, entries, among, root: { chain, seq, day: root.day, root: root.root } };
}
