/** The settings of the message that a campaign's callees hear when nobody comes, where the rules have one. */
import { z } from 'zod';
import { name } from './setting-values.ts';

const optOut = z
  .strictObject({
    digit: z
      .string()
      .regex(/^[0-9*#A-D]$/, { error: 'expected one key of a telephone' })
      .describe('the key that says never again, as the message tells; the call then ends at once'),
    listenMs: z
      .int()
      .min(0)
      .max(15_000)
      .default(4_000)
      .describe('for how long after the message it may still be pressed, ms; ambience plays meanwhile'),
  })
  .nullable()
  .default(null);

/** `campaigns.announcement`, and one campaign's own. */
export const announcementSection = z
  .strictObject({
    clip: name.nullable().default(null).describe('an announcement from "brusio clip import --announcement", or …'),
    file: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('… a WAV file, set to the level of speech at every start; one of the two'),
    text: z
      .string()
      .min(1)
      .max(1_000)
      .describe('what it says, word for word: kept in the ledger with the hash of the recording'),
    optOut,
  })
  .refine(({ clip, file }) => (clip === null) !== (file === null), { error: 'name a clip or a file, one of the two' })
  .nullable()
  .default(null);
