import { setTimeout as sleep } from 'node:timers/promises';

/** How often a condition is looked at. */
const LOOK_EVERY_MS = 10;

/** Waits until `holds`, at most about `limitMs`; resolves with whether it holds then. */
export async function until(holds: () => boolean, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < limitMs && !holds(); waitedMs += LOOK_EVERY_MS) await sleep(LOOK_EVERY_MS);
  return holds();
}
