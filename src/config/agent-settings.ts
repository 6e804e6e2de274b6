/** The settings of what is known of agents. */
import { z } from 'zod';

/** `agents`. */
export const agentsSection = z
  .strictObject({
    freeAgentsMaxAgeMs: z
      .int()
      .min(1_000)
      .max(3_600_000)
      .default(60_000)
      .describe('how long a count of free agents that came over HTTP holds, ms'),
  })
  .prefault({});
