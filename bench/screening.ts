/**
 * The opposition register's cleared lists: a whole import by the command, as a person runs it, what it holds of time and memory,
 * how long another writer of the same database waits meanwhile, and then look-ups in the list.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../src/base/clock.ts';
import { createNumberDigests } from '../src/base/number-digest.ts';
import { numberKeysOf } from '../src/config/number-key.ts';
import type { Connection } from '../src/store/connection.ts';
import { type DatabasePlace, databasePlace } from '../src/store/database-place.ts';
import { joinDatabase } from '../src/store/open-database.ts';
import { lookUpScreening } from '../src/store/screening/screening-look-up.ts';
import { visitDatabase } from '../src/store/visit-database.ts';
import { startPostgresqlServer } from '../src/testing/postgresql-server.ts';
import { machinePrice, machineText } from './load/machine-price.ts';
import { optionsOf } from './load/options.ts';
import { cpuOf, residentOctets } from './load/process-load.ts';
import { type Spread, spreadOf } from './load/spread.ts';

const HELP = `usage: npm run bench -- --only screening [--numbers 10000000] [--look-ups 50000] [--databases sqlite,postgresql]
   or: node bench/screening.ts [the same options]

PostgreSQL is Debian's, in a folder of its own, started for this and removed after it.
`;

/** Between two commits of the other writer, ms: like a store's groups. */
const COMMIT_EVERY_MS = 10;
/** Between two looks at the import's memory, ms. */
const LOOK_EVERY_MS = 50;

/** Half the mobile numbers of a block: those that a look-up asks for are cleared every second time. */
const numberAt = (n: number) => `3${String(2 * n).padStart(9, '0')}`;

async function writeFile(path: string, numbers: number): Promise<void> {
  const file = createWriteStream(path);
  for (let from = 0; from < numbers; from += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, numbers - from) }, (_, n) => {
      // Not in order, as no real list is.
      const scattered = ((from + n) * 7_919) % numbers;
      return `${numberAt(scattered)}\r\n`;
    });
    if (!file.write(lines.join(''))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
}

const pause = (ms: number, clock: Pick<Clock, 'monotonicMs' | 'setTimer'> = systemClock) =>
  new Promise<void>((resolve) => void clock.setTimer((clock.monotonicMs() + ms) as never, resolve));

/** Commits again and again until told to stop; how long each took, ms. */
async function commitBeside(connection: Connection, isOver: () => boolean): Promise<number[]> {
  const took: number[] = [];
  for (let n = 0; !isOver(); n++) {
    const begun = systemClock.monotonicMs();
    await connection.transaction(async () => {
      await connection.execute(
        `INSERT INTO settings_seen (name, sha256) VALUES ('bench', '${n}') ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256`,
      );
    });
    took.push(systemClock.monotonicMs() - begun);
    await pause(COMMIT_EVERY_MS);
  }
  return took;
}

async function measure(
  place: DatabasePlace,
  dataDir: string,
  file: string,
  lookUps: number,
  numbers: number,
): Promise<void> {
  await visitDatabase(place, systemClock);
  const database = await joinDatabase(place, 'bench', systemClock);
  const connection = await database.connection();

  let isOver = false;
  const alone = commitBeside(connection, () => isOver);
  await pause(2_000);
  isOver = true;
  const before = spreadOf(await alone);

  isOver = false;
  const beside = commitBeside(connection, () => isOver);
  const begun = systemClock.monotonicMs();
  const main = join(import.meta.dirname, '../src/main.ts');
  const environment = { BRUSIO_DATA: dataDir, ...(place.url === null ? {} : { BRUSIO_DATABASE: place.url }) };
  const child = spawn(
    process.execPath,
    [main, 'screening', 'import', file, '--controller', 'default', '--checked-at', new Date().toISOString()],
    { env: { ...process.env, ...environment }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let told = '';
  child.stderr.on('data', (text) => {
    told += text;
  });
  let octetsMax = 0;
  let cpuMs = 0;
  const exited = once(child, 'exit').then(([code]) => {
    isOver = true;
    return code;
  });
  while (!isOver) {
    try {
      octetsMax = Math.max(octetsMax, residentOctets(child.pid ?? 0));
      cpuMs = Math.max(cpuMs, cpuOf(child.pid ?? 0));
    } catch {
      // It ended between the two looks.
    }
    await pause(LOOK_EVERY_MS);
  }
  const code = await exited;
  const seconds = (systemClock.monotonicMs() - begun) / 1000;
  const waits = spreadOf(await beside);
  if (code !== 0) throw new Error(`the import ended with ${code}: ${told}`);
  console.log(
    `${connection.kind}: ${numbers.toLocaleString('en')} numbers in ${seconds.toFixed(1)} s (budget 120), ` +
      `${(cpuMs / 1000).toFixed(1)} s of CPU, ${(octetsMax / 1e6).toFixed(0)} MB at most (budget 300)`,
  );
  console.log(`  another writer's commits: alone ${text(before)}; meanwhile ${text(waits)}`);

  const { all } = createNumberDigests(numberKeysOf(join(dataDir, 'number-key'), systemClock.now().wallMs));
  const took: number[] = [];
  let cleared = 0;
  for (let n = 0; n < lookUps; n++) {
    const at = Math.floor(((n * 0.618_033_988_75) % 1) * numbers * 2);
    const digests = all(`+393${String(at).padStart(9, '0')}`);
    const asked = systemClock.monotonicMs();
    const found = await lookUpScreening(connection, 'default', digests);
    took.push(systemClock.monotonicMs() - asked);
    if (found?.cleared !== (at % 2 === 0)) throw new Error(`number ${at} is told cleared: ${found?.cleared}`);
    if (found.cleared) cleared += 1;
  }
  console.log(
    `  ${lookUps.toLocaleString('en')} look-ups, ${cleared.toLocaleString('en')} of them cleared: ${text(spreadOf(took))} (budget: p99 1 ms)`,
  );
  await database.close();
}

function text({ p50, p99, max }: Spread): string {
  return `p50 ${p50.toFixed(3)}, p99 ${p99.toFixed(3)}, max ${max.toFixed(1)} ms`;
}

async function main(): Promise<void> {
  const values = optionsOf(HELP, { numbers: '10000000', 'look-ups': '50000', databases: 'sqlite,postgresql' });
  if (values === null) return;
  console.log(machineText(await machinePrice()));
  const [numbers, lookUps] = [Number(values.numbers), Number(values['look-ups'])];
  const folder = mkdtempSync(join(tmpdir(), 'brusio-bench-screening-'));
  try {
    const file = join(folder, 'list.csv');
    await writeFile(file, numbers);
    for (const database of values.databases.split(',')) {
      const dataDir = join(folder, database);
      const server = database === 'postgresql' ? await startPostgresqlServer() : null;
      try {
        const url = (await server?.createDatabase()) ?? null;
        await measure(databasePlace({ url, dataDir, process: 'guard-1' }), dataDir, file, lookUps, numbers);
      } finally {
        await server?.remove();
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await main();
