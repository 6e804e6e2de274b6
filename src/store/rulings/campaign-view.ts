/** What a group of rulings knows of its campaigns: read once for all of them, and kept up with each call that gets room. */
import type { MachineTally } from '../../policy/machine-estimate.ts';
import { openRiskOf } from '../../policy/rules/open-risk.ts';
import type { CampaignCounts, OpenRisk } from '../../policy/rules/standing-on.ts';
import type { HeldCall } from './held-calls.ts';
import type { LookedUp } from './look-ups.ts';
import { reservedDays } from './reserved-days.ts';

/** The campaigns of one group. */
export type CampaignView = {
  /** As they stand without the call. */
  countsWithout(callId: string, campaign: string): CampaignCounts;
  /** A call that has room, and is not among the rows. */
  add(call: HeldCall): void;
};

/** How calls that have room are told apart. */
export type RiskTerms = {
  /**
   * What a call is that rings, as far as was heard. `uncounted` where its answer is heard before its class can be committed;
   * else `handled`: it may have been counted as a machine's meanwhile.
   */
  readonly ringingAs: OpenRisk['as'];
};

/** Calls in flight of one campaign that are counted alike. */
export type InFlight = LookedUp['inFlight'][number];

/** The view that these rows give. */
export function campaignView(
  { inFlight, firstDays, tallies, open }: Pick<LookedUp, 'inFlight' | 'firstDays' | 'tallies' | 'open'>,
  { ringingAs }: RiskTerms,
): CampaignView {
  const campaigns = new Map<string, Campaign>();
  const of = (name: string): Campaign => {
    const known = campaigns.get(name) ?? { firstDay: null, days: new Map(), risks: [], own: [] };
    campaigns.set(name, known);
    return known;
  };
  for (const { campaign, first_day: day } of firstDays) begin(of(campaign), day);
  for (const { campaign, day, ...tally } of tallies) of(campaign).days.set(day, tally);
  for (const { campaign, day, calls } of open) {
    if (day !== null) of(campaign).risks.push({ as: 'handled', calls, days: { from: day, to: day } });
  }
  for (const row of inFlight) {
    begin(of(row.campaign), row.day);
    const { agent, answered_day: answeredDay, day, last_day: lastDay } = row;
    const risk = openRiskOf({ agent, counted: row.counted === 1, answeredDay, day, lastDay }, ringingAs);
    if (risk !== null) of(row.campaign).risks.push({ ...risk, calls: row.calls });
  }

  return {
    countsWithout(callId, name) {
      const { firstDay, days, risks, own } = of(name);
      return {
        firstDay,
        days,
        risks: [...risks, ...own.filter((one) => one.callId !== callId).map((one) => one.risk)],
      };
    },
    add(call) {
      const days = reservedDays(call);
      const campaign = of(call.campaign);
      begin(campaign, days.day);
      const risk = openRiskOf({ agent: call.agent, counted: call.counted, ...days }, ringingAs);
      if (risk !== null) campaign.own.push({ callId: call.callId, risk: { ...risk, calls: 1 } });
    },
  };
}

type Campaign = {
  firstDay: string | null;
  readonly days: Map<string, MachineTally>;
  readonly risks: OpenRisk[];
  readonly own: { readonly callId: string; readonly risk: OpenRisk }[];
};

function begin(campaign: Campaign, day: string): void {
  if (campaign.firstDay === null || day < campaign.firstDay) campaign.firstDay = day;
}
