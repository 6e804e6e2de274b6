/** A PostgreSQL server of a test's own: Debian's programs, an empty folder, a Unix socket in it, gone with the test. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { removeNow } from './remove-now.ts';

/** A running server, or one that was stopped and may be started again with all it had. */
export type PostgresqlServer = {
  /** An empty database of its own; its `postgres:` URL. */
  createDatabase(): Promise<string>;
  /** Takes all rows out of a database that Brusio made its schema in: quicker than another one. */
  empty(url: string): Promise<void>;
  /** SQL on that database by a session of the test's own; the last statement's rows. */
  query(url: string, sql: string): Promise<Record<string, unknown>[]>;
  /** Like a power cut: no session is told, nothing is written that was not (SIGQUIT). */
  crash(): Promise<void>;
  /** After `crash`, when it is not running; resolves when it takes sessions again. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  remove(): Promise<void>;
};

const SUPERUSER = 'brusio';

/** Without regard to references between tables: all are empty in the end. */
const EMPTY = `
  SET session_replication_role = replica;
  DO $$ DECLARE name TEXT; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'brusio_schema' LOOP
      EXECUTE format('DELETE FROM %I', name);
    END LOOP;
  END $$`;

/** Makes and starts a server; some seconds. */
export async function startPostgresqlServer(): Promise<PostgresqlServer> {
  const bin = findPrograms();
  const owner = ownerOfFiles();
  const folder = await mkdtemp(join(tmpdir(), 'brusio-pg-'));
  if (owner.uid !== undefined) chownSync(folder, owner.uid, owner.gid ?? owner.uid);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', SUPERUSER, '--auth=trust', '--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'];
  await promisify(execFile)(join(bin, 'initdb'), initdb, { ...owner, cwd: folder });

  let server: ChildProcess | null = null;
  let databases = 0;
  const urlOf = (database: string) => `postgres:///${database}?host=${folder}&user=${SUPERUSER}`;
  // A test run that dies takes the server and its folder with it.
  const end = () => {
    server?.kill('SIGQUIT');
    removeNow(folder);
  };
  process.on('exit', end);

  async function start(): Promise<void> {
    if (server !== null) return;
    const options = ['-c', 'listen_addresses=', '-c', 'shared_buffers=16MB', '-c', 'max_connections=50'];
    const started = spawn(join(bin, 'postgres'), ['-D', data, '-k', folder, ...options], {
      ...owner,
      cwd: folder,
      stdio: 'ignore',
    });
    server = started;
    for (;;) {
      if (started.exitCode !== null) throw new Error(`the PostgreSQL server ended with ${started.exitCode}`);
      if (await answers(urlOf('postgres'))) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function stop(signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
    if (server === null) return;
    const gone = once(server, 'exit');
    server.kill(signal);
    await gone;
    server = null;
  }

  await start();
  return {
    async createDatabase() {
      const name = `brusio_${++databases}`;
      await run(urlOf('postgres'), `CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    async empty(url) {
      await run(url, EMPTY);
    },
    query: run,
    crash: () => stop('SIGQUIT'),
    start,
    async remove() {
      await stop('SIGINT');
      process.removeListener('exit', end);
      await rm(folder, { recursive: true });
    },
  };
}

async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query(sql);
    return Array.isArray(result) ? result.at(-1).rows : result.rows;
  } finally {
    await client.end();
  }
}

async function answers(url: string): Promise<boolean> {
  return run(url, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

/** Debian keeps each version's programs in a folder of its own, off the PATH. */
function findPrograms(): string {
  const found = globSync('/usr/lib/postgresql/*/bin/initdb').sort((a, b) => versionIn(b) - versionIn(a));
  const [newest] = found;
  if (newest === undefined) throw new Error('these tests need a PostgreSQL server: apt-get install -y postgresql');
  return dirname(newest);
}

const versionIn = (path: string): number => Number(/\/postgresql\/(\d+)/.exec(path)?.[1] ?? 0);

/** The server refuses to run as root: then it is Debian's user for it. */
function ownerOfFiles(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
