import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const ENDED_WITHIN_MS = 15_000;

/** Ends a server as a service manager does; killed if it would not. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const killer = setTimeout(() => child.kill('SIGKILL'), ENDED_WITHIN_MS);
  child.kill('SIGTERM');
  await once(child, 'exit');
  clearTimeout(killer);
}

/** Does what a server's start needs; ends the server when that fails. */
export async function whileStarting<T>(server: ChildProcess, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await endProcess(server);
    throw error;
  }
}
