import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The command that brings SIPp to a Debian machine. */
const INSTALL_COMMAND = 'apt-get install -y sip-tester';

/** Before any test: SIPp is there, or is installed (root on Debian), or the run ends with the command that does it. */
export function setup(): void {
  if (sippRuns()) return;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log(`sipp is not installed; running ${INSTALL_COMMAND}`);
    if (!apt(['install', '-y', 'sip-tester'])) {
      // A fresh image has no package lists yet.
      apt(['update']);
      apt(['install', '-y', 'sip-tester']);
    }
    if (sippRuns()) return;
  }
  throw new Error(`The SIPp scenarios need sipp, which did not start. Install it with: ${INSTALL_COMMAND}`);
}

/** `sipp -v` exits with 99. */
function sippRuns(): boolean {
  return spawnSync('sipp', ['-v'], { stdio: 'ignore' }).error === undefined;
}

function apt(args: readonly string[]): boolean {
  const run = spawnSync('apt-get', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return run.status === 0;
}
