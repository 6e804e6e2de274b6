/** A few lines of C as the limit: what a packet costs when nothing but system calls is done. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figure, type Row } from './table.ts';

export const C_COLUMNS = ['plain C, one thread', 'µs of CPU a packet'] as const;

/** Two rows, or a sentence that says why there are none. */
export function cLimit(): readonly Row[] | string {
  const folder = mkdtempSync(join(tmpdir(), 'brusio-bench-'));
  const program = join(folder, 'c-limit');
  try {
    execFileSync('cc', ['-O2', '-o', program, join(import.meta.dirname, 'c-limit.c')], { stdio: 'pipe' });
    const [send = '', relay = ''] = execFileSync(program, { encoding: 'utf8' }).trim().split(' ');
    return [
      ['`sendto`', figure(Number(send), 2)],
      ['`epoll_wait`, `recvfrom`, `sendto`: a relay', figure(Number(relay), 2)],
    ];
  } catch (error) {
    return `The limit in plain C is left out: no C compiler works here (${String(error).split('\n')[0]}).`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
