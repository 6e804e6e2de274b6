import { FRAME_MS } from './codec.ts';

/** How far from the last start to a number the next one is, either way round the loop: as long as a wait may be. */
export const STARTS_APART_MS = 3000;

/**
 * Where in a loop of `durationMs` a call begins, in ms at a whole frame: anywhere, but at least `STARTS_APART_MS` from
 * `lastMs`, where the call before to the same number began; in a loop that is too short for that, opposite to it.
 *
 * @param uniform a number in [0, 1)
 * @param lastMs null when there was no call before
 */
export function loopStartMs(uniform: number, durationMs: number, lastMs: number | null): number {
  const frames = Math.floor(durationMs / FRAME_MS);
  if (lastMs === null) return Math.floor(uniform * frames) * FRAME_MS;
  const apart = STARTS_APART_MS / FRAME_MS;
  const last = Math.floor(lastMs / FRAME_MS);
  // The places from `apart` after it to `apart` before it.
  const places = frames - 2 * apart + 1;
  const step = places > 0 ? apart + Math.floor(uniform * places) : Math.floor(frames / 2);
  return ((last + step) % frames) * FRAME_MS;
}
