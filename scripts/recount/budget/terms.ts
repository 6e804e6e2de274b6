/** How campaigns were held to the abandonment budget, as the ledger's entries of the settings tell. */

/** Of one campaign, at one time. */
export type BudgetTerms = {
  readonly mode: 'off' | 'observe' | 'enforce';
  /** Whether an agent who is only reserved is taken for one who will be there. */
  readonly trustsPromises: boolean;
  /** How long a call may ring, ms. */
  readonly ringLimitMs: number;
  /** How many of the machines that were reported are taken for people, in parts of ten thousand. */
  readonly machinesArePeople: number;
};

/** As they come to be known, entry by entry. */
export type SettingsSeen = {
  entry(name: string, content: unknown): void;
  /** Null: no entry has told yet. */
  termsOf(campaign: string): BudgetTerms | null;
};

/** JSON as it was read. */
// biome-ignore lint/suspicious/noExplicitAny: settings of whatever version wrote them.
type Content = any;

/** Nothing is known yet. */
export function createSettingsSeen(): SettingsSeen {
  let policy: Content = null;
  let campaigns: Content = null;
  return {
    entry(name, content) {
      if (name === 'policy') policy = content;
      if (name === 'campaigns') campaigns = content;
    },
    termsOf(campaign) {
      if (policy === null || campaigns === null) return null;
      const own = campaigns.named?.find(({ name }: { name: string }) => name === campaign);
      const mode = own?.rules?.['abandonment-budget'] ?? policy.rules?.['abandonment-budget'];
      const estimate = own?.machineFalsePositive ?? campaigns.machineFalsePositive ?? null;
      return {
        mode: mode ?? 'observe',
        trustsPromises: policy.promisedAgents !== 'count',
        ringLimitMs: policy.ringLimitMs ?? RING_LIMIT_MS,
        machinesArePeople: estimate === null ? 0 : Math.round(estimate.percent * 100),
      };
    },
  };
}

/** Where no entry tells. */
export const RING_LIMIT_MS = 120_000;
