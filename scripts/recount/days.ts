/** Days and windows of campaigns, counted from their calls. */
import { dayNumber, lastVerdict, localDay, type RawCall } from './law.ts';
import type { Table } from './table.ts';
import { textOf } from './texts.ts';

/** What is counted of one day. */
export type DayTally = { silent: number; handled: number; machines: number; heard: number; hungUp: number };

/** Days by `campaign day`, and the first day of each campaign. */
export type CountedDays = {
  readonly days: ReadonlyMap<string, DayTally>;
  readonly firstDays: ReadonlyMap<string, string>;
};

/** Counts every call on the day of its answer. */
export function countDays(calls: readonly RawCall[]): CountedDays {
  const counted = { days: new Map<string, DayTally>(), firstDays: new Map<string, string>() };
  for (const call of calls) countCall(counted, call);
  return counted;
}

function countCall(
  { days, firstDays }: { days: Map<string, DayTally>; firstDays: Map<string, string> },
  call: RawCall,
): void {
  const { kind, campaign, network, times, policy } = call.record;
  if (kind !== 'guarded') return;
  const { zone } = textOf(policy);
  const invited = localDay(zone, times.invited);
  // A call that was refused was none.
  if (network !== 'blocked' && invited < (firstDays.get(campaign) ?? '9999')) firstDays.set(campaign, invited);
  const verdict = lastVerdict(call);
  if (verdict === null || times.answered === null) return;
  const key = `${campaign} ${localDay(zone, times.answered)}`;
  const tally = days.get(key) ?? { silent: 0, handled: 0, machines: 0, heard: 0, hungUp: 0 };
  if (verdict.class === 'A') tally.silent++;
  else if (verdict.class === 'B') tally.handled++;
  if (verdict.why === 'machine' || verdict.why === 'machine-heard') tally.machines++;
  if (verdict.why === 'machine-heard') tally.heard++;
  if (verdict.why === 'hung-up') tally.hungUp++;
  days.set(key, tally);
}

/** Days as text, those left out on which nothing was counted. */
export function tableOf(days: ReadonlyMap<string, DayTally>): Table {
  const table: Table = new Map();
  for (const [key, { silent, handled, machines, heard, hungUp }] of days) {
    if (silent + handled + machines + hungUp === 0) continue;
    const ofMachines = heard === 0 ? `${machines} machines` : `${machines} machines (${heard} heard by agents)`;
    table.set(key, `${silent}/${handled}, ${ofMachines}, ${hungUp} hung up`);
  }
  return table;
}

/** By whose rules each campaign's latest call was placed: its windows are measured by these. */
export function stampsOf(calls: readonly RawCall[]): (campaign: string) => string {
  const latest = new Map<string, { readonly at: string; readonly policy: string }>();
  for (const { record } of calls) {
    const { campaign, policy, times } = record;
    if ((latest.get(campaign)?.at ?? '') < times.invited) latest.set(campaign, { at: times.invited, policy });
  }
  return (campaign) => latest.get(campaign)?.policy ?? 'it-garante-83-2014@1';
}

/** Windows as text, by `campaign from day`. */
export function windowsOf({ days, firstDays }: CountedDays, stampOf: (campaign: string) => string): Table {
  const sums = new Map<string, { silent: number; handled: number }>();
  for (const [key, { silent, handled }] of days) {
    if (silent + handled === 0) continue;
    const space = key.lastIndexOf(' ');
    const campaign = key.slice(0, space);
    const from = windowFrom(key.slice(space + 1), firstDays.get(campaign), textOf(stampOf(campaign)).window);
    if (from === null) continue;
    const sum = sums.get(`${campaign} from ${from}`) ?? { silent: 0, handled: 0 };
    sums.set(`${campaign} from ${from}`, { silent: sum.silent + silent, handled: sum.handled + handled });
  }
  return new Map([...sums].map(([key, { silent, handled }]) => [key, `${silent}/${handled}`]));
}

/** First day of the window of a day: so many days each from a campaign's first, or months; null: the law has none. */
export function windowFrom(day: string, firstDay: string | undefined, window: number | 'month' | null): string | null {
  if (window === null) return null;
  if (window === 'month') return `${day.slice(0, 8)}01`;
  const first = dayNumber(firstDay ?? day);
  const index = Math.floor((dayNumber(day) - first) / window);
  return dayAt(first + index * window);
}

/** Its last day. */
export function windowTo(from: string, window: number | 'month'): string {
  if (window !== 'month') return dayAt(dayNumber(from) + window - 1);
  const [year = 0, month = 0] = from.split('-').map(Number);
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}

/** The day of a number of `dayNumber`. */
export function dayAt(number: number): string {
  return new Date(number * 86_400_000).toISOString().slice(0, 10);
}
