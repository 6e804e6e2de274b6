/** What the store's main side, and the commands beside it, ask of what is kept of people: each a transaction with its ledger entry. */
import { toIso, type WallMs } from '../../base/clock.ts';
import { maskNumber, NUMBER_DROPPED } from '../../base/redact.ts';
import {
  type Erased,
  FOUND_CALLS_MAX,
  type NumberErasure,
  type RetentionLimits,
  type Swept,
} from '../../guard/privacy-port.ts';
import { erasureDraft } from '../../ledger/system-drafts.ts';
import { type CorrectedOutcome, type OutcomeCorrection, withCorrections } from '../../policy/outcome-correction.ts';
import { recordOf } from '../../policy/stored-record.ts';
import { selectCorrections } from '../call-queries.ts';
import type { Connection } from '../connection.ts';
import { openLedger } from '../ledger-writer.ts';
import { integer, query, text } from '../query.ts';
import { isInList } from '../value-list.ts';
import { eraseNumber } from './number-erasure.ts';
import { sweepBatch } from './retention-sweep.ts';

/** Erases, and writes the entry to this chain. */
export async function eraseAndTell(
  connection: Connection,
  chain: string,
  erasure: NumberErasure,
  at: WallMs,
): Promise<Erased> {
  const erased = await connection.transaction(async () => {
    const gone = await eraseNumber(connection, erasure);
    const { digests, controller } = erasure;
    const { numbers, webhooks } = gone;
    await tell(connection, chain, at, {
      cause: 'request',
      before: null,
      digests: [...digests],
      controller,
      numbers,
      webhooks,
    });
    return gone;
  });
  await writeBack(connection);
  return erased;
}

/** One batch; the entry where numbers went. */
export async function sweepAndTell(
  connection: Connection,
  chain: string,
  limits: RetentionLimits,
  at: WallMs,
): Promise<Swept> {
  const swept = await connection.transaction(async () => {
    const gone = await sweepBatch(connection, limits);
    const { numbers, webhooks } = gone;
    const before = toIso(limits.numbersBefore);
    if (numbers > 0)
      await tell(connection, chain, at, {
        cause: 'retention',
        before,
        digests: [],
        controller: null,
        numbers,
        webhooks,
      });
    return gone;
  });
  if (!swept.more) await writeBack(connection);
  return swept;
}

async function tell(
  connection: Connection,
  chain: string,
  at: WallMs,
  said: Parameters<typeof erasureDraft>[0],
): Promise<void> {
  const ledger = await openLedger(connection, chain, []);
  ledger.append([erasureDraft(said)], at);
  ledger.finish();
}

/**
 * SQLite: what was dropped stands in the WAL until that is written back. A reader in the way puts it off to the next sweep, an hour
 * at most.
 */
async function writeBack(connection: Connection): Promise<void> {
  if (connection.kind === 'sqlite') await connection.execute('PRAGMA wal_checkpoint(TRUNCATE)');
}

const selectByDigest = query({ digests: text, most: integer }, (db, { digests, most }, kind) =>
  db
    .selectFrom('outcomes')
    .leftJoin('call_numbers', 'call_numbers.call_id', 'outcomes.call_id')
    .select(['outcomes.call_id', 'outcomes.record', 'call_numbers.number'])
    .where(isInList(kind, 'outcomes.digest', digests))
    .orderBy('outcomes.invited_at_ms', 'desc')
    .limit(most),
);

/** The calls whose number has one of these digests, the latest first, as they stand now. */
export async function findByDigest(
  connection: Connection,
  digests: readonly string[],
): Promise<readonly CorrectedOutcome[]> {
  const rows = await connection.all(selectByDigest, { digests: JSON.stringify(digests), most: FOUND_CALLS_MAX });
  const calls: CorrectedOutcome[] = [];
  for (const { call_id: callId, record, number } of rows) {
    const corrections = (await connection.all(selectCorrections, { callId })).map(
      (row) => JSON.parse(row.correction) as OutcomeCorrection,
    );
    const shown = number === null ? NUMBER_DROPPED : maskNumber(number);
    calls.push(withCorrections({ ...recordOf(record), number: shown }, corrections));
  }
  return calls;
}
