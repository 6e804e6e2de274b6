/**
 * The rules of law asked as the guard asks them, over a database as a busy installation's: how many rulings a second, how
 * long one takes, and what a call takes in the database.
 */

import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { systemClock } from '../src/base/clock.ts';
import { italy } from '../src/policy/jurisdictions/italy.ts';
import { type DatabasePlace, databasePlace } from '../src/store/database-place.ts';
import { openDatabase } from '../src/store/open-database.ts';
import { createRulings } from '../src/store/rulings/rulings.ts';
import { startPostgresqlServer } from '../src/testing/postgresql-server.ts';
import { optionsOf } from './load/options.ts';
import { figure, placeText, startTable } from './media/table.ts';
import { writeCalls } from './rulings/call-size.ts';
import { type Filling, fillDatabase, inviteSource } from './rulings/filled-database.ts';
import type { LongWriterData } from './rulings/long-writer.ts';
import { echoSpread, loadRulings, type RulingLoadResult } from './rulings/ruling-load.ts';

const HELP = `usage: npm run bench -- --only rulings [options]
   or: node bench/rulings.ts [options]

--cleared 10000000   numbers in the cleared list
--locks 1000000      locked numbers
--outcomes 200000    calls of the past, 2,000 of them machines' that may still be corrected
--rate 200           INVITEs a second
--seconds 20         of each load
--calls 50000        calls written to tell what one takes in the database; 0: none
--databases sqlite,postgresql
`;

/** How long a transaction of another is open beside the rulings, ms. */
const LONG_MS = 2_000;

/** A database to be filled, and how many octets it takes. */
type Engine = {
  readonly name: string;
  readonly place: DatabasePlace;
  octets(): Promise<number>;
  drop(): Promise<void>;
};

async function engine(name: string): Promise<Engine> {
  if (name === 'sqlite') {
    const dataDir = await mkdtemp(join(tmpdir(), 'brusio-bench-'));
    return {
      name: 'SQLite',
      place: databasePlace({ url: null, dataDir, process: 'guard-1' }),
      octets: async () => (await stat(join(dataDir, 'brusio.db'))).size,
      drop: () => rm(dataDir, { recursive: true }),
    };
  }
  const server = await startPostgresqlServer();
  const url = await server.createDatabase();
  return {
    name: 'PostgreSQL',
    place: databasePlace({ url, dataDir: tmpdir(), process: 'guard-1' }),
    octets: async () =>
      Number((await server.query(url, 'SELECT pg_database_size(current_database()) AS size'))[0]?.size),
    drop: () => server.remove(),
  };
}

/** A row for each load. */
async function measure({ name, place }: Engine, filling: Filling, rate: number, seconds: number): Promise<string[][]> {
  const made = await openDatabase(place, systemClock);
  await fillDatabase(place, filling);
  let thread: Worker | null = null;
  const rulings = createRulings({
    ...{ place, policies: [italy.policy], log: pino({ level: 'silent' }), clock: systemClock },
    spawned: (worker) => {
      thread = worker;
    },
  });
  await rulings.start([]);
  if (thread === null) throw new Error('the rulings have no thread');
  const invites = inviteSource(filling);
  await loadRulings(rulings, thread, invites, { perSecond: rate, seconds: 5 });
  const rows: string[][] = [];
  for (const perSecond of [rate, null]) {
    const result = await loadRulings(rulings, thread, invites, { perSecond, seconds });
    rows.push(rowOf(`${name}, ${perSecond === null ? '64 at a time' : 'evenly'}`, result));
  }
  const writer = new Worker(new URL('./rulings/long-writer.ts', import.meta.url), {
    workerData: { place, heldMs: LONG_MS } satisfies LongWriterData,
  });
  const beside = await loadRulings(rulings, thread, invites, { perSecond: rate, seconds });
  rows.push(rowOf(`${name}, evenly, beside transactions that write and last ${LONG_MS} ms`, beside));
  writer.postMessage('stop');
  await once(writer, 'exit');
  await rulings.stop();
  await made.close();
  return rows;
}

function rowOf(load: string, { perSecond, allowedShare, ms, threadCpuUs }: RulingLoadResult): string[] {
  const shares = [figure(perSecond, 0), figure(allowedShare * 100, 0)];
  return [load, ...shares, figure(ms.p50, 2), figure(ms.p99, 2), figure(ms.max, 1), figure(threadCpuUs, 0)];
}

async function run(
  options: Readonly<Record<'cleared' | 'locks' | 'outcomes' | 'rate' | 'seconds' | 'calls' | 'databases', string>>,
) {
  const filling = {
    ...{ cleared: Number(options.cleared), locks: Number(options.locks), outcomes: Number(options.outcomes) },
  };
  const [rate, seconds, calls] = [Number(options.rate), Number(options.seconds), Number(options.calls)];
  console.log(`${placeText()}\n${options.cleared} cleared numbers, ${options.locks} locks, ${options.outcomes} calls`);
  const columns = ['rulings', 'a second', '% allowed', 'p50 ms', 'p99', 'max', 'µs of CPU a ruling'];
  const table = startTable('Rulings', columns);
  const echo = await echoSpread(rate, seconds);
  table.row([
    'a thread that only answers',
    `${rate}`,
    '–',
    figure(echo.p50, 2),
    figure(echo.p99, 2),
    figure(echo.max, 1),
    '–',
  ]);
  const sizes: string[][] = [];
  for (const name of options.databases.split(',')) {
    const filled = await engine(name);
    for (const row of await measure(filled, filling, rate, seconds)) table.row(row);
    await filled.drop();
    if (calls === 0) continue;
    const small = await engine(name);
    await (await openDatabase(small.place, systemClock)).close();
    const empty = await small.octets();
    await writeCalls(small.place, calls);
    const mb = ((((await small.octets()) - empty) / calls) * 1e6) / 1e6;
    sizes.push([small.name, `${calls}`, figure(mb, 0)]);
    await small.drop();
  }
  const size = startTable('Database size', ['database', 'calls written', 'MB a million calls']);
  for (const row of sizes) size.row(row);
}

const options = optionsOf(HELP, {
  ...{ cleared: '10000000', locks: '1000000', outcomes: '200000', rate: '200', seconds: '20', calls: '50000' },
  databases: 'sqlite,postgresql',
});
if (options !== null) await run(options);
