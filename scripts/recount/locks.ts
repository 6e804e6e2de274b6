/** Locks on numbers, from the calls that left them. */
import { lastVerdict, type RawCall, restsUntil, silence } from './law.ts';
import type { Table } from './table.ts';
import { textOf } from './texts.ts';

/** Locks as text, and which of them end by the clock alone: rows of these are swept a day after. */
export type CountedLocks = { readonly table: Table; readonly byClock: ReadonlySet<string> };

/**
 * One for every silent call, and for a machine where the law says so. Italy: unless an agent was there in time in a call to
 * that number that was bridged since; others end by the clock, and stay in the table.
 *
 * @param scopeOf in which register of locks a controller's numbers are
 */
export function locksOf(calls: readonly RawCall[], scopeOf: (controller: string) => string): CountedLocks {
  const bridges = new Map<string, number[]>();
  const resting: { readonly place: string; readonly call: RawCall; readonly isSilent: boolean }[] = [];
  for (const call of calls) {
    const verdict = lastVerdict(call);
    if (verdict === null) continue;
    const place = `${scopeOf(call.controller)} ${call.digest}`;
    if (verdict.class === 'A') resting.push({ place, call, isSilent: true });
    else if (verdict.why === 'agent')
      bridges.set(place, [...(bridges.get(place) ?? []), Date.parse(call.record.times.bridged ?? '')]);
    else if (verdict.why === 'machine' && call.record.times.bridged === null)
      resting.push({ place, call, isSilent: false });
  }
  const table: Table = new Map();
  const byClock = new Set<string>();
  for (const { place, call, isSilent } of resting) {
    const { rest, machineRestHours, zone } = textOf(call.record.policy);
    const { at, knownAt } = silence(call);
    if (isSilent && rest !== null) {
      if (rest.endsByBridge && bridges.get(place)?.some((bridgedAt) => bridgedAt > knownAt)) continue;
      table.set(`${place} ${call.callId}`, new Date(restsUntil(at, rest.hours, rest.days, zone)).toISOString());
      if (!rest.endsByBridge) byClock.add(`${place} ${call.callId}`);
    } else if (!isSilent && machineRestHours !== null) {
      const answered = Date.parse(call.record.times.answered ?? '');
      table.set(`${place} ${call.callId}`, new Date(restsUntil(answered, machineRestHours, 0)).toISOString());
      byClock.add(`${place} ${call.callId}`);
    }
  }
  return { table, byClock };
}

/** Without those that are over by the clock and are kept no more. */
export function withoutSwept({ table, byClock }: CountedLocks, kept: Table, now: string): Table {
  return new Map([...table].filter(([key, until]) => kept.has(key) || !byClock.has(key) || until > now));
}
