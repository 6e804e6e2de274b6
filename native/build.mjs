/**
 * Compiles the C files beside it, at `npm install` or by `node native/build.mjs`. Says nothing and fails nothing where that cannot be
 * done: without it Brusio uses Node's own sockets. `--verbose` tells why.
 *
 * The compiler is called directly. node-gyp would download Node's headers, which a locked-down machine does not let it; the
 * Node-API is all that is needed, and node-api-headers has it. Plain JavaScript, since Node strips no types of an installed package.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const sources = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.c'))
  .map((name) => join(import.meta.dirname, name));
const folder = join(import.meta.dirname, 'build');
const target = join(folder, 'media-io.node');

/** What stands beside the source is that of this machine, this Node and this source, or it is not there. */
rmSync(target, { force: true });
try {
  if (process.platform !== 'linux') throw new Error('only Linux has epoll');
  mkdirSync(folder, { recursive: true });
  const unfinished = `${target}.${process.pid}`;
  const flags = [
    '-std=gnu11',
    '-O2',
    '-Wall',
    '-Wextra',
    '-shared',
    '-fPIC',
    '-fvisibility=hidden',
    `-I${await headers()}`,
  ];
  execFileSync(process.env.CC ?? 'cc', [...flags, '-o', unfinished, ...sources], { stdio: 'pipe' });
  renameSync(unfinished, target);
} catch (error) {
  if (process.argv.includes('--verbose')) {
    process.stderr.write(`media-io is not built: ${error.stderr?.toString() || error.message}\n`);
    process.exitCode = 1;
  }
}

async function headers() {
  const ofNode = join(dirname(process.execPath), '..', 'include', 'node');
  if (existsSync(join(ofNode, 'node_api.h'))) return ofNode;
  return (await import('node-api-headers')).default.include_dir;
}
