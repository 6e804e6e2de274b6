/**
 * The proof that a call's entries stand in the ledger: each chain from the call's first entry to where a root names its head,
 * so that whoever has the root, or the timestamp on it, need not have the database. Entries of other calls are in it as links
 * alone: the state of SHA-256 before their last octets, from which nobody can tell what they say, and by which nobody can put
 * others in their place. Pure.
 */
import { z } from 'zod';
import { toIso, type WallMs } from '../../base/clock.ts';
import { entryHash } from '../hash-chain.ts';
import { LEDGER_KINDS, type LedgerKind } from '../ledger-entry.ts';
import { rootHash } from '../system-drafts.ts';
import { BLOCK_OCTETS, hashFrom, stateAfter } from './sha256-blocks.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
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
  prevHash: sha256.describe('of the entry before it'),
  entries: z.array(z.union([shownEntry, link])),
});

const rootEntry = z.strictObject({
  ...{ chain: z.string(), seq: z.int().min(1), at: z.iso.datetime(), body: z.string(), prevHash: sha256, hash: sha256 },
});

/** The proof. */
export const chainProofSchema = z.strictObject({
  format: z.literal('brusio-chain-proof@1'),
  callId: z.string(),
  root: rootEntry,
  segments: z.array(segment).min(1),
});

/** The proof. */
export type ChainProof = z.infer<typeof chainProofSchema>;
/** One entry of a segment. */
export type ProofEntry = ChainProof['segments'][number]['entries'][number];

/** An entry as the ledger has it. */
export type ProvenEntry = {
  readonly seq: number;
  readonly at: WallMs;
  readonly kind: LedgerKind;
  readonly body: string;
};

/** Whole, for an entry of the call itself. */
export function shown({ kind: of, at, body }: ProvenEntry): ProofEntry {
  return { kind: of, at: toIso(at), body };
}

/** As a link, for any other. */
export function linked({ kind: of, at, body }: ProvenEntry): ProofEntry {
  const octets = Buffer.from(`{"at":"${toIso(at)}","body":${body}`);
  const blocks = Math.floor(octets.length / BLOCK_OCTETS);
  const state = stateAfter(octets.subarray(0, blocks * BLOCK_OCTETS));
  const rest = octets.subarray(blocks * BLOCK_OCTETS);
  return [of, blocks, Buffer.from(state).toString('base64'), rest.toString('base64')];
}

function hashOf(entry: ProofEntry, chain: string, seq: number, prevHash: string): string {
  if (!Array.isArray(entry)) {
    const { kind: of, at, body } = entry;
    return entryHash({ chain, seq, at: Date.parse(at) as WallMs, kind: of, body }, prevHash);
  }
  const [of, blocks, state, rest] = entry;
  const end = `,"chain":${JSON.stringify(chain)},"kind":"${of}","prevHash":"${prevHash}","seq":${seq}}`;
  const octets = Buffer.concat([Buffer.from(rest, 'base64'), Buffer.from(end)]);
  return hashFrom(Buffer.from(state, 'base64'), blocks * BLOCK_OCTETS, octets);
}

/** What a proof was found to show, or why it shows nothing. */
export type ProofFindings =
  | { readonly problem: string }
  | {
      readonly callId: string;
      /** The call's entries with their recomputed hashes. */
      readonly entries: readonly (ProvenEntry & { readonly chain: string; readonly hash: string })[];
      readonly links: number;
      readonly root: { readonly chain: string; readonly seq: number; readonly day: string; readonly root: string };
    };

/** Checks a proof by itself, from its octets on. */
export function checkProof(octets: Uint8Array): ProofFindings {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(octets).toString('utf8'));
  } catch {
    return { problem: 'is no JSON' };
  }
  const read = chainProofSchema.safeParse(parsed);
  if (!read.success) return { problem: `is no proof: ${read.error.issues[0]?.path.join('.')}` };
  const { callId, root, segments } = read.data;
  const { chain, seq, at, body, prevHash } = root;
  if (entryHash({ chain, seq, at: Date.parse(at) as WallMs, kind: 'root', body }, prevHash) !== root.hash)
    return { problem: 'its root is not the entry that its hash says' };
  const said = readRoot(body);
  if (said === null) return { problem: 'its root is none' };
  if (rootHash(said.day, said.heads) !== said.root) return { problem: 'its root is not the hash of its heads' };
  const entries: (ProvenEntry & { readonly chain: string; readonly hash: string })[] = [];
  let links = 0;
  for (const part of segments) {
    let before = part.prevHash;
    for (const [index, entry] of part.entries.entries()) {
      const place = part.from + index;
      before = hashOf(entry, part.chain, place, before);
      if (Array.isArray(entry)) links += 1;
      else {
        const shownAs = { seq: place, at: Date.parse(entry.at) as WallMs, kind: entry.kind, body: entry.body };
        if (callIn(entry.body) !== callId)
          return { problem: `entry ${place} of chain ${part.chain} is of another call` };
        entries.push({ ...shownAs, chain: part.chain, hash: before });
      }
    }
    const last = part.from + part.entries.length - 1;
    const head = said.heads.find((one) => one.chain === part.chain);
    if (head?.seq !== last || head.hash !== before)
      return {
        problem: `chain ${part.chain} does not lead from the call's entries to the root: something was changed`,
      };
  }
  if (entries.length === 0) return { problem: 'it shows no entry of the call' };
  return { callId, entries, links, root: { chain, seq, day: said.day, root: said.root } };
}

const rootBody = z.object({
  day: z.string(),
  heads: z.array(z.object({ chain: z.string(), seq: z.int(), hash: sha256 })),
  root: sha256,
});

function readRoot(body: string): z.infer<typeof rootBody> | null {
  try {
    return rootBody.parse(JSON.parse(body));
  } catch {
    return null;
  }
}

function callIn(body: string): unknown {
  try {
    return (JSON.parse(body) as { readonly callId?: unknown } | null)?.callId;
  } catch {
    return undefined;
  }
}
