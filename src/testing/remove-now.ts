import { existsSync, rmSync } from 'node:fs';

const ATTEMPTS = 10;
const RETRIES = { maxRetries: 10, retryDelay: 100 };

/** Removes a folder in which a process that was just ended may still be writing or removing files; waits for nothing else. */
export function removeNow(folder: string): void {
  // `rmSync` takes a file that somebody else removed meanwhile for the whole folder gone, and says nothing.
  for (let attempt = 0; attempt < ATTEMPTS && existsSync(folder); attempt++)
    rmSync(folder, { recursive: true, force: true, ...RETRIES });
}
