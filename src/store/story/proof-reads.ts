/** Reads the proof that a call's entries stand in the ledger; writes a root where none comes after them yet. */
import { type Clock, toIso, type WallMs } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { localTimeOf } from '../../base/local-time.ts';
import type { LedgerBody } from '../../ledger/ledger-body.ts';
import type { LedgerKind } from '../../ledger/ledger-entry.ts';
import { type ChainProof, linked, type ProofEntry, shown } from '../../ledger/proof/chain-proof.ts';
import type { CheckedEntry } from '../../ledger/story/story-evidence.ts';
import { rootDraft } from '../../ledger/system-drafts.ts';
import { appendAlone } from '../append-alone.ts';
import type { Connection } from '../connection.ts';
import { selectHeads } from '../ledger-queries.ts';
import { selectEntries, selectHash } from '../verify/ledger-reads.ts';
import { type RootRow, selectRootsAfter, selectTimestampsAfter } from './story-queries.ts';

/** A proof, and the timestamp on its root where there is one. */
export type ReadProof = {
  readonly proof: ChainProof;
  readonly root: LedgerBody<'root'>;
  /** DER of RFC 3161's TimeStampToken. */
  readonly token: Buffer | null;
};

/** Entries that are read at once: some 20 MB. */
const PART_ENTRIES = 5_000;

/** Clocks of several processes may be apart by so much. */
const CLOCKS_APART_MS = 60_000;
/** Roots that are looked at for one that names the call's entries, and has a timestamp. */
const ROOTS_READ_MAX = 50;
/** A root that has a timestamp is taken in place of an earlier one that has none, unless the chain to it is longer than so. */
const TIMESTAMPED_WITHIN_MS = 172_800_000;

/** The chain of the roots that commands write. */
const ROOTS_CHAIN = 'roots';

/**
 * The proof of a call's entries. Rejects with AppError `ledger.not-whole` where an entry is missing.
 *
 * @param entries the call's, each as it was written
 * @param onRead hears how many entries were read
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
  const segments: ChainProof['segments'] = [];
  for (const [chain, { from }] of reach) {
    const to = root.heads.find((head) => head.chain === chain)?.seq ?? 0;
    segments.push(await readSegment(connection, chain, from, to, entries[0]?.callId ?? '', onRead));
  }
  const { chain, seq, at_ms: at, body, hash } = row;
  return {
    proof: {
      format: 'brusio-chain-proof@1',
      callId: entries[0]?.callId ?? '',
      root: { chain, seq, at: toIso(at as WallMs), body, hash, prevHash: await hashBefore(connection, chain, seq) },
      segments,
    },
    ...{ root, token },
  };
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
    .map((row) => ({ row, root: JSON.parse(row.body) as LedgerBody<'root'> }))
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
  const heads = (await connection.all(selectHeads, {})).map(({ chain, seq, hash }) => ({
    ...{ chain, seq, hash: Buffer.from(hash).toString('hex') },
  }));
  const now = clock.now().wallMs;
  await appendAlone(connection, ROOTS_CHAIN, [rootDraft(localTimeOf(timeZone, now).day, heads)], now);
}

async function readSegment(
  connection: Connection,
  chain: string,
  from: number,
  to: number,
  callId: string,
  onRead: (entries: number) => void,
): Promise<ChainProof['segments'][number]> {
  const entries: ProofEntry[] = [];
  for (let first = from; first <= to; first += PART_ENTRIES) {
    const last = Math.min(to, first + PART_ENTRIES - 1);
    for (const row of await connection.all(selectEntries, { chain, from: first, to: last })) {
      if (row.seq !== from + entries.length)
        throw new AppError('ledger.not-whole', `entry ${from + entries.length} of chain ${chain} is missing`);
      const entry = { seq: row.seq, at: row.at_ms as WallMs, kind: row.kind as LedgerKind, body: row.body };
      entries.push(row.call_id === callId ? shown(entry) : linked(entry));
    }
    onRead(entries.length);
  }
  return { chain, from, prevHash: await hashBefore(connection, chain, from), entries };
}

async function hashBefore(connection: Connection, chain: string, seq: number): Promise<string> {
  if (seq === 1) return '0'.repeat(64);
  const [row] = await connection.all(selectHash, { chain, seq: seq - 1 });
  if (row === undefined) throw new AppError('ledger.not-whole', `entry ${seq - 1} of chain ${chain} is missing`);
  return row.hash;
}
