/** What a group of rulings knows of its campaigns: read once for all of them, and kept up with each call that gets room. */
import type { WallMs } from '../../base/clock.ts';
import { addDays } from '../../base/local-time.ts';
import { answerDays, dayOfStamp } from '../../policy/rules/answer-days.ts';
import { openRiskOf } from '../../policy/rules/open-risk.ts';
import { type CampaignCounts, OPEN_CORRECTION_MS, type OpenRisk } from '../../policy/rules/standing-on.ts';
import type { Tally } from '../../policy/tally.ts';
import type { Connection } from '../connection.ts';
import type { HeldCall } from './held-calls.ts';
import {
  countInFlight,
  countOpenCorrections,
  countOpenOutcomes,
  countOthersInFlight,
  selectFirstDays,
  selectTallies,
} from './ruling-queries.ts';

/** The campaigns of one group. */
export type CampaignView = {
  /** As they stand without the call. */
  countsWithout(callId: string, campaign: string): CampaignCounts;
  /** A call that has room, and is not among the rows. */
  add(call: HeldCall): void;
};

/** A call that ended in the last minutes was answered on one of these days, counted from today: none lasts two days. */
const DAYS_OF_OPEN_OUTCOMES = [-2, -1, 0, 1] as const;

/** How calls that have room are told apart. */
export type RiskTerms = {
  /**
   * What a call is that rings, as far as was heard. `uncounted` where its answer is heard before its class can be committed;
   * else `handled`: it may have been counted as a machine's meanwhile.
   */
  readonly ringingAs: OpenRisk['as'];
};

type InFlightRow = Awaited<ReturnType<typeof readInFlight>>[number];
type CommittedRows = Awaited<ReturnType<typeof readCommitted>>;

/** What is in flight; on PostgreSQL to be read before what is committed, so that no call is missing in between. */
export async function readInFlight(connection: Connection, campaigns: readonly string[], except: readonly string[]) {
  if (campaigns.length === 0) return [];
  const names = JSON.stringify(campaigns);
  return except.length === 0
    ? connection.all(countInFlight, { campaigns: names })
    : connection.all(countOthersInFlight, { campaigns: names, except: JSON.stringify(except) });
}

/** What is committed, as far as windows of at most `windowDays` reach back from `day`. */
export async function readCommitted(
  connection: Connection,
  names: readonly string[],
  { at, day, windowDays }: { readonly at: WallMs; readonly day: string; readonly windowDays: number },
) {
  if (names.length === 0) return { firstDays: [], tallies: [], open: [] };
  const campaigns = JSON.stringify(names);
  const endedAfter = at - OPEN_CORRECTION_MS;
  const days = JSON.stringify(DAYS_OF_OPEN_OUTCOMES.map((offset) => addDays(day, offset)));
  const [firstDays, tallies, openOutcomes, openCorrections] = await Promise.all([
    connection.all(selectFirstDays, { campaigns }),
    connection.all(selectTallies, { campaigns, from: addDays(day, 1 - windowDays) }),
    connection.all(countOpenOutcomes, { campaigns, days, endedAfter }),
    connection.all(countOpenCorrections, { campaigns, correctedAfter: endedAfter, endedAfter }),
  ]);
  return { firstDays, tallies, open: [...openOutcomes, ...openCorrections] };
}

/** The view that these rows give. */
export function campaignView(
  inFlight: readonly InFlightRow[],
  { firstDays, tallies, open }: CommittedRows,
  { ringingAs }: RiskTerms,
): CampaignView {
  const campaigns = new Map<string, Campaign>();
  const of = (name: string): Campaign => {
    const known = campaigns.get(name) ?? { firstDay: null, days: new Map(), risks: [], own: [] };
    campaigns.set(name, known);
    return known;
  };
  for (const { campaign, first_day: day } of firstDays) begin(of(campaign), day);
  for (const { campaign, day, silent, handled } of tallies) of(campaign).days.set(day, { silent, handled });
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

/** The days that a call's reservation names, by its own rules' clock. */
export function reservedDays({ at, ringLimitMs, answeredAt, policy }: HeldCall) {
  const dayOf = dayOfStamp(policy);
  const { from, to } = answerDays(at, ringLimitMs, dayOf);
  return { day: from, lastDay: to, answeredDay: answeredAt === null ? null : dayOf(answeredAt) };
}

type Campaign = {
  firstDay: string | null;
  readonly days: Map<string, Tally>;
  readonly risks: OpenRisk[];
  readonly own: { readonly callId: string; readonly risk: OpenRisk }[];
};

function begin(campaign: Campaign, day: string): void {
  if (campaign.firstDay === null || day < campaign.firstDay) campaign.firstDay = day;
}
