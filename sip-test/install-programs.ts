import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';

/** A program that is not ours, the arguments with which it starts and ends at once, and its package in Debian. */
type Program = { readonly command: string; readonly args: readonly string[]; readonly package: string };

/** The browser that the dashboard's test looks through: the part of Debian's Chromium that needs no window. */
export const CHROMIUM = 'chromium-headless-shell';

const PROGRAMS: readonly Program[] = [
  // The unit tests' own: `src/testing/postgresql-server.ts`. Debian keeps it off the PATH, a folder a version.
  { command: '/usr/lib/postgresql/*/bin/postgres', args: ['--version'], package: 'postgresql' },
  { command: CHROMIUM, args: ['--version'], package: 'chromium-headless-shell' },
  { command: 'sipp', args: ['-v'], package: 'sip-tester' },
  { command: 'baresip', args: ['-h'], package: 'baresip-core' },
  { command: 'linphonec', args: ['-v'], package: 'linphone-cli' },
  { command: 'kamailio', args: ['-v'], package: 'kamailio' },
  { command: 'svmap', args: ['--version'], package: 'sipvicious' },
  { command: 'rtpengine', args: ['--version'], package: 'rtpengine-daemon' },
  { command: 'openssl', args: ['version'], package: 'openssl' },
];

/** Packages that bring a service of the same name. */
const SERVICES = ['kamailio', 'rtpengine-daemon', 'postgresql'];

/** Before any scenario, and before the unit tests of `npm test`: the programs are there, or are installed (root on Debian), or the run ends with the command for it. */
export function setup(): void {
  const missing = PROGRAMS.filter((program) => !starts(program));
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', ...missing.map((program) => program.package)];
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log(
      `not installed: ${missing.map(({ command }) => command).join(', ')}; running apt-get ${install.join(' ')}`,
    );
    // A fresh image has no package lists yet.
    if (!apt(install)) {
      apt(['update']);
      apt(install);
    }
    // These packages start servers of their own where systemd runs.
    for (const service of SERVICES.filter((one) => missing.some((program) => program.package === one))) {
      spawnSync('systemctl', ['disable', '--now', service], { stdio: 'ignore' });
    }
  }
  const stillMissing = missing.filter((program) => !starts(program));
  if (stillMissing.length === 0) return;
  const names = stillMissing.map(({ command }) => command).join(', ');
  throw new Error(`The scenarios need ${names}. Install what is missing with: apt-get ${install.join(' ')}`);
}

/** Whatever it exits with: SIPp says its version with 99. */
function starts({ command, args }: Program): boolean {
  const [found] = command.includes('*') ? globSync(command) : [command];
  return found !== undefined && spawnSync(found, args, { stdio: 'ignore' }).error === undefined;
}

function apt(args: readonly string[]): boolean {
  const run = spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return run.status === 0;
}
