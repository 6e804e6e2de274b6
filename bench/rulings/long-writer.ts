/** A thread that writes to what rulings read and takes its time: one transaction after the other, each held for a while before it commits. */
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../src/base/clock.ts';
import type { Connection } from '../../src/store/connection.ts';
import type { DatabasePlace } from '../../src/store/database-place.ts';
import { joinDatabase } from '../../src/store/open-database.ts';

/** What the thread is started with. */
export type LongWriterData = { readonly place: DatabasePlace; readonly heldMs: number };

/** Locks that are written in each. */
const LOCKS = 2_000;

const { place, heldMs } = workerData as LongWriterData;
const startedAt = systemClock.now().wallMs;
let stopping = false;
parentPort?.once('message', () => {
  stopping = true;
});
const database = await joinDatabase(place, 'long', systemClock);
const connection = await database.connection();
for (let turn = 0; !stopping; turn++) {
  await connection.transaction(async () => {
    await write(connection, turn);
    await pause(heldMs);
  });
}
await database.close();

async function write({ kind, execute }: Connection, turn: number): Promise<void> {
  await execute('UPDATE campaign_days SET handled = handled + 1');
  const series =
    kind === 'sqlite'
      ? `WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ${LOCKS}) SELECT n FROM s`
      : `SELECT n FROM generate_series(1, ${LOCKS}) AS g(n)`;
  const { rows } = await execute(series);
  const names = rows.map(({ n }) => `'written ${startedAt} ${turn} ${n}'`);
  await execute(
    `INSERT INTO recall_locks (scope, digest, until_ms, silent_at_ms, call_id) VALUES ${names.map((name) => `('bench', ${name}, 0, 0, ${name})`).join(', ')}`,
  );
}
