/** Which campaign a call belongs to whose dialer does not say so itself: rules over what stands in any INVITE. */

/** One rule. What is null does not matter; all that is not must fit. */
export type CampaignRule = {
  /** Begins the caller's number, E.164 where it could be placed. */
  readonly callerId: string | null;
  /** Begins the called number, the same. */
  readonly number: string | null;
  /** Begins VICIdial's call code. */
  readonly callCode: string | null;
  /** A header that must be there and not empty. */
  readonly header: string | null;
  /** Begins that header's value. */
  readonly begins: string;
  /** The campaign; null: the header's value is its name. */
  readonly campaign: string | null;
};

/** What the rules look at. */
export type CampaignFacts = {
  readonly callerId: string;
  readonly number: string;
  readonly callCode: string | null;
  /** A header's value, trimmed; null when absent or empty. */
  readonly header: (name: string) => string | null;
};

/** The campaign of the first rule that fits; null when none does. Pure. */
export function campaignByRules(rules: readonly CampaignRule[], facts: CampaignFacts): string | null {
  for (const rule of rules) {
    const value = rule.header === null ? '' : facts.header(rule.header);
    const fits =
      facts.callerId.startsWith(rule.callerId ?? '') &&
      facts.number.startsWith(rule.number ?? '') &&
      (rule.callCode === null || (facts.callCode?.startsWith(rule.callCode) ?? false)) &&
      value?.startsWith(rule.begins) === true;
    if (fits) return rule.campaign ?? value;
  }
  return null;
}
