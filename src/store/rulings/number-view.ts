/** What a group of rulings knows of its numbers: read once for all of them, and kept up with each call that gets room. */
import type { WallMs } from '../../base/clock.ts';
import { addDays, wallOf, weekdayOf } from '../../base/local-time.ts';
import type { RulingRequest } from '../../guard/ruling-port.ts';
import { locksInForce, type NumberLock } from '../../policy/rules/open-risk.ts';
import { bindsCall } from '../../policy/rules/opt-out.ts';
import type { NumberHistory } from '../../policy/rules/standing.ts';
import type { HeldCall } from './held-calls.ts';
import type { LookedUp } from './look-ups.ts';

/** The numbers of one group. */
export type NumberView = {
  /** Without the call itself. */
  historyOf(request: RulingRequest): Omit<NumberHistory, 'screening'>;
  /** A call that got room. */
  add(call: HeldCall): void;
};

/** A local day and its week, as stretches of time. */
export type DaySpan = { readonly dayFrom: WallMs; readonly weekFrom: WallMs };

/** A call in flight to a number. */
export type NumberInFlight = Pick<HeldCall, 'callId' | 'lockScope' | 'controller' | 'digest' | 'campaign' | 'at'>;

let latest: (DaySpan & { readonly timeZone: string; readonly day: string }) | null = null;

/** The beginnings of a local day and of its ISO 8601 week. Kept: it asks the time zone of four other days, 0.1 ms. */
export function daySpan(timeZone: string, day: string): DaySpan {
  if (latest?.day !== day || latest.timeZone !== timeZone) {
    const monday = addDays(day, 1 - weekdayOf(day));
    latest = { timeZone, day, dayFrom: wallOf(timeZone, day, 0), weekFrom: wallOf(timeZone, monday, 0) };
  }
  return latest;
}

/** The view that these rows give. */
export function numberView(
  { numbersInFlight, locks, calls, optOuts }: Pick<LookedUp, 'numbersInFlight' | 'locks' | 'calls' | 'optOuts'>,
  { dayFrom, weekFrom }: DaySpan,
): NumberView {
  const held = [...numbersInFlight];

  return {
    historyOf({ callId, digests, terms }) {
      const { lockScope, controller, campaign } = terms;
      const others = held.filter((call) => call.callId !== callId && digests.includes(call.digest));
      const placed = others.filter((call) => call.controller === controller);
      const past = calls.filter((row) => digests.includes(row.digest ?? '') && row.controller === controller);
      const pastOfCampaign = past.filter((row) => row.campaign === campaign);
      const ofNumber = locks.filter((row) => row.scope === lockScope && digests.includes(row.digest));
      return {
        inFlight: others.filter((call) => call.lockScope === lockScope).length,
        ...locksInForce(ofNumber.flatMap(locksOf)),
        optOut: latestOf(optOuts.filter((row) => digests.includes(row.digest) && bindsCall(row.scope, terms))),
        callsOnDay: sumOf(past, 'on_day') + placed.filter((call) => call.at >= dayFrom).length,
        callsInWeek: sumOf(past, 'in_week') + placed.filter((call) => call.at >= weekFrom).length,
        callsOfCampaign: sumOf(pastOfCampaign, 'calls') + placed.filter((call) => call.campaign === campaign).length,
      };
    },
    add: (call) => void held.push(call),
  };
}

/** They are read the latest first. */
function latestOf([latest]: LookedUp['optOuts']): NumberHistory['optOut'] {
  return latest === undefined ? null : { at: latest.at as WallMs, source: latest.source };
}

function locksOf(row: LookedUp['locks'][number]): NumberLock[] {
  const lock = (until: number | null, silentAt: number | null, after: NumberLock['after']): NumberLock[] =>
    until === null || silentAt === null ? [] : [{ until: until as WallMs, silentAt: silentAt as WallMs, after }];
  return [...lock(row.until, row.silent_at, null), ...lock(row.free_until, row.free_silent_at, 'free')];
}

function sumOf<K extends string>(rows: readonly Readonly<Record<K, number>>[], key: K): number {
  return rows.reduce((sum, row) => sum + row[key], 0);
}
