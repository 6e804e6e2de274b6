/**
 * Puts a list into the database in small transactions that hold nobody up, while it is not in force; then puts it in force in
 * one, together with its ledger entry. Until then, and whatever goes wrong, look-ups find the list before it.
 */
import { addMs, type Clock, toIso, type WallMs } from '../../base/clock.ts';
import { AppError } from '../../base/errors.ts';
import { deletionDraft, importDraft } from '../../ledger/system-drafts.ts';
import type { DigestBlock } from '../../policy/screening/digest-blocks.ts';
import type { ListFindings } from '../../policy/screening/list-findings.ts';
import type { Connection } from '../connection.ts';
import { openLedger } from '../ledger-writer.ts';
import type { ScreeningListsTable } from '../schema.ts';
import {
  deleteBlocks,
  deleteList,
  insertBlock,
  insertList,
  putInForce,
  retireListOf,
  selectLeftLists,
  selectListOf,
} from './screening-queries.ts';

/** The chain of the ledger that all imports and removals write, of whatever process: they wait for one another. */
export const SCREENING_CHAIN = 'screening';

/** Blocks in one transaction: 256 kB, which SQLite writes in a millisecond or two. */
const BLOCKS_AT_ONCE = 64;
/** After each transaction others have the database to themselves: as long as it took, and at least this, ms. */
const PAUSE_MIN_MS = 5;
/** A transaction that another program's lock kept out is tried again so often … */
const ATTEMPTS_MAX = 5;
/** … after this pause, ms. */
const RETRY_MS = 200;
/** A list that is not in force so long after its import began is what a crash has left, ms: 10 million numbers take seconds. */
const LEFT_AFTER_MS = 3_600_000;

/** A list that was read. */
export type NewList = {
  readonly list: string;
  readonly controller: string;
  readonly checkedAt: WallMs;
  readonly expiresAt: WallMs;
  readonly fileName: string | null;
  readonly sha256: string;
  readonly keyId: string;
  readonly findings: ListFindings;
};

/** The list that another took the place of. */
export type ReplacedList = { readonly list: string; readonly numbers: number; readonly checkedAt: WallMs };

/** When it is in force, and what it replaced. Rejects with the database's errors, and AppError `store.import-lost`. */
export async function writeList(
  connection: Connection,
  list: NewList,
  blocks: Iterable<DigestBlock>,
  clock: Clock,
  onWritten: (numbers: number) => void,
): Promise<{ readonly importedAt: WallMs; readonly replaced: ReplacedList | null }> {
  const { controller } = list;
  const values = {
    list: list.list,
    controller,
    checkedAtMs: list.checkedAt,
    expiresAtMs: list.expiresAt,
    numbers: list.findings.numbers,
    sha256: list.sha256,
    fileName: list.fileName ?? '',
    keyId: list.keyId,
  };
  // What is not in force yet may be lost in a power cut; the transaction that puts it in force is on the disk with all before it.
  const isSqlite = connection.kind === 'sqlite';
  // A list that is dropped leaves digests behind in free pages, which say nothing without their key.
  if (isSqlite) await connection.execute('PRAGMA synchronous = NORMAL; PRAGMA secure_delete = OFF');
  await dropLeftLists(connection, clock);
  await gently(connection, clock, async () => {
    connection.post(insertList, { ...values, importedAtMs: clock.now().wallMs });
  });
  let written = 0;
  for (const batch of batches(blocks)) {
    await gently(connection, clock, async () => {
      for (const { first, digests } of batch)
        connection.post(insertBlock, { list: list.list, first: Buffer.from(first, 'hex'), digests });
    });
    for (const { digests } of batch) written += digests.length / 8;
    onWritten(written);
  }
  if (isSqlite) await connection.execute('PRAGMA synchronous = FULL');

  const importedAt = clock.now().wallMs;
  let replaced: ReplacedList | null = null;
  await gently(connection, clock, async () => {
    await holdChain(connection);
    const [before] = await connection.all(selectListOf, { controller });
    replaced =
      before === undefined
        ? null
        : { list: before.list_id, numbers: before.numbers, checkedAt: before.checked_at_ms as WallMs };
    await connection.run(retireListOf, { controller });
    if ((await connection.run(putInForce, { list: list.list, importedAtMs: importedAt })) !== 1)
      throw new AppError(
        'store.import-lost',
        'the list was removed while it was written: another import took it for abandoned',
      );
    const ledger = await openLedger(connection, SCREENING_CHAIN, []);
    ledger.append([draftOf(list)], importedAt);
    ledger.finish();
  });
  // The new list is in force whatever becomes of this: what stays is dropped by the next import.
  if (replaced !== null) await dropList(connection, clock, (replaced as ReplacedList).list).catch(() => {});
  return { importedAt, replaced };
}

