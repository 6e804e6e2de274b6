/**
 * `npm run test:peers`: Brusio beside PBXs that the user has installed, in every way of bringing callee and agent
 * together. What it finds is told as a table; exit code 1 when any call was counted wrongly.
 */
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeWorkFolders } from '../work-folder.ts';
import { asteriskPeer } from './asterisk/asterisk-peer.ts';
import { freeswitchPeer } from './freeswitch/freeswitch-peer.ts';
import type { Peer } from './pbx.ts';
import { histogramBound, remarks, table, wrongCount } from './report.ts';
import { runTrial, type TrialOptions } from './trial.ts';

const HELP = `usage: npm run test:peers -- [options]

Places calls with an installed Asterisk or FreeSWITCH through Brusio to callees of the script's own, brings an agent
from 0.2 to 4 s after the answer or never, in every way those servers have, and compares each outcome with what the
server itself told. Everything is on loopback; the server runs with a copy of sip-test/peers/<server>/.

  --asterisk PROGRAM       default: asterisk in PATH
  --asterisk-modules DIR   its modules; default: looked for beside the program
  --asterisk-data DIR      its data (documentation, sounds); default: looked for beside the program
  --freeswitch PROGRAM     default: freeswitch in PATH
  --only NAMES             of freeswitch, asterisk-ari, asterisk-ami; default: whatever is there
  --ways NAMES             default: all; an unknown name tells them
  --calls N                each; default 500
  --rate N                 calls a second; default 6
  --seed N                 default 1; the same seed plans the same calls
  --cut                    cuts Brusio's connection to the server for 0.3 to 5 s every 9 s
  --drop-late MS           a silent callee may be held so long beyond 3.000 s; default 100
  --verbose                also the metrics of the agent source

SIP_TEST_KEEP=1 keeps the work folders (server's log, Brusio's settings and data).
Exit code: 0 all right, 1 a call or the run was wrong, 64 wrong options, 69 the server is not there, 130 interrupted.
`;
const EXIT = { wrong: 1, usage: 64, unavailable: 69, interrupted: 130 };

const OPTIONS = {
  asterisk: { type: 'string' },
  'asterisk-modules': { type: 'string' },
  'asterisk-data': { type: 'string' },
  freeswitch: { type: 'string' },
  only: { type: 'string' },
  ways: { type: 'string' },
  calls: { type: 'string', default: '500' },
  rate: { type: 'string', default: '6' },
  seed: { type: 'string', default: '1' },
  'drop-late': { type: 'string', default: '100' },
  cut: { type: 'boolean', default: false },
  verbose: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/** What cannot be run as asked. */
class Refusal extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Whoever interrupts leaves no server behind. */
const interrupted = new Promise<never>((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => reject(new Refusal(EXIT.interrupted, 'interrupted')));
});
// Before a run begins nobody waits for it.
interrupted.catch(() => undefined);

async function main(): Promise<number> {
  const values = readOptions();
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  let wrong = 0;
  for (const peer of peersOf(values)) wrong += await run(peer, trialOptions(values, peer), values.verbose);
  return wrong === 0 ? 0 : EXIT.wrong;
}

/** @returns how much was wrong */
async function run(peer: Peer, options: TrialOptions, verbose: boolean): Promise<number> {
  const { version, calls, metrics, cuts, problems } = await runTrial(peer, options, console.log);
  const load = loadavg().map((value) => value.toFixed(1));
  const delays = (['event', 'splice'] as const).map(
    (what) =>
      `${what} p50 ≤ ${histogramBound(metrics, `brusio_agent_${what}_delay_ms`, 0.5)}, p99 ≤ ${histogramBound(metrics, `brusio_agent_${what}_delay_ms`, 0.99)}`,
  );
  const lost = /^brusio_agent_source_reconnects_total\{.*\} (\d+)$/m.exec(metrics)?.[1] ?? '?';
  console.log(
    [
      `\n${peer.name}, ${version}, seed ${options.seed}, ${options.callsPerSecond} calls/s${options.cut ? `, connection cut ${cuts.count} times, ${seconds(cuts.cutMs)} s in all; the source was not up for ${seconds(cuts.downMs)} s (${lost} connections lost)` : ''}`,
      '',
      table(calls),
      '',
      `of Brusio's own histograms, ms: ${delays.join('; ')}. Load average ${load.join(' ')}`,
      ...remarks(calls),
      ...problems.map((problem) => `problem: ${problem}`),
      ...(verbose ? metrics.split('\n').filter((line) => line.startsWith('brusio_agent_source')) : []),
    ].join('\n'),
  );
  const isUnmoved = options.cut && Number(lost) < cuts.count;
  if (isUnmoved) console.log(`problem: ${cuts.count} cuts, but only ${lost} connections were counted as lost`);
  return wrongCount(calls) + problems.length + (isUnmoved ? 1 : 0);
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function readOptions(): Values {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    throw new Refusal(EXIT.usage, `${(error as Error).message}\n\n${HELP}`);
  }
}

function peersOf(values: Values): readonly Peer[] {
  const asterisk = program('asterisk', values.asterisk);
  const freeswitch = program('freeswitch', values.freeswitch);
  const all = [
    ...(asterisk === null
      ? []
      : (['ari', 'ami'] as const).map((protocol) =>
          asteriskPeer({
            program: asterisk,
            modules: values['asterisk-modules'],
            data: values['asterisk-data'],
            protocol,
          }),
        )),
    ...(freeswitch === null ? [] : [freeswitchPeer(freeswitch)]),
  ];
  const named = values.only?.split(',');
  const peers = all.filter(({ name }) => named === undefined || named.includes(name));
  const missing = named?.filter((name) => !all.some((one) => one.name === name)) ?? [];
  if (missing.length > 0 || peers.length === 0) {
    const what = missing.length > 0 ? missing.join(', ') : 'neither Asterisk nor FreeSWITCH';
    throw new Refusal(
      EXIT.unavailable,
      `not there: ${what}. Name the program: --asterisk /usr/sbin/asterisk or --freeswitch /usr/bin/freeswitch`,
    );
  }
  return peers;
}

/** A named program must be there; an unnamed one may be. */
function program(name: string, given: string | undefined): string | null {
  if (given !== undefined && !existsSync(given)) throw new Refusal(EXIT.unavailable, `${name}: there is no ${given}`);
  const places = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return given ?? places.find((place) => existsSync(place)) ?? null;
}

function trialOptions(values: Values, peer: Peer): TrialOptions {
  const ways = values.ways?.split(',') ?? peer.ways;
  const unknown = ways.filter((way) => !peer.ways.includes(way));
  if (unknown.length > 0)
    throw new Refusal(EXIT.usage, `${peer.name} has no way ${unknown.join(', ')}; it has ${peer.ways.join(', ')}`);
  const number = (name: 'calls' | 'rate' | 'seed' | 'drop-late') => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Refusal(EXIT.usage, `--${name}: expected a number above 0, not "${values[name]}"`);
    return value;
  };
  const dropLateMs = number('drop-late');
  return {
    ways,
    calls: number('calls'),
    callsPerSecond: number('rate'),
    seed: number('seed'),
    cut: values.cut,
    dropLateMs,
    interrupted,
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
} finally {
  removeWorkFolders();
}
// What was interrupted has ended all it started; its own timers need not run out.
if (process.exitCode === EXIT.interrupted) process.exit();
