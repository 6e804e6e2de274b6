/** Debian's rtpengine, without its kernel module, with the three ways of its control protocol on one address. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { hearOnFailure, type Moment } from './story.ts';
import { workFolder } from './work-folder.ts';

/** Its interfaces: the first is for whoever asks for none. */
export const INTERFACES = { first: 'inside', second: 'outside' } as const;

/** Its control ports. */
export const NG_PORTS = { udp: 2223, tcp: 2224, ws: 2225 } as const;

const READY_WITHIN_MS = 8_000;

/** An rtpengine at an address, started and killed as often as a test likes. */
export class RtpengineDaemon {
  /** Of its first interface and of its control. */
  readonly address: string;
  /** Of its second interface. */
  readonly outerAddress: string;
  readonly #folder = workFolder('rtpengine');
  #process: ChildProcess | null = null;
  #output = '';
  #startedAtMs = 0;

  constructor(address: string, outerAddress: string) {
    this.address = address;
    this.outerAddress = outerAddress;
    hearOnFailure(this);
  }

  /** Resolves when its control ports are bound. */
  async start(): Promise<void> {
    const control = (option: string, port: number) => `--${option}=${this.address}:${port}`;
    const child = spawn(
      'rtpengine',
      [
        // Neither Debian's settings nor the kernel's module.
        '--config-file=none',
        '--table=-1',
        '--foreground',
        '--log-stderr',
        '--log-level=6',
        `--pidfile=${join(this.#folder, 'pid')}`,
        `--interface=${INTERFACES.first}/${this.address}`,
        // Either family towards Brusio and dialers.
        `--interface=${INTERFACES.first}/::1`,
        `--interface=${INTERFACES.second}/${this.outerAddress}`,
        '--port-min=30000',
        '--port-max=31999',
        // Several hand on the packets of a burst in an order of their own.
        '--num-threads=1',
        control('listen-ng', NG_PORTS.udp),
        control('listen-tcp-ng', NG_PORTS.tcp),
        control('listen-http', NG_PORTS.ws),
      ],
      { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process = child;
    this.#startedAtMs = Date.now();
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      this.#output += chunk.toString();
    });
    while (!output.includes('Startup complete')) {
      if (child.exitCode !== null || Date.now() > this.#startedAtMs + READY_WITHIN_MS)
        throw new Error(`rtpengine did not start:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** No word to anybody, as when the machine is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  moments(): readonly Moment[] {
    return [{ atMs: this.#startedAtMs, text: `rtpengine ${this.address}:\n${this.#output.slice(-4_000)}` }];
  }
}
