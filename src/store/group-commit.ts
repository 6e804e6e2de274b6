/** One transaction for everything that arrived while the last one was on its way to the disk. */
import type { WallMs } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { LedgerPosition } from '../ledger/ledger-entry.ts';
import type { CampaignDay } from '../ledger/projection.ts';
import type { CampaignAlertData } from '../policy/campaign-threshold.ts';
import { raiseCampaignAlerts } from './campaign-alerts.ts';
import type { CampaignWatch } from './campaign-watch.ts';
import type { Connection } from './connection.ts';
import { selectHashesAfter } from './ledger-queries.ts';
import { query, text } from './query.ts';
import type { ChangeGroup, RejectedEntry, StoreWrite, WrittenGroup } from './store-message.ts';
import { openChangeWriter } from './store-writes.ts';

/** The last group that this process committed. */
const selectLastGroup = query({ process: text }, (db, { process }) =>
  db.selectFrom('last_groups').select(['token', 'result']).where('process', '=', process),
);
const upsertLastGroup = query({ process: text, token: text, result: text }, (db, { process, token, result }) =>
  db
    .insertInto('last_groups')
    .values({ process, token, result })
    .onConflict((conflict) =>
      conflict
        .column('process')
        .doUpdateSet(({ ref }) => ({ token: ref('excluded.token'), result: ref('excluded.result') })),
    ),
);

/** What is kept of a committed group: enough to say again what was said of it, or would have been. */
type KeptGroup = {
  readonly rejected: readonly RejectedEntry[];
  /** The chain's last entry before the group. */
  readonly after: number;
  /** How many entries each change has, by its place. */
  readonly entries: readonly number[];
  readonly alerts: readonly CampaignAlertData[];
};

/**
 * Commits the group and resolves with where its entries stand, and what could not be part of it because it is wrong itself.
 * A group that was committed before, by a connection that was lost before it could say so, is not written again. Rejects with
 * the database's error when the world is in the way; then nothing is committed, or nobody knows.
 */
export async function commitGroup(
  connection: Connection,
  process: string,
  group: ChangeGroup,
  watch: CampaignWatch | null,
): Promise<WrittenGroup> {
  try {
    return await connection.transaction(() => writeOnce(connection, process, group, watch, writeTogether));
  } catch (thrown) {
    if (connection.faultOf(thrown) !== 'entry') throw thrown;
  }
  // One entry is poisoned: once more, each under a savepoint of its own, so that only the wrong ones are left out.
  return connection.transaction(() => writeOnce(connection, process, group, watch, writeOneByOne));
}

type WriteChanges = typeof writeTogether;

/** A group before its transaction ends, with the days whose counts it moves. */
type WrittenChanges = Omit<WrittenGroup, 'alerts'> & { readonly moved: readonly CampaignDay[] };

async function writeOnce(
  connection: Connection,
  process: string,
  { token, changes }: ChangeGroup,
  watch: CampaignWatch | null,
  writeChanges: WriteChanges,
): Promise<WrittenGroup> {
  const [last] = await connection.all(selectLastGroup, { process });
  if (last?.token === token) return writtenBefore(connection, process, JSON.parse(last.result) as KeptGroup);
  const { rejected, positions, moved } = await writeChanges(connection, process, changes);
  const alerts = watch === null ? [] : await raiseCampaignAlerts(connection, process, moved, watch, timeOf(changes));
  const first = positions.find((ofChange) => ofChange.length > 0)?.[0];
  const entries = positions.map((ofChange) => ofChange.length);
  const kept: KeptGroup = { rejected, after: (first?.seq ?? 1) - 1, entries, alerts };
  connection.post(upsertLastGroup, { process, token, result: JSON.stringify(kept) });
  return { rejected, positions, alerts };
}

/** When the latest of the changes was made. */
function timeOf(changes: readonly StoreWrite[]): WallMs {
  return changes.reduce((latest, change) => ('at' in change && change.at > latest ? change.at : latest), 0 as WallMs);
}

async function writtenBefore(
  connection: Connection,
  chain: string,
  { rejected, after, entries, alerts }: KeptGroup,
): Promise<WrittenGroup> {
  const limit = entries.reduce((sum, count) => sum + count, 0);
  const rows = await connection.all(selectHashesAfter, { chain, seq: after, limit });
  const all = rows.map(({ seq, hash }) => ({ chain, seq, hash: Buffer.from(hash).toString('hex') }));
  return { rejected, positions: entries.map((count) => all.splice(0, count)), alerts };
}

async function writeTogether(
  connection: Connection,
  process: string,
  changes: readonly StoreWrite[],
): Promise<WrittenChanges> {
  const writer = await openChangeWriter(connection, process, changes);
  const positions = changes.map((change) => writer.write(change));
  return { rejected: [], positions, moved: writer.finish() };
}

async function writeOneByOne(
  connection: Connection,
  process: string,
  changes: readonly StoreWrite[],
): Promise<WrittenChanges> {
  const writer = await openChangeWriter(connection, process, changes);
  const rejected: RejectedEntry[] = [];
  const positions: (readonly LedgerPosition[])[] = [];
  for (const [index, change] of changes.entries()) {
    try {
      await connection.savepoint(async () => {
        positions[index] = writer.write(change);
      });
    } catch (thrown) {
      if (connection.faultOf(thrown) !== 'entry') throw thrown;
      writer.undone(change);
      positions[index] = [];
      rejected.push({ index, problem: describeError(thrown) });
    }
  }
  return { rejected, positions, moved: writer.finish() };
}
