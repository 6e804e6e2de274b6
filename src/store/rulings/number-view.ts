/** What a group of rulings knows of its numbers: read once for all of them, and kept up with each call that gets room. */
import type { WallMs } from '../../base/clock.ts';
import { addDays, wallOf, weekdayOf } from '../../base/local-time.ts';
import type { RulingRequest } from '../../guard/ruling-port.ts';
import { locksInForce, type NumberLock } from '../../policy/rules/open-risk.ts';
import type { NumberHistory } from '../../policy/rules/standing.ts';
import type { Connection } from '../connection.ts';
import type { HeldCall } from './held-calls.ts';
import { countCalls, selectInFlight, selectLocks } from './ruling-queries.ts';

/** The numbers of one group. */
export type NumberView = {
  /** Without the call itself. */
  historyOf(request: RulingRequest): Omit<NumberHistory, 'screening'>;
  /** A call that got room. */
  add(call: HeldCall): void;
};

/** A local day and its week, as stretches of time. */
export type DaySpan = { readonly dayFrom: WallMs; readonly weekFrom: WallMs };

type InFlight = { callId: string; scope: string; controller: string; digest: string; campaign: string; at: number };
type CommittedRows = Awaited<ReturnType<typeof readNumbers>>;

let latest: (DaySpan & { readonly timeZone: string; readonly day: string }) | null = null;

/** The beginnings of a local day and of its ISO 8601 week. Kept: it asks the time zone of four other days, 0.1 ms. */
export function daySpan(timeZone: string, day: string): DaySpan {
  if (latest?.day !== day || latest.timeZone !== timeZone) {
    const monday = addDays(day, 1 - weekdayOf(day));
    latest = { timeZone, day, dayFrom: wallOf(timeZone, day, 0), weekFrom: wallOf(timeZone, monday, 0) };
  }
  return latest;
}

/** What is in flight to them; on PostgreSQL to be read before what is committed, so that no call is missing in between. */
export async function readNumbersInFlight(connection: Connection, digests: readonly string[]): Promise<InFlight[]> {
  const rows = await connection.all(selectInFlight, { digests: JSON.stringify(digests) });
  return rows.map(({ call_id: callId, scope, controller, digest, campaign, at_ms: at }) => ({
    ...{ callId, scope, controller, digest, campaign, at },
  }));
}

/** Their locks; and how often they were called, where any rule asks for it. */
export async function readNumbers(
  connection: Connection,
  lockScopes: readonly string[],
  names: readonly string[],
  { dayFrom, weekFrom }: DaySpan,
  withCalls: boolean,
) {
  const digests = JSON.stringify(names);
  const [locks, calls] = await Promise.all([
    connection.all(selectLocks, { scopes: JSON.stringify(lockScopes), digests }),
    withCalls ? connection.all(countCalls, { digests, dayFrom, weekFrom }) : [],
  ]);
  return { locks, calls };
}

/** The view that these rows give. */
export function numberView(
  inFlight: readonly InFlight[],
  { locks, calls }: CommittedRows,
  { dayFrom, weekFrom }: DaySpan,
): NumberView {
  const held = [...inFlight];

  return {
    historyOf({ callId, digests, terms }) {
      const { lockScope, controller, campaign } = terms;
      const others = held.filter((call) => call.callId !== callId && digests.includes(call.digest));
      const placed = others.filter((call) => call.controller === controller);
      const past = calls.filter((row) => digests.includes(row.digest ?? '') && row.controller === controller);
      const pastOfCampaign = past.filter((row) => row.campaign === campaign);
      const ofNumber = locks.filter((row) => row.scope === lockScope && digests.includes(row.digest));
      return {
        inFlight: others.filter((call) => call.scope === lockScope).length,
        ...locksInForce(ofNumber.map(lockOf)),
        callsOnDay: sumOf(past, 'on_day') + placed.filter((call) => call.at >= dayFrom).length,
        callsInWeek: sumOf(past, 'in_week') + placed.filter((call) => call.at >= weekFrom).length,
        callsOfCampaign: sumOf(pastOfCampaign, 'calls') + placed.filter((call) => call.campaign === campaign).length,
      };
    },
    add({ callId, lockScope: scope, controller, digest, campaign, at }) {
      held.push({ callId, scope, controller, digest, campaign, at });
    },
  };
}

function lockOf({ until_ms, silent_at_ms, after }: CommittedRows['locks'][number]): NumberLock {
  return { until: until_ms as WallMs, silentAt: silent_at_ms as WallMs, after };
}

function sumOf<K extends string>(rows: readonly Readonly<Record<K, number>>[], key: K): number {
  return rows.reduce((sum, row) => sum + row[key], 0);
}
