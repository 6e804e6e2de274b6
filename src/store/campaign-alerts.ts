/**
 * Tells of limits that a campaign comes near, in the transaction in which its counts moved: what was committed and what was
 * told of it never differ.
 */
import type { WallMs } from '../base/clock.ts';
import type { CampaignDay } from '../ledger/projection.ts';
import { type CampaignPeriod, periodFigures, sumOf } from '../policy/campaign-figures.ts';
import { alertsOf, type CampaignAlert, type CampaignAlertData, worsens } from '../policy/campaign-threshold.ts';
import { eventBody, messageId } from '../policy/event-message.ts';
import { jurisdictionOfStamp } from '../policy/jurisdictions/chosen-jurisdiction.ts';
import type { Cited, Jurisdiction } from '../policy/jurisdictions/jurisdiction.ts';
import { type MachineFalsePositive, measuredTally } from '../policy/machine-estimate.ts';
import { windowOf } from '../policy/ratio-window.ts';
import type { RatioLimit } from '../policy/tally.ts';
import { campaignDayOf, insertAlert, selectAlerts, selectCampaignsNamed, selectDays } from './campaign-queries.ts';
import type { CampaignWatch } from './campaign-watch.ts';
import type { Connection } from './connection.ts';
import { insertWebhook } from './webhook-queries.ts';

type PeriodOfCampaign = CampaignPeriod & {
  readonly campaign: string;
  readonly controller: string;
  readonly limit: Cited<RatioLimit>;
  readonly law: Jurisdiction;
};

/**
 * Raises what these moves give cause to, each once for a campaign and period, with its webhooks. The counts are in the
 * database already, by this very transaction.
 *
 * @param moved what was added to each day
 * @returns what was raised
 */
export async function raiseCampaignAlerts(
  connection: Connection,
  process: string,
  moved: readonly CampaignDay[],
  watch: CampaignWatch,
  at: WallMs,
): Promise<readonly CampaignAlertData[]> {
  const worse = moved.filter((day) => worsens(day, lawOf(watch, day.campaign)));
  if (worse.length === 0) return [];
  // What went wrong before is told as what it is.
  await connection.sent();
  const periods = await periodsOf(connection, worse, watch);
  if (periods.length === 0) return [];
  const campaigns = JSON.stringify([...new Set(periods.map(({ campaign }) => campaign))]);
  const from = periods.reduce((least, one) => (one.from < least ? one.from : least), periods[0]?.from ?? '');
  const to = periods.reduce((most, one) => (one.to > most ? one.to : most), '');
  const [days, told] = await Promise.all([
    connection.all(selectDays, { campaigns, from, to }),
    connection.all(selectAlerts, { campaigns, periods: JSON.stringify(periods.map(keyOf)) }),
  ]);
  const known = new Set(told.map((row) => alertKey(row.campaign, row.period, row.threshold)));
  const raised: CampaignAlertData[] = [];
  for (const period of periods) {
    const { campaign } = period;
    const ofPeriod = days.filter((row) => row.campaign === campaign && period.from <= row.day && row.day <= period.to);
    const counts = sumOf(ofPeriod.map(campaignDayOf));
    const measured = measuredTally(counts, period.law, estimateOf(watch, campaign));
    for (const alert of alertsOf(measured, period.limit.value)) {
      const threshold = String(alert);
      if (known.has(alertKey(campaign, keyOf(period), threshold))) continue;
      // Another process may just have told it: the row decides.
      if ((await connection.run(insertAlert, { campaign, period: keyOf(period), threshold })) === 0) continue;
      const data = alertData(period, alert, counts, watch);
      postWebhooks(connection, process, data, `${keyOf(period)} ${threshold}`, watch.endpoints, at);
      raised.push(data);
    }
  }
  return raised;
}

/** The day and the window of each move that the law has a limit for, none twice. */
async function periodsOf(
  connection: Connection,
  moved: readonly CampaignDay[],
  watch: CampaignWatch,
): Promise<readonly PeriodOfCampaign[]> {
  const names = JSON.stringify([...new Set(moved.map(({ campaign }) => campaign))]);
  const starts = new Map(
    (await connection.all(selectCampaignsNamed, { campaigns: names })).map((r) => [r.campaign, r]),
  );
  const periods = new Map<string, PeriodOfCampaign>();
  for (const { campaign, day } of moved) {
    const start = starts.get(campaign);
    const law = lawOf(watch, campaign);
    const ofCampaign = { campaign, controller: start?.controller ?? 'default', law };
    const { ratio } = law;
    const limited: PeriodOfCampaign[] = [];
    if (ratio.day !== null) limited.push({ ...ofCampaign, period: 'day', from: day, to: day, limit: ratio.day });
    if (ratio.window !== null) {
      const window = windowOf(start?.first_day ?? day, day, ratio.window.span.value);
      limited.push({ ...ofCampaign, period: 'window', ...window, limit: ratio.window });
    }
    for (const period of limited) periods.set(JSON.stringify([campaign, keyOf(period)]), period);
  }
  return [...periods.values()];
}

/** The rules that the campaign has now: its days were counted by those of each call. */
function lawOf({ policies, policy }: CampaignWatch, campaign: string): Jurisdiction {
  return jurisdictionOfStamp(Object.hasOwn(policies, campaign) ? (policies[campaign] ?? policy) : policy);
}

function estimateOf({ falsePositives, falsePositive }: CampaignWatch, campaign: string): MachineFalsePositive | null {
  return Object.hasOwn(falsePositives, campaign) ? (falsePositives[campaign] ?? null) : falsePositive;
}

function alertData(
  period: PeriodOfCampaign,
  alert: CampaignAlert,
  counts: Parameters<typeof periodFigures>[1],
  watch: CampaignWatch,
): CampaignAlertData {
  const { campaign, controller, law } = period;
  return {
    campaign,
    controller,
    threshold: alert === 'breached' ? null : alert,
    citation: period.limit.citation,
    policy: law.policy,
    figures: periodFigures(period, counts, law, estimateOf(watch, campaign)),
  };
}

function postWebhooks(
  connection: Connection,
  process: string,
  data: CampaignAlertData,
  event: string,
  endpoints: readonly string[],
  at: WallMs,
): void {
  const subject = `campaign:${data.campaign}`;
  const type = data.threshold === null ? 'campaign.breached' : 'campaign.threshold';
  const body = eventBody(type, at, data);
  for (const endpoint of endpoints) {
    const id = messageId(subject, event, endpoint);
    connection.post(insertWebhook, { id, process, callId: subject, type, endpoint, body, at });
  }
}

const keyOf = ({ period, from }: CampaignPeriod) => `${period}:${from}`;
const alertKey = (...parts: readonly string[]) => JSON.stringify(parts);
