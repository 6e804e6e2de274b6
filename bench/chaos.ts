/** `npm run chaos`: a loaded Brusio is killed, its disk filled, its database taken away; what was lost is told (nothing). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '../src/base/clock.ts';
import { describeError } from '../src/base/errors.ts';
import {
  fullDisk,
  hangingDisk,
  movedDatabase,
  postgresqlDatabase,
  readOnlyDisk,
  stoppedPostgresql,
} from './chaos/faults.ts';
import { killAtRandomPoints } from './chaos/kill.ts';
import { type Fault, outage } from './chaos/outage.ts';
import type { PartResult } from './chaos/part.ts';
import { endOnSignals, endsWithRun } from './load/ends-with-run.ts';
import { optionsOf } from './load/options.ts';

const HELP = `usage: npm run chaos -- [--only LIST] [--kills 200] [--minutes 120] [--outage 60] [--rate 20] [--seed N]

A dialer and a carrier of ours call through a Brusio of its own on loopback, in every kind of call, and meanwhile

  kill           Brusio is ended by kill -9 at random points, while it starts and recovers too, and started again
  full-disk      its disk is filled to the last octet, and emptied again
  read-only      its disk's file system fails and goes read-only, and is mounted again after a check
  hanging-disk   its disk answers no write, and then does again
  moved          its database is moved away, and back
  kill-postgresql  as kill, with its records on a PostgreSQL of this run's own
  postgresql     that PostgreSQL is ended without a word, and started again

Afterwards every call that a callee answered must have one outcome, told under one webhook id and in the ledger once; the ledger's chain
and the counts must hold (by code of this script's own), and nobody may be left on a line.
Without a disk or a database new calls must get 503, live ones go on and end in time, and their outcomes be written when it is back.

  --only LIST    some parts, separated by commas
  --kills N      how often it is killed
  --minutes N    after this time it is killed no more: on a busy machine a start takes long
  --outage S     how long disk or database are gone, seconds
  --rate N       calls per second
  --seed N       another run of chance

The disks are mounted in a name space of this run, for which it needs to be root (tmpfs, ext4 in a file, e2fsprogs and util-linux).
Exits with 1 when anything was lost or a part could not be tried.
`;

type Options = Readonly<Record<'only' | 'kills' | 'minutes' | 'outage' | 'rate' | 'seed', string>>;
type Part = { readonly mounts: boolean; readonly run: (options: Options) => Promise<PartResult> };

const loadOf = ({ rate, seed }: Options) => ({ callsPerSecond: Number(rate), seed: Number(seed) });
const killsOf = (options: Options) => ({
  ...{ kills: Number(options.kills), minutes: Number(options.minutes) },
  ...loadOf(options),
});

const outagePart = (fault: () => Fault, mounts: boolean): Part => ({
  mounts,
  run: (options) => outage(fault(), { outageS: Number(options.outage), ...loadOf(options) }),
});

const PARTS: Readonly<Record<string, Part>> = {
  kill: { mounts: false, run: (options) => killAtRandomPoints(killsOf(options)) },
  'full-disk': outagePart(fullDisk, true),
  'read-only': outagePart(readOnlyDisk, true),
  'hanging-disk': outagePart(hangingDisk, true),
  moved: outagePart(movedDatabase, false),
  'kill-postgresql': {
    mounts: false,
    async run(options) {
      const { server, database } = await postgresqlDatabase();
      try {
        return await killAtRandomPoints(killsOf(options), database);
      } finally {
        await server.remove();
      }
    },
  },
  postgresql: outagePart(stoppedPostgresql, false),
};

/** Set in the child that has a mount name space of its own. */
const INSIDE = 'CHAOS_MOUNT_NAMESPACE';

async function main(): Promise<number> {
  const options = optionsOf(HELP, {
    only: Object.keys(PARTS).join(','),
    kills: '200',
    minutes: '120',
    outage: '60',
    rate: '20',
    seed: '1',
  });
  if (options === null) return 0;
  const names = options.only.split(',');
  const parts = names.map((name) => PARTS[name]);
  const unknown = names.filter((_name, index) => parts[index] === undefined);
  if (unknown.length > 0) {
    console.log(`no such part: ${unknown.join(', ')}\n\n${HELP}`);
    return 64;
  }
  endOnSignals();
  if (parts.some((part) => part?.mounts) && process.env[INSIDE] === undefined) return inOwnMounts();
  let lost = 0;
  for (const [index, part] of parts.entries()) {
    const startedAtMs = systemClock.monotonicMs();
    console.log(`\n── ${names[index]}`);
    const result = await part?.run(options);
    for (const line of result?.tried ?? []) console.log(`  ${line}`);
    for (const line of result?.lost ?? []) console.log(`  LOST: ${line}`);
    lost += result?.lost.length ?? 0;
    console.log(`  ${((systemClock.monotonicMs() - startedAtMs) / 1_000).toFixed(0)} s`);
  }
  console.log(lost === 0 ? '\nnothing was lost' : `\n${lost} LOST`);
  return lost === 0 ? 0 : 1;
}

/** This very run once more, in mounts that nobody else sees; it ends when this process is ended. */
async function inOwnMounts(): Promise<number> {
  const command = ['--mount', '--propagation', 'private', process.execPath, ...process.argv.slice(1)];
  const child = spawn('unshare', command, { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } });
  endsWithRun(() => child.kill('SIGTERM'));
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    return code ?? 1;
  } catch (thrown) {
    console.log(`unshare: ${describeError(thrown)}`);
    return 1;
  }
}

process.exitCode = await main();
