/**
 * SIPp on both sides of Brusio: a carrier that answers and a dialer that calls at a steady rate. It is written in C++
 * and keeps no audio, so that two cores are left to what is measured; its own CPU is told beside.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ADDRESSES } from './brusio-under-load.ts';
import { endsWithRun } from './ends-with-run.ts';
import { cpuOf } from './process-load.ts';

/** One load. */
export type SippLoadOptions = {
  /** Paths of the scenarios from the repository's root. */
  readonly dialer: string;
  readonly carrier: string;
  readonly callsPerSecond: number;
  readonly calls: number;
  /** Where audio is to be sent; nobody reads it. */
  readonly rtpPorts: { readonly dialer: number; readonly carrier: number };
  /** Where the INVITEs go; default: Brusio. */
  readonly target?: string;
  /** Header lines added to the INVITE. */
  readonly inviteHeaders?: readonly string[];
};

/** What the dialer's and the carrier's side counted so far. */
export type SippCounts = {
  readonly created: number;
  readonly successful: number;
  readonly failed: number;
  /** Messages that SIPp had to send again. */
  readonly retransmitted: number;
  /** Calls under way. */
  readonly current: number;
};

/** A load that runs. */
export type SippLoad = {
  dialer(): SippCounts;
  carrier(): SippCounts;
  /** CPU of both SIPps so far, ms. */
  cpuMs(): number;
  /** Resolves when the dialer's last call is over; rejects only when SIPp cannot run at all. */
  finished(): Promise<void>;
  /** Why calls failed, as SIPp tells it: the last lines. */
  errors(): string;
  stop(): Promise<void>;
};

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** A stuck load is ended this long after its last call was due. */
const PATIENCE_S = 60;

/** Far more than a call's length at any rate; SIPp warns when it is more than it may open files. */
const CALLS_AT_ONCE_MAX = 10_000;

/** SIPp binds its socket within this time. */
const BOUND_AFTER_MS = 500;

/** Of the numbers that are called: an Italian mobile's, whose last digits count the calls of this process. */
const NUMBER_PREFIX = '+39333';
const COUNTED_DIGITS = 7;

/** Calls of this process so far, over all loads. */
let dialled = 0;

/** The next numbers, a line for each call, as SIPp reads them: a dialer seldom calls a number twice. */
function numbersFile(calls: number): string {
  const lines = Array.from({ length: calls }, () => {
    dialled = (dialled + 1) % 10 ** COUNTED_DIGITS;
    return `${NUMBER_PREFIX}${String(dialled).padStart(COUNTED_DIGITS, '0')}\n`;
  });
  return `SEQUENTIAL\n${lines.join('')}`;
}

/** The dialer's scenario, which has one number for all its calls, with each call's own from the file of numbers. */
function withNumbersOfFile(scenario: string): string {
  return scenario.replaceAll('[service]', '[field0]');
}

/** Starts both sides. */
export async function startSippLoad(options: SippLoadOptions): Promise<SippLoad> {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-sipp-'));
  const seconds = Math.ceil(options.calls / options.callsPerSecond) + PATIENCE_S;
  const scenarios = { dialer: join(folder, 'dialer.xml'), carrier: join(REPOSITORY, options.carrier) };
  const numbers = join(folder, 'numbers');
  writeFileSync(scenarios.dialer, withNumbersOfFile(readFileSync(join(REPOSITORY, options.dialer), 'utf8')));
  writeFileSync(numbers, numbersFile(options.calls));
  const run = (side: 'dialer' | 'carrier', args: readonly string[]): ChildProcess =>
    spawn(
      'sipp',
      [
        ...args,
        ...['-sf', scenarios[side], '-i', ADDRESSES[side], '-p', '5060'],
        ...['-key', 'rtp_address', ADDRESSES[side], '-key', 'rtp_port', String(options.rtpPorts[side])],
        ...['-key', 'caller_id', '+390212345678', '-key', 'display_name', 'Load', '-key', 'more_bye_headers', ''],
        ...['-key', 'more_headers', (options.inviteHeaders ?? []).map((line) => `\r\n${line}`).join('')],
        ...['-trace_stat', '-stf', join(folder, `${side}.csv`), '-fd', '1', '-nostdin'],
        ...['-trace_err', '-error_file', join(folder, `${side}.err`)],
        ...['-timeout', `${seconds}s`, '-buff_size', '4194304'],
        // It would end itself when a busy machine has made it wait for half a second 120 times.
        ...['-watchdog_interval', '0'],
      ],
      { cwd: folder, stdio: 'ignore', env: { PATH: process.env.PATH, TERM: 'dumb' } },
    );
  const carrier = run('carrier', []);
  await sleep(BOUND_AFTER_MS);
  const dialer = run('dialer', [
    options.target ?? `${ADDRESSES.brusio}:5060`,
    ...['-inf', numbers, '-r', String(options.callsPerSecond)],
    ...['-m', String(options.calls), '-l', String(CALLS_AT_ONCE_MAX)],
  ]);
  const dialerEnded = once(dialer, 'exit');
  const putAway = endsWithRun(() => {
    for (const child of [dialer, carrier]) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    dialer: () => readCounts(join(folder, 'dialer.csv')),
    carrier: () => readCounts(join(folder, 'carrier.csv')),
    cpuMs: () => cpuOf(dialer.pid ?? 0) + cpuOf(carrier.pid ?? 0),
    async finished() {
      await dialerEnded;
    },
    errors: () => ['dialer', 'carrier'].map((side) => tail(join(folder, `${side}.err`))).join(''),
    async stop() {
      for (const child of [dialer, carrier]) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
      putAway();
    },
  };
}

/** The last line of SIPp's statistics file (`sipp -h stat`); zeros until it has written one. */
function readCounts(file: string): SippCounts {
  let lines: string[] = [];
  try {
    lines = readFileSync(file, 'latin1').trim().split('\n');
  } catch {
    // SIPp makes the file at its first report.
  }
  const [names = [], values = []] = [lines[0], lines.at(-1)].map((line) => (line ?? '').split(';'));
  const figure = (name: string) => (lines.length < 2 ? 0 : Number(values[names.indexOf(name)] ?? 0));
  return {
    created: figure('TotalCallCreated'),
    successful: figure('SuccessfulCall(C)'),
    failed: figure('FailedCall(C)'),
    retransmitted: figure('Retransmissions(C)'),
    current: figure('CurrentCall'),
  };
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'latin1').slice(-1000);
  } catch {
    return '';
  }
}
