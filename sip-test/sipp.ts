/**
 * Runs one SIPp scenario as a child process: its keys, its message trace, its end. The scenario files also run by hand;
 * README.md shows how.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Endpoint } from './engine-under-test.ts';
import { parseTrace, type SipMessage, type SipTrace } from './sip-trace.ts';
import { hearOnFailure, lineOf, type Moment } from './story.ts';
import { workFolder } from './work-folder.ts';

/** One run of one scenario. */
export type SippOptions = {
  /** File name in `scenarios/`, without `.xml`. */
  readonly scenario: string;
  readonly local: Endpoint;
  /** Default: UDP. */
  readonly transport?: 'udp' | 'tcp';
  /** A dialer (UAC) has a remote, a carrier (UAS) has none. */
  readonly remote: Endpoint | null;
  /** Values of the scenario's `[keys]`. */
  readonly keys: Readonly<Record<string, string>>;
  /** The called number, of a dialer. */
  readonly number?: string;
  /** Begins the dialer's Call-IDs; made unique. */
  readonly callIdPrefix?: string;
  readonly calls?: number;
  /**
   * SIPp takes a message that equals the last one for a retransmission and repeats its own last message. A scenario
   * that expects the same message twice switches this, and SIPp's own retransmissions, off.
   */
  readonly expectsRepetition?: boolean;
  /** All calls are over within this time, or the run fails. */
  readonly timeoutS?: number;
};

/** How often a growing trace or a socket table is looked at. */
const POLL_MS = 10;

/** SIPp starts in some milliseconds; this is for a machine out of breath. */
const START_WITHIN_MS = 10_000;

/** The last messages told with a failure; a scenario gone wild has thousands. */
const STORY_MESSAGES_MAX = 60;

const runsAlive = new Set<SippRun>();

/** Ends every SIPp this process started and that has not ended by itself. */
export function killSipp(): void {
  for (const run of runsAlive) run.kill();
}

/** A SIPp that runs, or ran. */
export class SippRun {
  /** The dialer's Call-IDs, in the order of its calls. */
  readonly callIds: readonly string[];
  readonly #options: SippOptions;
  readonly #process: ChildProcess;
  readonly #traceFile: string;
  readonly #errorFile: string;
  readonly #exited: Promise<number | null>;
  #stderr = '';

  constructor(options: SippOptions) {
    const folder = workFolder(options.scenario);
    const calls = options.calls ?? 1;
    const callId = `${options.callIdPrefix ?? options.scenario}-${randomUUID()}`;
    this.callIds = Array.from({ length: calls }, (_, index) => `${callId}-${index + 1}`);
    this.#options = options;
    this.#traceFile = join(folder, 'messages.log');
    this.#errorFile = join(folder, 'errors.log');
    this.#process = spawn('sipp', this.#arguments(callId, calls), {
      cwd: folder,
      // The trace's times carry no zone.
      env: { PATH: process.env.PATH, TZ: 'UTC', TERM: 'dumb' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.#exited = new Promise((resolve, reject) => {
      this.#process.once('error', reject);
      this.#process.once('exit', (code) => {
        runsAlive.delete(this);
        resolve(code);
      });
    });
    runsAlive.add(this);
    hearOnFailure(this);
  }

  /** Resolves when every call ended as the scenario says; rejects with SIPp's errors and its trace otherwise. */
  async finished(): Promise<SipTrace> {
    const code = await this.#exited;
    if (code !== 0) throw new Error(this.#story(`exit code ${code}`));
    return this.trace();
  }

  /** Every message, for a failure's story. */
  moments(): readonly Moment[] {
    const { scenario } = this.#options;
    return this.trace().messages.map((one) => ({
      atMs: one.atMs,
      text: `${scenario} ${one.direction} ${lineOf(one)}`,
    }));
  }

  /** What was sent and received until now. */
  trace(): SipTrace {
    return parseTrace(contentOf(this.#traceFile));
  }

  /** The first message that fits, as soon as it is in the trace. */
  async message(what: string, fits: (message: SipMessage) => boolean, withinMs = 10_000): Promise<SipMessage> {
    const until = Date.now() + withinMs;
    for (;;) {
      const found = this.trace().messages.find(fits);
      if (found !== undefined) return found;
      if (Date.now() > until) throw new Error(this.#story(`no ${what} within ${withinMs} ms`));
      await sleep(POLL_MS);
    }
  }

  /** Resolves when the SIP socket is bound. */
  async listening(): Promise<void> {
    const until = Date.now() + START_WITHIN_MS;
    while (!(await isBound(this.#options.local, this.#options.transport ?? 'udp'))) {
      if (this.#process.exitCode !== null) throw new Error(this.#story(`exit code ${this.#process.exitCode}`));
      if (Date.now() > until) throw new Error(this.#story(`no socket within ${START_WITHIN_MS} ms`));
      await sleep(POLL_MS);
    }
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #arguments(callId: string, calls: number): string[] {
    const { scenario, local, remote, transport, keys, number, timeoutS = 20 } = this.#options;
    return [
      ...(remote === null ? [] : [hostPort(remote)]),
      ...['-sf', fileURLToPath(new URL(`scenarios/${scenario}.xml`, import.meta.url))],
      ...['-i', local.address, '-p', String(local.port), '-t', transport === 'tcp' ? 't1' : 'u1'],
      // For the family of the scenario's SDP alone: its audio is another process's.
      ...(keys.rtp_address === undefined ? [] : ['-mi', keys.rtp_address]),
      // All calls at once: the rate is per second.
      ...['-m', String(calls), '-l', String(calls), '-r', String(calls * 10)],
      ...(number === undefined ? [] : ['-s', number]),
      ...['-cid_str', `${callId.replaceAll('%', '%%')}-%u`],
      ...(this.#options.expectsRepetition === true ? ['-nr'] : []),
      ...['-timeout', `${timeoutS}s`, '-timeout_error', '-nostdin'],
      ...['-trace_msg', '-message_file', this.#traceFile, '-trace_err', '-error_file', this.#errorFile],
      ...Object.entries(keys).flatMap(([key, value]) => ['-key', key, value]),
    ];
  }

  #story(end: string): string {
    const exchanged = this.trace()
      .messages.slice(-STORY_MESSAGES_MAX)
      .map(
        ({ atMs, direction, startLine }) => `  ${new Date(atMs).toISOString().slice(11, 23)} ${direction} ${startLine}`,
      );
    return [
      `SIPp scenario ${this.#options.scenario} (${this.#options.local.address}:${this.#options.local.port}): ${end}`,
      ...exchanged,
      contentOf(this.#errorFile).trim(),
      this.#stderr.trim(),
    ]
      .filter((line) => line !== '')
      .join('\n');
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // SIPp makes its files at the first line it writes.
    return '';
  }
}

/** Whether a socket is bound there: proc(5), `/proc/net/udp` and its likes, the address in the host's octet order. */
async function isBound({ address, port }: Endpoint, transport: 'udp' | 'tcp'): Promise<boolean> {
  const isV6 = address.includes(':');
  const octets = isV6 ? Buffer.alloc(16) : Buffer.from(address.split('.').map(Number));
  // The only IPv6 address of a loopback device is ::1.
  if (isV6) octets[15] = 1;
  const hex = octets.swap32().toString('hex').toUpperCase();
  const bound = `${hex}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return (await readFile(`/proc/net/${transport}${isV6 ? '6' : ''}`, 'utf8')).includes(` ${bound} `);
}

function hostPort({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
