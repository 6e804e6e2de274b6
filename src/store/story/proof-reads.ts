/** Reads the proof that a call's entries stand in the ledger; writes a root where none comes after them yet. */
import { type Clock, toIso, type WallMs } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { localTimeOf } from '../../base/local-time.ts';
import type { AnyRoot, LedgerBody } from '../../ledger/ledger-body.ts';
import { checkTreeProof, type TreeProof, writtenLeaf } from '../../ledger/proof/tree-proof.ts';
import type { CheckedEntry } from '../../ledger/story/story-evidence.ts';
import { rootDraft } from '../../ledger/system-drafts.ts';
import { type ChainTree, LEAF_ENTRIES, subtreesOf } from '../../ledger/tree/chain-tree.ts';
import { createLeafFinder, type FoundLeaf } from '../../ledger/tree/leaf-finder.ts';
import { appendAlone } from '../append-alone.ts';
import type { Connection } from '../connection.ts';
import { selectHashesAfter } from '../ledger-queries.ts';
import { createTreeGrower } from '../tree/tree-grower.ts';
import { lastTreesBefore } from '../tree/tree-reads.ts';
import { selectHash } from '../verify/ledger-reads.ts';
import { type RootRow, selectRootsAfter, selectTimestampsAfter } from './story-queries.ts';

/** A proof, and the timestamp on its root where there is one. */
export type ReadProof = {
  readonly proof: TreeProof;
  readonly root: LedgerBody<'root'>;
  /** DER of RFC 3161's TimeStampToken. */
  readonly token: Buffer | null;
};

/** Hashes that are read at once. */
const PART_ENTRIES = 5_000;

/** Clocks of several processes may be apart by so much. */
const CLOCKS_APART_MS = 60_000;
/** Roots that are looked at for one that names the call's entries, and has a timestamp. */
const ROOTS_READ_MAX = 50;
/** A root that has a timestamp is taken in place of an earlier one that has none, unless it is later by more than so. */
const TIMESTAMPED_WITHIN_MS = 172_800_000;

/** The chain of the roots that commands write. */
const ROOTS_CHAIN = 'roots';

/**
 * The proof of a call's entries. Rejects with AppError `ledger.not-whole` where an entry is missing.
 *
 * @param entries the call's, each as it was written
 * @param onRead hears how many hashes were read
 */
export async function readProof(
  connection: Connection,
  entries: readonly CheckedEntry[],
  { timeZone, clock }: { readonly timeZone: string; readonly clock: Clock },
  onRead: (entries: number) => void = () => {},
): Promise<ReadProof> {
  const reach = reachOf(entries);
  let found = await findRoot(connection, entries, reach);
  if (found === null) {
    await writeRoot(connection, timeZone, clock);
    found = await findRoot(connection, entries, reach);
  }
  if (found === null) throw new AppError('ledger.not-whole', 'no root can be written over the entries of this call');
  const { row, root, token } = found;
  const before = await lastTreesBefore(connection, Math.min(...entries.map(({ at }) => at)) + CLOCKS_APART_MS);
  const leaves: TreeProof['leaves'] = [];
  for (const [chain, { from }] of reach) {
    const seqs = entries.filter((entry) => entry.chain === chain).map(({ seq }) => seq);
    const known = before.filter((tree) => tree.chain === chain && tree.seq < from);
    const size = root.heads.find((head) => head.chain === chain)?.seq ?? 0;
    for (const leaf of await readLeaves(connection, known, seqs, { chain, size }, onRead))
      leaves.push(writtenLeaf(chain, leaf));
  }
  const { chain, seq, at_ms: at, body, hash } = row;
  const proof: TreeProof = {
    format: 'brusio-tree-proof@1',
    callId: entries[0]?.callId ?? '',
    root: { chain, seq, at: toIso(at as WallMs), body, hash, prevHash: await hashBefore(connection, chain, seq) },
    entries: entries.map(writtenEntry),
    leaves,
  };
  const checked = checkTreeProof(proof);
  if ('problem' in checked) throw new AppError('ledger.not-whole', `nothing can be proven: ${checked.problem}`);
  return { proof, root, token };
}

