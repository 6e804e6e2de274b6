/** The settings of what is kept of people, and how long. */
import { join } from 'node:path';
import { z } from 'zod';

const days = (least: number, most: number) => z.int().min(least).max(most);

/** `privacy`. */
export const privacySection = z
  .strictObject({
    keyFile: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        'file with the keys under which numbers are digested, mode 0600; null: number-key in data.dir, made at the first start',
      ),
  })
  .prefault({});

/** `retention`. */
export const retentionSection = z
  .strictObject({
    numbersDays: days(1, 3_650)
      .default(60)
      .describe('called numbers are dropped so long after their call; digests, outcomes and counts stay, days'),
    webhooksDays: days(1, 3_650)
      .default(30)
      .describe('webhooks that were delivered or given up are dropped after so long, days'),
  })
  .prefault({});

/** Where the keys are. */
export function numberKeyPath(settings: {
  readonly privacy: { readonly keyFile: string | null };
  readonly data: { readonly dir: string };
}): string {
  return settings.privacy.keyFile ?? join(settings.data.dir, 'number-key');
}
