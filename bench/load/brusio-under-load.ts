/** The whole program as a child process, as `npm start` would run it, and what it says of itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };
import { systemClock } from '../../src/base/clock.ts';
import { removeNow } from '../../src/testing/remove-now.ts';
import { endsWithRun } from './ends-with-run.ts';

/** Where everything of a load is: `127.30.0.x` by default, one SIP port each. */
export const ADDRESSES = {
  brusio: '127.30.0.21',
  dialer: '127.30.0.31',
  carrier: '127.30.0.41',
  webhook: '127.30.0.51',
};

/** What differs from load to load. */
export type BrusioUnderLoadOptions = {
  readonly webhook: { readonly url: string; readonly secret: string };
  /** Further or other `BRUSIO_…` variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Where its data and its log are, the caller's own, for several lives; left out: a folder that goes with it. */
  readonly folder?: string;
};

/** The samples of `GET /metrics` by name with labels, as they are written there. */
export type Samples = ReadonlyMap<string, number>;

/** A Brusio that runs. */
export type BrusioUnderLoad = {
  readonly pid: number;
  /** Rejects when it has died. */
  samples(): Promise<Samples>;
  /** The lines it logged, `warn` and worse. */
  log(): string;
  /** Ends it by SIGTERM; the exit code. */
  stop(): Promise<number | null>;
};

/** A Brusio that has been started and need not be ready yet. */
export type LaunchedBrusio = BrusioUnderLoad & {
  /** Resolves when it takes calls; rejects with its log when it has ended before. */
  ready(): Promise<void>;
  /** `kill -9`: no signal handler, no goodbye. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Status of `GET /healthz`; null without an answer. */
  health(): Promise<number | null>;
};

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const API_KEY = 'bench-key-of-24-characters';
/** Only a start that hangs takes so long: one on a machine that is busy with other work may take half a minute. */
const READY_WITHIN_MS = 180_000;
/** Of its log, what is told when it does not start. */
const TOLD_LOG_CHARACTERS = 2_000;

/** The environment of a child that is not to inherit somebody's `BRUSIO_…`. */
function ownEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BRUSIO_')));
}

/** Starts it; resolves when it takes calls. */
export async function startBrusio(options: BrusioUnderLoadOptions): Promise<BrusioUnderLoad> {
  const brusio = launchBrusio(options);
  await brusio.ready();
  return brusio;
}

/** Starts it and does not wait. */
export function launchBrusio(options: BrusioUnderLoadOptions): LaunchedBrusio {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'brusio-load-'));
  const logFile = join(folder, 'brusio.log');
  const logDescriptor = openSync(logFile, 'a');
  const child = spawn(process.execPath, manifest.scripts.start.split(' ').slice(1), {
    cwd: REPOSITORY,
    env: {
      ...ownEnvironment(),
      BRUSIO_SIP_LISTEN: `${ADDRESSES.brusio}:5060`,
      BRUSIO_CARRIER: `sip:${ADDRESSES.carrier}:5060`,
      BRUSIO_RTP_ADDRESS: ADDRESSES.brusio,
      BRUSIO_RTP_PORTS: '20000-49999',
      BRUSIO_HTTP_LISTEN: `${ADDRESSES.brusio}:8080`,
      BRUSIO_API_KEY: API_KEY,
      BRUSIO_DATA: join(folder, 'data'),
      BRUSIO_LOG_LEVEL: 'warn',
      BRUSIO_WEBHOOK_URL: options.webhook.url,
      BRUSIO_WEBHOOK_SECRET: options.webhook.secret,
      ...options.environment,
    },
    stdio: ['ignore', logDescriptor, logDescriptor],
  });
  closeSync(logDescriptor);
  const left = endsWithRun(() => {
    child.kill('SIGKILL');
    if (options.folder === undefined) removeNow(folder);
  });
  child.once('exit', left);
  const log = () => readFileSync(logFile, 'utf8');
  const ended = async () => {
    if (!hasEnded(child)) await once(child, 'exit');
  };
  return {
    async ready() {
      const readyBy = systemClock.monotonicMs() + READY_WITHIN_MS;
      while ((await healthStatus()) !== 200) {
        if (hasEnded(child)) throw new Error(`Brusio ended at its start:\n${log().slice(-TOLD_LOG_CHARACTERS)}`);
        if (systemClock.monotonicMs() > readyBy)
          throw new Error(`Brusio is not ready:\n${log().slice(-TOLD_LOG_CHARACTERS)}`);
        await sleep(50);
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await ended();
    },
    health: healthStatus,
    pid: child.pid ?? 0,
    async samples() {
      if (hasEnded(child)) throw new Error(`Brusio has died:\n${log()}`);
      const response = await fetch(`http://${ADDRESSES.brusio}:8080/metrics`, {
        headers: { authorization: `Bearer ${API_KEY}` },
        signal: AbortSignal.timeout(10_000),
      });
      return readSamples(await response.text());
    },
    log,
    async stop() {
      child.kill('SIGTERM');
      await ended();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
      return child.exitCode;
    },
  };
}

/** A sample's value, 0 when it is not there. */
export function sample(samples: Samples, name: string): number {
  return samples.get(name) ?? 0;
}

/** The embedded engine's figure of a name; 0 with a real drachtio-server. */
export function engineFigure(samples: Samples, counter: string): number {
  return sample(samples, `brusio_sip_engine{counter="${counter}"}`);
}

/** Outcomes that Brusio has made, of every kind. */
export function outcomesIn(samples: Samples): number {
  return [...samples].reduce(
    (sum, [name, value]) => (name.startsWith('brusio_outcomes_total{') ? sum + value : sum),
    0,
  );
}

/**
 * How late a thread's event loop came by between two snapshots: the bound of the bucket that holds this share of all
 * ticks, ms. NaN when that thread is not told of.
 */
export function loopDelayMs(before: Samples, after: Samples, thread: string, share: number): number {
  const prefix = `brusio_event_loop_delay_ms_bucket{thread="${thread}",le="`;
  const buckets = [...after].flatMap(([name, value]) =>
    name.startsWith(prefix)
      ? [
          {
            bound: Number(name.slice(prefix.length, -2).replace('+Inf', 'Infinity')),
            ticks: value - sample(before, name),
          },
        ]
      : [],
  );
  const all = buckets.at(-1)?.ticks ?? 0;
  return buckets.find(({ ticks }) => ticks >= share * all)?.bound ?? Number.NaN;
}

function readSamples(text: string): Samples {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

async function healthStatus(): Promise<number | null> {
  try {
    return (await fetch(`http://${ADDRESSES.brusio}:8080/healthz`, { signal: AbortSignal.timeout(2_000) })).status;
  } catch {
    return null;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
