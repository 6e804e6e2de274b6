/**
 * Writes entries behind the head of this process's chain, within the transaction of what they belong to, and moves what they
 * add up to. Two things about several processes on one database: a chain has one writer, so heads are never waited for; and
 * the rows that all of them move come last in a transaction and in one order, so that nobody waits long, nor for ever.
 */
import type { WallMs } from '../base/clock.ts';
import { inTextOrder } from '../base/text-order.ts';
import { appendTo, emptyChain } from '../ledger/hash-chain.ts';
import type { LedgerBody } from '../ledger/ledger-body.ts';
import type { CountedAs, LedgerDraft, LedgerPosition, LockMove } from '../ledger/ledger-entry.ts';
import { type OptOutPlace, optOutRow } from '../ledger/opt-out.ts';
import { type CampaignDay, emptyProjection, project } from '../ledger/projection.ts';
import type { Connection } from './connection.ts';
import {
  addToDay,
  insertEntry,
  liftLocks,
  selectHead,
  selectMoves,
  setLock,
  startCampaign,
  upsertSettingsSeen,
  withdrawLock,
} from './ledger-queries.ts';
import { deleteOptOut, insertOptOut } from './opt-outs/opt-out-queries.ts';

/** The ledger of one group of changes. */
export type LedgerWriter = {
  /** Posts the entries. */
  append(drafts: readonly LedgerDraft[], at: WallMs): readonly LedgerPosition[];
  /** What the call is counted as by everything before; null: not counted. Known of the calls that were named at `openLedger`. */
  countedAs(callId: string): CountedAs | null;
  /** What is appended from here on can be undone … */
  mark(): void;
  /** … whose rows the database has undone itself. */
  undo(): void;
  /** Posts what the entries move; once, after the last of them. The days whose counts move, and by how much. */
  finish(): readonly CampaignDay[];
};

/** Reads the chain's head, and what the calls are counted as. */
export async function openLedger(
  connection: Connection,
  chain: string,
  callIds: readonly string[],
): Promise<LedgerWriter> {
  const [[last], moves] = await Promise.all([
    connection.all(selectHead, { chain }),
    callIds.length === 0 ? [] : connection.all(selectMoves, { callIds: JSON.stringify(callIds) }),
  ]);
  let head: LedgerPosition =
    last === undefined ? emptyChain(chain) : { chain, seq: last.seq, hash: Buffer.from(last.hash).toString('hex') };
  const written: LedgerDraft[] = [];
  const counted = new Map<string, CountedAs | null>();
  for (const { call_id: callId, body } of moves) {
    const { count } = JSON.parse(body) as LedgerBody<'class'>;
    if (callId !== null && count !== null) counted.set(callId, count.to);
  }
  let marked = { head, written: 0 };
  let countedBefore: (readonly [string, CountedAs | null])[] = [];

  function noteCount({ callId, body }: LedgerDraft): void {
    const { count } = body as Partial<LedgerBody<'class'>>;
    if (callId === null || count === undefined || count === null) return;
    countedBefore.push([callId, counted.get(callId) ?? null]);
    counted.set(callId, count.to);
  }

  return {
    append(drafts, at) {
      const appended = appendTo(head, drafts, at);
      for (const { seq, kind, callId, body, hash } of appended.entries)
        connection.post(insertEntry, { chain, seq, at, kind, callId, body, hash: Buffer.from(hash, 'hex') });
      drafts.forEach((draft, index) => {
        const seq = appended.entries[index]?.seq;
        if (draft.kind !== 'opt-out' || seq === undefined) return;
        postOptOut(connection, draft.body as LedgerBody<'opt-out'>, { chain, seq });
      });
      head = appended.head;
      written.push(...drafts);
      drafts.forEach(noteCount);
      return appended.entries.map(({ seq, hash }) => ({ chain, seq, hash }));
    },
    countedAs: (callId) => counted.get(callId) ?? null,
    mark() {
      marked = { head, written: written.length };
      countedBefore = [];
    },
    undo() {
      head = marked.head;
      written.length = marked.written;
      for (const [callId, before] of countedBefore.reverse()) counted.set(callId, before);
      countedBefore = [];
    },
    finish: () => postMoves(connection, written),
  };
}

function postMoves(connection: Connection, drafts: readonly LedgerDraft[]): readonly CampaignDay[] {
  const moved = emptyProjection();
  const locks: { readonly callId: string; readonly lock: LockMove }[] = [];
  for (const draft of drafts) {
    project(moved, draft);
    const { lock } = draft.body as Partial<LedgerBody<'class'>>;
    if (draft.callId !== null && lock !== undefined && lock !== null) locks.push({ callId: draft.callId, lock });
    if (draft.kind === 'settings') {
      const { name, sha256 } = draft.body as LedgerBody<'settings'>;
      connection.post(upsertSettingsSeen, { name, sha256 });
    }
  }
  for (const { campaign, controller, firstDay, firstAt } of sorted(moved.campaigns))
    connection.post(startCampaign, { campaign, controller, firstDay, firstAt });
  const days = sorted(moved.days).filter(isMoved);
  for (const day of days) connection.post(addToDay, day);
  // A stable sort: what becomes of one number stays in its order.
  locks.sort((a, b) => inTextOrder(a.lock.digests[0] ?? '', b.lock.digests[0] ?? ''));
  for (const { callId, lock } of locks) postLock(connection, callId, lock);
  return days;
}

/** At once, unlike what several processes move: of one entry there is one row. */
function postOptOut(connection: Connection, body: LedgerBody<'opt-out'>, place: OptOutPlace): void {
  const row = optOutRow(body, place);
  if (row !== null) connection.post(insertOptOut, row);
  for (const removed of body.removes) connection.post(deleteOptOut, removed);
}

function isMoved({ silent, handled, machines, machinesHeard, hungUp }: CampaignDay): boolean {
  return [silent, handled, machines, machinesHeard, hungUp].some((calls) => calls !== 0);
}

function postLock(connection: Connection, callId: string, { scope, digests, move, at, until, after }: LockMove): void {
  const [newest] = digests;
  if (move === 'set') {
    if (newest === undefined || until === null) return;
    const times = { until: Date.parse(until), silentAt: Date.parse(at), after: after ?? null };
    connection.post(setLock, { scope, digest: newest, callId, ...times });
    return;
  }
  for (const digest of digests) {
    if (move === 'lift') connection.post(liftLocks, { scope, digest, at: Date.parse(at) });
    else connection.post(withdrawLock, { scope, digest, callId });
  }
}

function sorted<T>(rows: ReadonlyMap<string, T>): readonly T[] {
  return [...rows].sort(([a], [b]) => inTextOrder(a, b)).map(([, row]) => row);
}
