/** Every figure of a report from the raw rows; of the report itself only what it is of, and which entries it names. */

import { dayAt } from '../days.ts';
import { dayNumber, localDay } from '../law.ts';
import type { Rows } from '../rows.ts';
import { type Limit, textOf } from '../texts.ts';
import { hourNames, hourOf, midnight, windowsIn } from './calendar.ts';
import type { Tree } from './compare.ts';
import { evidenceAgain } from './evidence.ts';
import { figuresOf, type LiveCall, type ReportCall, windowFigures } from './figures.ts';
import { campaignStart, reportCalls, reportLive } from './report-rows.ts';

/** So long after its end a period may still be corrected, ms. */
const OPEN_MS = 600_000;

type Part = { readonly calls: readonly ReportCall[]; readonly live: readonly LiveCall[] };

/** Counts a report again. */
export async function countAgain(rows: Rows, report: Tree): Promise<Tree> {
  const { campaign, period, machineFalsePositive: estimate } = report;
  // The rules that the report says the campaign has now.
  const present = String(report.policies[0]?.policy ?? '');
  const { zone, limits, window } = textOf(present);
  const tells = {
    tellsMessages: report.total.announcements !== undefined,
    tellsRinging: report.total.ringing !== undefined,
  };
  const all = { calls: await reportCalls(rows, campaign.name), live: await reportLive(rows, campaign.name) };
  const start = await campaignStart(rows, campaign.name);
  const dayOfCall = (call: ReportCall) => localDay(zone, new Date(momentOf(call)).toISOString());
  const dayOfLive = (call: LiveCall) => localDay(zone, new Date(call.at).toISOString());
  const days = grouped(all, dayOfCall, dayOfLive);
  const inDays = (from: string, to: string): Part => {
    const parts = days.filter(([day]) => from <= day && day <= to).map(([, part]) => part);
    return { calls: parts.flatMap(({ calls }) => calls), live: parts.flatMap(({ live }) => live) };
  };
  const of = ({ calls, live }: Part, limit: Limit | null, policy = present) => ({
    ...figuresOf(calls, live, { policy, limit, estimate, ...tells }),
    limit,
  });

  const own = inDays(period.from, period.to);
  const dayFigures = days
    .filter(([day]) => period.from <= day && day <= period.to)
    .map(([day, part]) => ({ day, ...of(part, limits.day) }));
  const hours = grouped(
    own,
    (call) => hourOf(zone, momentOf(call)),
    (call) => hourOf(zone, call.at),
  );
  const stamps = [
    ...new Set([present, ...own.calls.map(({ record }) => record.policy), ...own.live.map(({ policy }) => policy)]),
  ];
  const windows = windowsIn(start.firstDay, period, window, campaign.endsOn);
  const today = localDay(zone, report.madeAt);
  const endsAt = midnight(zone, dayAt(dayNumber(period.to) + 1));
  return {
    campaign: { name: campaign.name, endsOn: campaign.endsOn, ...start },
    period: {
      ...{ kind: period.kind, from: period.from, to: period.to, timeZone: zone },
      number: period.kind === 'window' ? windows.find(({ from }) => from === period.from)?.number : null,
      ...{ beginsAt: midnight(zone, period.from), endsAt },
      complete: Date.parse(report.madeAt) >= Date.parse(endsAt) + OPEN_MS,
    },
    total: of(own, period.kind === 'window' ? limits.window : period.kind === 'day' ? limits.day : null),
    windows: windows.map(({ number, from, to }) => ({
      ...{ number, from, to, complete: to < today, limit: limits.window },
      ...windowFigures(of(inDays(from, to), limits.window)),
    })),
    days: dayFigures,
    hours: hours.map(([hour, part]) => ({ ...hourNames(zone, hour), ...of(part, null) })),
    policies: stamps.map((policy) => ({
      policy,
      ...of(
        {
          calls: own.calls.filter(({ record }) => record.policy === policy),
          live: own.live.filter((one) => one.policy === policy),
        },
        null,
        policy,
      ),
    })),
    ledger: await evidenceAgain(
      rows,
      report,
      [...own.calls, ...own.live].map(({ callId }) => callId),
      dayFigures,
    ),
  };
}

function grouped<T extends string | number>(
  { calls, live }: Part,
  ofCall: (call: ReportCall) => T,
  ofLive: (call: LiveCall) => T,
): (readonly [T, Part])[] {
  const [callsOfKey, liveOfKey] = [Map.groupBy(calls, ofCall), Map.groupBy(live, ofLive)];
  return [...new Set([...callsOfKey.keys(), ...liveOfKey.keys()])]
    .sort((one, other) => (one < other ? -1 : 1))
    .map((key) => [key, { calls: callsOfKey.get(key) ?? [], live: liveOfKey.get(key) ?? [] }]);
}

function momentOf({ record }: ReportCall): number {
  return Date.parse(record.times.answered ?? record.times.invited);
}
