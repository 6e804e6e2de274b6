/**
 * The ledger alone: how fast it is written by the store's own writing, how large it becomes, how fast it is verified. Made-up
 * calls in the mix of a dialer's day: a decision each, half answered, some with a class before their end, an outcome each.
 */

import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type WallMs } from '../src/base/clock.ts';
import type { CountMove, LockMove } from '../src/ledger/ledger-entry.ts';
import type { OutcomeRecord } from '../src/policy/outcome-record.ts';
import { type DatabasePlace, databasePlace } from '../src/store/database-place.ts';
import { commitGroup } from '../src/store/group-commit.ts';
import { openDatabase } from '../src/store/open-database.ts';
import type { StoreWrite } from '../src/store/store-message.ts';
import { verifyLedger } from '../src/store/verify/verify-ledger.ts';
import { sampleCallDrafts } from '../src/testing/ledger-samples.ts';
import { outcomeEntry, sampleCallId } from '../src/testing/stored-calls.ts';
import { optionsOf } from './load/options.ts';

const HELP = `usage: npm run bench -- --only ledger [--calls 500000] [--database postgres://…]
   or: node bench/ledger.ts [the same options]
500,000 calls are some 1.3 million entries. Without --database: SQLite in a folder that is removed again. A PostgreSQL
database must be empty, and is left as it is.
`;

/** As many changes as the store puts into one transaction. */
const GROUP_CALLS = 400;

const options = optionsOf(HELP, { calls: '500000', database: '' });
if (options !== null) await measure(Number(options.calls), options.database === '' ? null : options.database);

async function measure(calls: number, url: string | null): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'brusio-bench-ledger-'));
  try {
    const place = databasePlace({ url, dataDir, process: 'guard-1' });
    const entries = await write(place, calls);
    if (url === null) {
      const octets = statSync(join(dataDir, 'brusio.db')).size;
      console.log(`size      ${(octets / calls).toFixed(0)} octets a call, ${(octets / 1e9).toFixed(2)} GB in all`);
    }
    for (const threads of new Set([1, availableParallelism()])) {
      const before = process.cpuUsage();
      const started = performance.now();
      const report = await verifyLedger(place, systemClock, () => {}, { threads });
      const seconds = (performance.now() - started) / 1_000;
      const { user, system } = process.cpuUsage(before);
      const bad = report.faults.length + report.tables.length;
      if (bad > 0 || report.entries !== entries) throw new Error(`not as it was written: ${JSON.stringify(report)}`);
      const cpuUs = (user + system) / entries;
      console.log(
        `verify    ${threads} thread${threads === 1 ? '' : 's'}: ${perSecond(entries, seconds)}, ${cpuUs.toFixed(1)} µs of CPU an entry`,
      );
    }
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

async function write(place: DatabasePlace, calls: number): Promise<number> {
  const database = await openDatabase(place, systemClock);
  const connection = await database.connection();
  const started = performance.now();
  let entries = 0;
  for (let n = 0; n < calls; n += GROUP_CALLS) {
    const changes = Array.from({ length: Math.min(GROUP_CALLS, calls - n) }, (_, index) => changesOf(n + index)).flat();
    const { positions } = await commitGroup(connection, place.process, { token: `group ${n}`, changes }, null);
    entries += positions.reduce((sum, of) => sum + of.length, 0);
  }
  console.log(
    `write     ${entries} entries of ${calls} calls: ${perSecond(entries, (performance.now() - started) / 1_000)}`,
  );
  await database.close();
  return entries;
}

/** What the store is told of one call: its drafts, then its outcome. */
function changesOf(n: number): readonly StoreWrite[] {
  const at = (Date.UTC(2026, 10, 20, 9) + n * 20) as WallMs;
  const drafts = sampleCallDrafts(n);
  const body = drafts.find(({ kind }) => kind === 'outcome')?.body as unknown as {
    readonly count: CountMove | null;
    readonly lock: LockMove | null;
    readonly digest: string;
    readonly record: OutcomeRecord;
  };
  const { count, lock, digest } = body;
  const record = { ...body.record, number: '+39333•••4567', callId: sampleCallId(n) };
  return [
    { op: 'ledger', drafts: drafts.filter(({ kind }) => kind !== 'outcome' && kind !== 'correction'), at },
    { op: 'outcome', entry: { ...outcomeEntry(n), record, count, lock, digest, controller: 'acme' }, at },
  ];
}

function perSecond(entries: number, seconds: number): string {
  return `${Math.round(entries / seconds).toLocaleString('en-GB')} entries/s (${seconds.toFixed(1)} s)`;
}
