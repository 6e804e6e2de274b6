import type { WallMs } from '../base/clock.ts';
import type { LedgerDraft } from '../ledger/ledger-entry.ts';
import type { Connection } from './connection.ts';
import { openLedger } from './ledger-writer.ts';

/** Entries for a chain that several programs may write, one at a time, in a transaction of their own. */
export async function appendAlone(
  connection: Connection,
  chain: string,
  drafts: readonly LedgerDraft[],
  at: WallMs,
): Promise<void> {
  await connection.transaction(async () => {
    // SQLite's transaction is alone already.
    if (connection.kind === 'postgresql')
      await connection.execute('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`chain ${chain}`]);
    const ledger = await openLedger(connection, chain, []);
    ledger.append(drafts, at);
    ledger.finish();
    await connection.sent();
  });
}
