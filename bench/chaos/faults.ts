/**
 * What may happen to a disk. The mounts are private to this run (`unshare --mount`): nobody else sees them, and they are gone with
 * it, however it ends.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { startPostgresqlServer } from '../../src/testing/postgresql-server.ts';
import { type ChaosDatabase, sqliteIn } from './database-rows.ts';
import type { Fault } from './outage.ts';

/** Room for a minute of calls before the disk is full. */
const DISK_MIB = 48;
const CHUNK = Buffer.alloc(64 * 1_024, 1);

/** A disk that somebody else fills to the last octet, and empties again. */
export function fullDisk(): Fault {
  let mounted = '';
  const ballast = () => join(mounted, 'ballast');
  return {
    prepare(folder) {
      mounted = join(folder, 'disk');
      mkdirSync(mounted);
      run('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MIB}m,mode=0700`, 'brusio-chaos', mounted]);
      return sqliteIn(join(mounted, 'data'));
    },
    strike() {
      const file = openSync(ballast(), 'w');
      try {
        for (let octets = CHUNK.length; octets > 0; octets = octets === 1 ? 0 : Math.ceil(octets / 2))
          fill(file, octets);
      } finally {
        closeSync(file);
      }
    },
    mend: () => rmSync(ballast()),
    remove: () => unmount(mounted),
  };
}

/** Until it does not fit any more. */
function fill(file: number, octets: number): void {
  try {
    for (;;) writeSync(file, CHUNK, 0, octets);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC')) throw thrown;
  }
}

/**
 * A disk whose file system met an error and went read-only, as ext4 does by itself; it is back as one that was checked and mounted
 * again.
 */
export function readOnlyDisk(): Fault {
  const disk = loopDisk();
  return {
    prepare: disk.prepare,
    strike: () => writeFileSync(`/sys/fs/ext4/${basename(disk.device())}/trigger_fs_error`, 'chaos'),
    mend: disk.replace,
    remove: disk.remove,
  };
}

/** A disk that answers no write at all until it comes back: a dead cable, a storage network that is gone. */
export function hangingDisk(): Fault {
  const disk = loopDisk();
  let hangs = false;
  function mend(): void {
    if (hangs) run('fsfreeze', ['--unfreeze', disk.mounted()]);
    hangs = false;
  }
  return {
    prepare: disk.prepare,
    strike() {
      run('fsfreeze', ['--freeze', disk.mounted()]);
      hangs = true;
    },
    mend,
    remove() {
      mend();
      disk.remove();
    },
  };
}

/** The database's files moved away by somebody, and back. */
export function movedDatabase(): Fault {
  let dataDir = '';
  const move = (from: string, to: string) => {
    for (const name of readdirSync(from).filter((file) => file.startsWith('brusio.db')))
      renameSync(join(from, name), join(to, name));
  };
  const elsewhere = () => join(dataDir, 'moved');
  return {
    prepare(folder) {
      dataDir = join(folder, 'data');
      return sqliteIn(dataDir);
    },
    strike() {
      mkdirSync(elsewhere());
      move(dataDir, elsewhere());
    },
    mend: () => move(elsewhere(), dataDir),
    remove: () => undefined,
  };
}

/** A PostgreSQL server, an empty database on it, and how to end both. */
export async function postgresqlDatabase(): Promise<{
  readonly server: Awaited<ReturnType<typeof startPostgresqlServer>>;
  readonly database: ChaosDatabase;
}> {
  const server = await startPostgresqlServer();
  const url = await server.createDatabase();
  return { server, database: { environment: { BRUSIO_DATABASE: url }, query: (sql) => server.query(url, sql) } };
}

/** A PostgreSQL server that is ended without a word, and started again. */
export function stoppedPostgresql(): Fault {
  let server: Awaited<ReturnType<typeof startPostgresqlServer>> | null = null;
  return {
    async prepare() {
      const made = await postgresqlDatabase();
      server = made.server;
      return made.database;
    },
    strike: () => server?.crash(),
    mend: () => server?.start(),
    remove: () => server?.remove(),
  };
}

type LoopDisk = {
  prepare(folder: string): ChaosDatabase;
  mounted(): string;
  device(): string;
  /** A copy of what is on it, checked, in its place. */
  replace(): void;
  remove(): void;
};

/** An ext4 in a file. */
function loopDisk(): LoopDisk {
  let mounted = '';
  let image = '';
  const device = () =>
    readdirSync('/sys/block')
      .filter((name) => name.startsWith('loop'))
      .map((name) => `/dev/${name}`)
      .find((path) => backingFile(path) === image) ?? '';
  const mount = () => run('mount', ['-o', 'loop,errors=remount-ro', image, mounted]);
  return {
    prepare(folder) {
      mounted = join(folder, 'disk');
      image = join(folder, 'disk.ext4');
      mkdirSync(mounted);
      writeFileSync(image, '');
      run('truncate', ['--size', `${DISK_MIB}M`, image]);
      run('mkfs.ext4', ['-q', image]);
      mount();
      return sqliteIn(join(mounted, 'data'));
    },
    mounted: () => mounted,
    device,
    replace() {
      // Open files keep the old one busy: it goes with the last of them.
      run('umount', ['--lazy', mounted]);
      const copy = `${image}.checked`;
      run('cp', ['--sparse=always', image, copy]);
      check(copy);
      image = copy;
      mount();
    },
    remove: () => unmount(mounted),
  };
}

function backingFile(device: string): string {
  try {
    return execFileSync('losetup', ['--noheadings', '--output', 'BACK-FILE', device], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}

/** e2fsck says 1 when it mended something. */
function check(image: string): void {
  try {
    run('e2fsck', ['-fy', image]);
  } catch (thrown) {
    if (!(thrown instanceof Error && 'status' in thrown && thrown.status === 1)) throw thrown;
  }
}

function unmount(path: string): void {
  if (path !== '') run('umount', ['--lazy', path]);
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
