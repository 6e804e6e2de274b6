/**
 * Opt-outs by hand: a letter that came, an agent who was told, an entry that was wrong. Each is an entry of the ledger, with the
 * row that it makes or takes away in one transaction.
 */
import { type Clock, toIso, type WallMs } from '../../base/clock.ts';
import type { CalledNumber, OptOutPage, OptOutRemoval, OptOutSaid, OptOutStore } from '../../guard/opt-out-port.ts';
import type { LedgerBody } from '../../ledger/ledger-body.ts';
import { type OptOutRow, optOutDraft } from '../../ledger/opt-out.ts';
import type { Connection } from '../connection.ts';
import { openLedger } from '../ledger-writer.ts';
import { selectCalled, selectDecision, selectOptOutPage, selectOptOutsOf } from './opt-out-queries.ts';

/** All of it on one connection, for a command that writes this chain. */
export function optOutStoreOn(connection: Connection, chain: string, clock: Clock): OptOutStore {
  return {
    addOptOut: (said) => addOptOut(connection, chain, said, clock.now().wallMs),
    removeOptOuts: (removal) => removeOptOuts(connection, chain, removal, clock.now().wallMs),
    optOutsOf: (digests) => optOutsOf(connection, digests),
    optOutPage: (page) => optOutPage(connection, page),
    calledNumber: (ref) => calledNumber(connection, ref),
  };
}

/** Writes one down, to this chain. */
export function addOptOut(
  connection: Connection,
  chain: string,
  { scope, digest, callId, source, reference }: OptOutSaid,
  at: WallMs,
): Promise<OptOutRow> {
  return connection.transaction(async () => {
    const said = { scope, digest, callId, source, reference };
    const { seq } = await write(connection, chain, { move: 'add', ...said, at: toIso(at), removes: [] }, at);
    return { chain, seq, ...said, at };
  });
}

/** Takes back all of a number in one scope; those that were there, and no entry where there were none. */
export function removeOptOuts(
  connection: Connection,
  chain: string,
  { digests, scope, source, reference }: OptOutRemoval,
  at: WallMs,
): Promise<readonly OptOutRow[]> {
  return connection.transaction(async () => {
    await holdChain(connection, chain);
    const removed = (await optOutsOf(connection, digests)).filter((row) => row.scope === scope);
    const [digest] = digests;
    if (removed.length === 0 || digest === undefined) return [];
    const removes = removed.map(({ chain: of, seq }) => ({ chain: of, seq }));
    const said = { move: 'remove', scope, digest, callId: null, source, reference } as const;
    await write(connection, chain, { ...said, at: toIso(at), removes }, at);
    return removed;
  });
}

/** Those of a number, whoever they are for, the latest first. */
export async function optOutsOf(connection: Connection, digests: readonly string[]): Promise<readonly OptOutRow[]> {
  return (await connection.all(selectOptOutsOf, { digests: JSON.stringify(digests) })) as unknown as OptOutRow[];
}

/** All, the latest first, a page at a time. */
export async function optOutPage(connection: Connection, { before, most }: OptOutPage): Promise<readonly OptOutRow[]> {
  const { at, chain, seq } = before ?? { at: Number.MAX_SAFE_INTEGER, chain: '', seq: 0 };
  const page = { beforeAt: at, beforeChain: chain, beforeSeq: seq, most };
  return (await connection.all(selectOptOutPage, page)) as unknown as OptOutRow[];
}

/** The number that a guarded call went to, by our id or, once it is over, the Call-ID of the dialer's leg; null: there is none. */
export async function calledNumber(connection: Connection, ref: string): Promise<CalledNumber | null> {
  const [over] = await connection.all(selectCalled, { ref });
  if (over !== undefined) return over.digest === null ? null : { ...over, digest: over.digest };
  const [decided] = await connection.all(selectDecision, { callId: ref });
  if (decided === undefined) return null;
  const { callId, digest, controller } = JSON.parse(decided.body) as LedgerBody<'decision'>;
  return { callId, digest, controller };
}

async function write(
  connection: Connection,
  chain: string,
  said: Parameters<typeof optOutDraft>[0],
  at: WallMs,
): Promise<{ readonly seq: number }> {
  await holdChain(connection, chain);
  const ledger = await openLedger(connection, chain, []);
  const [position] = ledger.append([optOutDraft(said)], at);
  ledger.finish();
  return { seq: position?.seq ?? 0 };
}

/** Commands beside one another write one chain: one after the other, as SQLite's transactions are anyway. */
async function holdChain(connection: Connection, chain: string): Promise<void> {
  if (connection.kind === 'postgresql')
    await connection.execute('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`chain ${chain}`]);
}
