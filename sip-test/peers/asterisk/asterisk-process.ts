/** An installed Asterisk that runs with a copy of this folder's configuration. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workFolder } from '../../work-folder.ts';

/** Where the installation is. */
export type AsteriskPlace = { readonly binary: string; readonly modules: string; readonly data: string };

/** Loaded and ready within this. */
const BOOTED_WITHIN_MS = 60_000;

/** One running Asterisk. */
export class AsteriskProcess {
  readonly #place: AsteriskPlace;
  readonly #folder = workFolder('asterisk');
  #process: ChildProcess | null = null;

  constructor(place: AsteriskPlace) {
    this.#place = place;
  }

  /** @param additions text appended to files of the copy, by name */
  async start(additions: Readonly<Record<string, string>>): Promise<void> {
    const here = import.meta.dirname;
    for (const file of readdirSync(here)) {
      if (file.endsWith('.conf')) copyFileSync(join(here, file), join(this.#folder, file));
    }
    for (const [file, text] of Object.entries(additions)) appendFileSync(join(this.#folder, file), text);
    const own = join(this.#folder, 'var');
    for (const name of ['run', 'log', 'db', 'spool']) mkdirSync(join(own, name), { recursive: true });
    const { modules, data } = this.#place;
    const directories = {
      ...{
        astetcdir: this.#folder,
        astmoddir: modules,
        astvarlibdir: data,
        astdatadir: data,
        astagidir: join(data, 'agi-bin'),
      },
      ...{ astdbdir: join(own, 'db'), astkeydir: join(own, 'db'), astcachedir: join(own, 'spool') },
      ...{ astspooldir: join(own, 'spool'), astrundir: join(own, 'run'), astlogdir: join(own, 'log') },
      astsbindir: dirname(this.#place.binary),
    };
    const lines = Object.entries(directories).map(([name, folder]) => `${name} = ${folder}\n`);
    writeFileSync(this.#config(), `[directories]\n${lines.join('')}[options]\nnocolor = yes\n`);
    this.#process = spawn(this.#place.binary, ['-f', '-C', this.#config()], { stdio: 'ignore' });
    const until = Date.now() + BOOTED_WITHIN_MS;
    while (!this.#hasBooted()) {
      if (this.#process.exitCode !== null || Date.now() > until)
        throw new Error(`Asterisk did not start:\n${this.log()}`);
      await sleep(200);
    }
  }

  /** The answer of its command line. */
  command(text: string): string {
    return execFileSync(this.#place.binary, ['-C', this.#config(), '-rx', text], { encoding: 'utf8', stdio: 'pipe' });
  }

  log(): string {
    try {
      return readFileSync(join(this.#folder, 'var/log/messages.log'), 'utf8');
    } catch {
      return '';
    }
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (child === null || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await Promise.race([once(child, 'exit'), sleep(5_000)]);
    child.kill('SIGKILL');
  }

  #hasBooted(): boolean {
    try {
      return this.command('core waitfullybooted').includes('fully booted');
    } catch {
      return false;
    }
  }

  #config(): string {
    return join(this.#folder, 'asterisk.conf');
  }
}
