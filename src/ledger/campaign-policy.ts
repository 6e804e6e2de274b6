/**
 * By whose rules each campaign is run, as the ledger is told of it: one entry a change, which says which campaigns went from
 * which stamp to which. Pure.
 */
import { z } from 'zod';
import { inTextOrder } from '../base/text-order.ts';

const stamp = z.string().min(1);

/** `content` of a `settings` entry named `campaign-policy`. */
export const campaignPolicySchema = z.strictObject({
  campaigns: z.record(z.string(), stamp).describe('campaigns that settings name, with the stamp of their rules'),
  others: stamp.describe('of every other campaign'),
  changes: z
    .array(
      z.strictObject({
        campaign: z.string().nullable().describe('null: every campaign that is not named and has had no call'),
        from: stamp,
        to: stamp,
      }),
    )
    .describe('against the entry before; none in the first one'),
});

/** By whose rules each campaign is run. */
export type CampaignPolicies = Omit<z.infer<typeof campaignPolicySchema>, 'changes'>;

/**
 * What the ledger is told; null: nothing has changed.
 *
 * @param before as the last entry had it; null: there is none
 * @param known campaigns that ever had a call
 */
export function campaignPolicyContent(
  before: CampaignPolicies | null,
  now: CampaignPolicies,
  known: readonly string[],
): z.infer<typeof campaignPolicySchema> | null {
  const { campaigns, others } = now;
  if (before === null) return { campaigns, others, changes: [] };
  const names = new Set([...Object.keys(before.campaigns), ...Object.keys(campaigns), ...known]);
  const changes: z.infer<typeof campaignPolicySchema>['changes'] = [...names]
    .sort(inTextOrder)
    .map((campaign) => ({ campaign, from: stampOf(before, campaign), to: stampOf(now, campaign) }))
    .filter(({ from, to }) => from !== to);
  if (before.others !== others) changes.push({ campaign: null, from: before.others, to: others });
  return changes.length === 0 ? null : { campaigns, others, changes };
}

function stampOf({ campaigns, others }: CampaignPolicies, campaign: string): string {
  return Object.hasOwn(campaigns, campaign) ? (campaigns[campaign] ?? others) : others;
}
