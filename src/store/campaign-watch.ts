import type { MachineFalsePositive } from '../policy/machine-estimate.ts';

/** What the limits of campaigns are watched by. Plain data: it goes to the store's thread. */
export type CampaignWatch = {
  /** Stamps of the rules by campaign; of one that is not here, `policy`. */
  readonly policies: Readonly<Record<string, string>>;
  readonly policy: string;
  /** Webhook endpoints by their names. */
  readonly endpoints: readonly string[];
  /** By campaign; of one that is not here, `falsePositive`. */
  readonly falsePositives: Readonly<Record<string, MachineFalsePositive | null>>;
  readonly falsePositive: MachineFalsePositive | null;
};
