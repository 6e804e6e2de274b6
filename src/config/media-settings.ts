/** The settings of the media plane's threads. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { rtpengineSection } from './rtpengine-settings.ts';

/** Threads that are of use on any machine in view: each carries a thousand calls. */
const WORKERS_MAX = 32;

export const mediaSection = z
  .strictObject({
    workers: z
      .int()
      .min(1)
      .max(WORKERS_MAX)
      .nullable()
      .default(null)
      .describe(
        'threads that send and relay RTP, each with its part of the ports; null: half as many as cores, 1 to 4',
      ),
    native: z
      .boolean()
      .default(true)
      .describe("RTP through the compiled add-on, where `npm install` could build it; else through Node's own sockets"),
    rtpengine: rtpengineSection,
  })
  .prefault({});

/** How many media threads a setting means on a machine of so many cores. */
export function mediaWorkers(workers: number | null, cores: number = availableParallelism()): number {
  return workers ?? Math.max(1, Math.min(4, Math.floor(cores / 2)));
}