function writtenEntry({ chain, seq, kind, at, body, prevHash }: CheckedEntry): TreeProof['entries'][number] {
  return { chain, seq, kind, at: toIso(at), body, prevHash: prevHash ?? '' };
}

type Reach = ReadonlyMap<string, { readonly from: number; readonly to: number }>;

/** From the first to the last of the call's entries in each chain. */
function reachOf(entries: readonly CheckedEntry[]): Reach {
  const reach = new Map<string, { from: number; to: number }>();
  for (const { chain, seq } of entries) {
    const known = reach.get(chain);
    reach.set(chain, { from: Math.min(known?.from ?? seq, seq), to: Math.max(known?.to ?? seq, seq) });
  }
  return reach;
}

type FoundRoot = { readonly row: RootRow; readonly root: LedgerBody<'root'>; readonly token: Buffer | null };

async function findRoot(
  connection: Connection,
  entries: readonly CheckedEntry[],
  reach: Reach,
): Promise<FoundRoot | null> {
  const after = Math.max(...entries.map(({ at }) => at)) - CLOCKS_APART_MS;
  const rows = await connection.all(selectRootsAfter, { after, most: ROOTS_READ_MAX });
  const covering = rows
    .map((row) => ({ row, root: JSON.parse(row.body) as AnyRoot }))
    // Those of version 1 name no trees.
    .filter((one): one is { row: RootRow; root: LedgerBody<'root'> } => one.root.v === 2)
    .filter(({ root }) =>
      [...reach].every(([chain, { to }]) => root.heads.some((head) => head.chain === chain && head.seq >= to)),
    );
  const [first] = covering;
  if (first === undefined) return null;
  const timestamps = await connection.all(selectTimestampsAfter, { after: first.row.at_ms, most: ROOTS_READ_MAX });
  const signed = timestamps.map(({ body }) => JSON.parse(body) as LedgerBody<'timestamp'>);
  for (const { row, root } of covering) {
    if (row.at_ms - first.row.at_ms > TIMESTAMPED_WITHIN_MS) break;
    const stamp = signed.find(({ root: of }) => of.chain === row.chain && of.seq === row.seq && of.hash === row.hash);
    if (stamp !== undefined) return { row, root, token: Buffer.from(stamp.token, 'base64') };
  }
  return { ...first, token: null };
}

async function writeRoot(connection: Connection, timeZone: string, clock: Clock): Promise<void> {
  const grower = createTreeGrower();
  let trees = await grower.grow(connection);
  while (trees === null) trees = await grower.grow(connection);
  const now = clock.now().wallMs;
  await appendAlone(connection, ROOTS_CHAIN, [rootDraft(localTimeOf(timeZone, now).day, trees)], now);
}

/** The leaves of entries of one chain in the tree over its first `size`, read from the last tree before them on. */
async function readLeaves(
  connection: Connection,
  known: readonly ChainTree[],
  seqs: readonly number[],
  { chain, size }: { readonly chain: string; readonly size: number },
  onRead: (entries: number) => void,
): Promise<readonly FoundLeaf[]> {
  const nearest = known.reduce<ChainTree | null>((best, tree) => (tree.seq > (best?.seq ?? 0) ? tree : best), null);
  const peaks = nearest === null ? null : subtreesOf(nearest);
  const first = peaks === null || nearest === null ? 0 : nearest.seq - (nearest.seq % LEAF_ENTRIES);
  const finder = createLeafFinder(peaks ?? [], seqs, size);
  for (let last = first; last < size; ) {
    const limit = Math.min(PART_ENTRIES, size - last);
    const reached = last + limit;
    for (const { seq, hash } of await connection.all(selectHashesAfter, { chain, seq: last, limit })) {
      if (seq !== last + 1) break;
      finder.add(hash);
      last = seq;
    }
    if (last < reached) throw new AppError('ledger.not-whole', `entry ${last + 1} of chain ${chain} is missing`);
    onRead(last - first);
  }
  return finder.leaves();
}

async function hashBefore(connection: Connection, chain: string, seq: number): Promise<string> {
  if (seq === 1) return '0'.repeat(64);
  const [row] = await connection.all(selectHash, { chain, seq: seq - 1 });
  if (row === undefined) throw new AppError('ledger.not-whole', `entry ${seq - 1} of chain ${chain} is missing`);
  return row.hash;
}
