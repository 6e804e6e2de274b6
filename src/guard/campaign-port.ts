/** What is counted of campaigns, as the committed ledger adds up to it. */
import type { CampaignDay, CampaignStart } from '../ledger/projection.ts';

/** Asks the database; all reject with AppError `store.cannot-read`. */
export type CampaignCounts = {
  /** Every campaign that ever had an allowed call, by name. */
  campaigns(): Promise<readonly CampaignStart[]>;
  /**
   * Days on which something was counted, in their order.
   *
   * @param campaign null: of all campaigns
   * @param from first local day
   */
  campaignDays(campaign: string | null, from: string): Promise<readonly CampaignDay[]>;
};