/**
 * Takes the controller's list out of force, in one transaction with its ledger entry; then drops it. The list as it was; null:
 * there is none. Rejects with the database's errors.
 */
export async function removeList(
  connection: Connection,
  controller: string,
  reference: string | null,
  clock: Clock,
): Promise<ScreeningListsTable | null> {
  let removed: ScreeningListsTable | null = null;
  await gently(connection, clock, async () => {
    await holdChain(connection);
    const [list] = await connection.all(selectListOf, { controller });
    removed = list ?? null;
    if (list === undefined) return;
    await connection.run(retireListOf, { controller });
    const ledger = await openLedger(connection, SCREENING_CHAIN, []);
    const what = `screening list ${list.list_id} of controller ${controller}`;
    ledger.append([deletionDraft({ what, sha256: list.sha256, keptUntil: null, reference })], clock.now().wallMs);
    ledger.finish();
  });
  const gone = removed as ScreeningListsTable | null;
  // Out of force whatever becomes of this: what stays is dropped by the next import.
  if (gone !== null) await dropList(connection, clock, gone.list_id).catch(() => {});
  return gone;
}

/** One after the other, since each goes on with the chain of the one before. SQLite's writers do so anyway. */
async function holdChain(connection: Connection): Promise<void> {
  if (connection.kind === 'postgresql')
    await connection.execute('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`chain ${SCREENING_CHAIN}`]);
}

function draftOf({ list, controller, checkedAt, expiresAt, fileName, sha256, keyId, findings }: NewList) {
  return importDraft({
    list,
    controller,
    checkedAt: toIso(checkedAt),
    expiresAt: toIso(expiresAt),
    fileName,
    sha256,
    numbers: findings.numbers,
    duplicates: findings.duplicates.count,
    malformed: findings.malformed.count,
    keyId,
  });
}

/** Lists whose import came to no end, and those that were replaced and not dropped. */
async function dropLeftLists(connection: Connection, clock: Clock): Promise<void> {
  const before = clock.now().wallMs - LEFT_AFTER_MS;
  for (const { list_id: list } of await connection.all(selectLeftLists, { before }))
    await dropList(connection, clock, list);
}

async function dropList(connection: Connection, clock: Clock, list: string): Promise<void> {
  for (let dropped = BLOCKS_AT_ONCE; dropped === BLOCKS_AT_ONCE; ) {
    await gently(connection, clock, async () => {
      dropped = await connection.run(deleteBlocks, { list, most: BLOCKS_AT_ONCE });
    });
  }
  await gently(connection, clock, async () => {
    connection.post(deleteList, { list });
  });
}

/** One small transaction, tried again when another program's lock kept it out, and a pause after it. */
async function gently(connection: Connection, clock: Clock, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const begun = clock.monotonicMs();
    try {
      await connection.transaction(work);
      const tookMs = clock.monotonicMs() - begun;
      return await paused(clock, Math.max(tookMs, PAUSE_MIN_MS));
    } catch (thrown) {
      if (attempt === ATTEMPTS_MAX || connection.faultOf(thrown) !== 'world') throw thrown;
      await paused(clock, RETRY_MS);
    }
  }
}

function paused(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.setTimer(addMs(clock.monotonicMs(), ms), resolve);
  });
}

function* batches(blocks: Iterable<DigestBlock>): Generator<readonly DigestBlock[]> {
  let batch: DigestBlock[] = [];
  for (const block of blocks) {
    batch.push(block);
    if (batch.length < BLOCKS_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
