/** Brusio as a child process with settings from the environment alone: started, asked, killed, started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BrusioApi } from './brusio-api.ts';
import { BRUSIO_ADDRESS, CARRIER, ENGINE, RTP_PORTS, TARGET } from './engine-under-test.ts';
import { hearOnFailure, type Moment } from './story.ts';
import { workFolder } from './work-folder.ts';

/** One line of Brusio's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg: string };

/** What differs from test file to test file. */
export type BrusioOptions = {
  readonly webhook: { readonly url: string; readonly secret: string };
  /** Further or other `BRUSIO_…` variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A settings file's content; the environment is laid over it, but for carriers and SIP listeners where this names some. */
  readonly settings?: Readonly<Record<string, unknown>>;
};

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const API_KEY = 'sip-test-key-of-24-chars';
const HTTP_PORT = 8080;
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 45_000;

/** pino's level of an error: we broke. */
const LEVEL_ERROR = 50;

/** A Brusio on this file's addresses, with a data folder that outlives its process. */
export class BrusioProcess {
  readonly api = new BrusioApi(`http://${BRUSIO_ADDRESS}:${HTTP_PORT}`, API_KEY);
  readonly dataDir = workFolder('brusio-data');
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #settingsFile: string | null;
  #process: ChildProcess | null = null;
  #output = '';
  #exitCode: number | null = null;

  constructor(options: BrusioOptions) {
    const { BRUSIO_DRACHTIO, BRUSIO_DRACHTIO_SECRET, PATH, HOME } = process.env;
    this.#environment = {
      PATH,
      HOME,
      // A real server listens where its own settings say.
      ...(ENGINE === 'drachtio-server'
        ? { BRUSIO_DRACHTIO, BRUSIO_DRACHTIO_SECRET }
        : settingsListen(options)
          ? {}
          : { BRUSIO_SIP_LISTEN: `${TARGET.address}:${TARGET.port}` }),
      ...(options.settings?.carriers === undefined ? { BRUSIO_CARRIER: `sip:${CARRIER.address}:${CARRIER.port}` } : {}),
      BRUSIO_RTP_ADDRESS: BRUSIO_ADDRESS,
      BRUSIO_RTP_PORTS: RTP_PORTS,
      BRUSIO_HTTP_LISTEN: `${BRUSIO_ADDRESS}:${HTTP_PORT}`,
      BRUSIO_API_KEY: API_KEY,
      BRUSIO_DATA: this.dataDir,
      BRUSIO_WEBHOOK_URL: options.webhook.url,
      BRUSIO_WEBHOOK_SECRET: options.webhook.secret,
      ...options.environment,
    };
    this.#settingsFile = options.settings === undefined ? null : join(workFolder('brusio-settings'), 'brusio.yaml');
    // JSON is YAML.
    if (this.#settingsFile !== null) writeFileSync(this.#settingsFile, JSON.stringify(options.settings));
    hearOnFailure(this);
  }

  /** Starts it; resolves when `/healthz` is 200. */
  async start(): Promise<void> {
    if (this.#process !== null) throw new Error('Brusio runs already');
    const child = spawn(process.execPath, ['src/main.ts', 'run', ...this.#arguments()], {
      cwd: REPOSITORY,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    const until = Date.now() + READY_WITHIN_MS;
    while (!(await this.#healthy())) {
      if (!isAlive(child)) throw new Error(`Brusio ended at its start:\n${this.#output}`);
      if (Date.now() > until) {
        // Nobody else knows of it.
        child.kill('SIGKILL');
        throw new Error(`Brusio is not healthy after ${READY_WITHIN_MS} ms:\n${this.#output}`);
      }
      await sleep(20);
    }
  }

  /** Ends it as a service manager does; resolves when it has ended, killed if it would not. */
  async stop(): Promise<void> {
    const child = this.#running();
    this.#process = null;
    const killer = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
    child.kill('SIGTERM');
    await ended(child);
    clearTimeout(killer);
    this.#exitCode = child.exitCode;
  }

  /** The crash: no signal handler, no goodbye. */
  async crash(): Promise<void> {
    const child = this.#running();
    this.#process = null;
    child.kill('SIGKILL');
    await ended(child);
  }

  /** Runs another command of Brusio's with the same settings, beside it; what it wrote to standard output, and how it ended. */
  async command(...argv: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
    const [name = 'run', ...rest] = argv;
    const child = spawn(process.execPath, ['src/main.ts', name, ...this.#arguments(), ...rest], {
      cwd: REPOSITORY,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code: code ?? -1, output };
  }

  alive(): boolean {
    return this.#process !== null && isAlive(this.#process);
  }

  /** Of the process that runs. */
  pid(): number {
    return this.#running().pid ?? 0;
  }

  /** Of the last stop; null when there was none yet or it had to be killed. */
  exitCode(): number | null {
    return this.#exitCode;
  }

  /** Everything it wrote, over all its starts. */
  output(): string {
    return this.#output;
  }

  /** The log's lines of severity error and worse. */
  errors(): readonly LogLine[] {
    return this.log().filter(({ level }) => level >= LEVEL_ERROR);
  }

  /** The log's lines, for a failure's story. */
  moments(): readonly Moment[] {
    return this.log().map(({ level, time, pid, hostname, name, msg, ...fields }) => ({
      atMs: Number(time),
      text: `Brusio ${level >= LEVEL_ERROR ? 'ERROR ' : ''}${msg} ${JSON.stringify(fields)}`,
    }));
  }

  log(): readonly LogLine[] {
    return this.#output.split('\n').flatMap((line) => {
      try {
        const value: unknown = JSON.parse(line);
        return isLogLine(value) ? [value] : [];
      } catch {
        // Not every line is the logger's: a start-up message is plain text.
        return [];
      }
    });
  }

  #arguments(): string[] {
    return this.#settingsFile === null ? [] : ['--config', this.#settingsFile];
  }

  #running(): ChildProcess {
    if (this.#process === null) throw new Error('Brusio does not run');
    return this.#process;
  }

  async #healthy(): Promise<boolean> {
    try {
      return (await this.api.health()) === 200;
    } catch {
      return false;
    }
  }
}

function settingsListen({ settings }: BrusioOptions): boolean {
  return typeof settings?.sip === 'object' && settings.sip !== null && 'listen' in settings.sip;
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function ended(child: ChildProcess): Promise<void> {
  if (isAlive(child)) await once(child, 'exit');
}

function isLogLine(value: unknown): value is LogLine {
  return typeof value === 'object' && value !== null && 'level' in value && 'msg' in value;
}
