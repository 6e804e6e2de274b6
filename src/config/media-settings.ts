/** The settings of the media plane's threads. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { rtpengineSection } from './rtpengine-settings.ts';

/** Threads that are of use on any machine in view: each carries a thousand calls. */
const WORKERS_MAX = 32;

/** Shorter is a pause of silence suppression, longer is what the session's own checks find. */
const silenceMs = z.int().min(1_000).max(3_600_000).nullable().default(10_000);

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
    silence: z
      .strictObject({
        calleeMs: silenceMs.describe('no RTP from the callee for so long is a silence, ms; null: not watched'),
        dialerMs: silenceMs.describe('the same of the dialer, once its agent is on the line; null: not watched'),
        action: z
          .enum(['observe', 'hang-up'])
          .default('observe')
          .describe('a silence is logged and counted, or ends the call as well'),
      })
      .prefault({}),
    voiceActivity: z
      .strictObject({
        thresholdDbm0: z.int().min(-60).max(-10).default(-40).describe('level above which sound may be speech, dBm0'),
        durationMs: z.int().min(100).max(2_000).default(300).describe('speech of so long is an agent, ms'),
      })
      .nullable()
      .default(null)
      .describe('speech on the dialer’s side of a waiting call counts as its agent (G.711 only); null: it does not'),
    rtpengine: rtpengineSection,
  })
  .prefault({});

/** How many media threads a setting means on a machine of so many cores. */
export function mediaWorkers(workers: number | null, cores: number = availableParallelism()): number {
  return workers ?? Math.max(1, Math.min(4, Math.floor(cores / 2)));
}
