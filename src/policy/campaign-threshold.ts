/**
 * When a campaign's people are told how near it is to a limit: at half of it, at four fifths, at the limit and beyond it, once
 * each for every campaign and period.
 */
import { z } from 'zod';
import { periodFiguresSchema } from './campaign-figures.ts';
import type { Jurisdiction } from './jurisdictions/jurisdiction.ts';
import type { MachineTally } from './machine-estimate.ts';
import { isWithin, type RatioLimit, type Tally } from './tally.ts';

/** Shares of a limit at which a `campaign.threshold` is raised, in per cent of it. */
export const THRESHOLDS_PERCENT = [50, 80, 100] as const;

/** What is told once: a share of the limit that is reached, or that it is passed. */
export type CampaignAlert = (typeof THRESHOLDS_PERCENT)[number] | 'breached';

/**
 * Everything a tally gives cause to tell, least first; nothing while there is no silent call. Compared as integers.
 *
 * @param tally the two sides of the ratio, estimates included where the law has them there
 */
export function alertsOf({ silent, handled }: Tally, limit: RatioLimit): readonly CampaignAlert[] {
  if (silent === 0) return [];
  const reached = THRESHOLDS_PERCENT.filter(
    (percent) => silent * limit.of * 100 >= percent * limit.silent * (silent + handled),
  );
  return isWithin({ silent, handled }, limit) ? reached : [...reached, 'breached'];
}

/** Whether a change of counts can have raised a ratio: more silent calls, or fewer others; more machines, where these are in it. */
export function worsens(
  { silent, handled, machines = 0, machinesHeard = 0 }: MachineTally,
  { machinesInRatio }: Pick<Jurisdiction, 'machinesInRatio'>,
): boolean {
  return silent > 0 || handled < 0 || (machinesInRatio !== null && (machines > 0 || machinesHeard < 0));
}

/** `data` of `campaign.threshold` and `campaign.breached`. */
export const campaignAlertSchema = z.strictObject({
  campaign: z.string(),
  controller: z.string(),
  threshold: z
    .literal([...THRESHOLDS_PERCENT])
    .nullable()
    .describe('share of the limit that was reached, in per cent of it; null: the limit is passed'),
  citation: z.string().describe('the source of the limit'),
  policy: z.string().describe('name and version of the rules that are counted by'),
  figures: periodFiguresSchema.describe('the period as it stood when this was raised'),
});

/** `data` of `campaign.threshold` and `campaign.breached`. */
export type CampaignAlertData = z.infer<typeof campaignAlertSchema>;
