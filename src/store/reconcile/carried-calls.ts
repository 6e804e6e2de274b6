/** What `brusio reconcile` reads: the calls of a time that went to a carrier, page by page, and what is counted of their campaigns. */
import { sql } from 'kysely';
import type { WallMs } from '../../base/clock.ts';
import type { BrusioCall, BrusioClass } from '../../ledger/reconcile/call-columns.ts';
import type { DayCount } from '../../ledger/reconcile/campaign-effects.ts';
import { type NetworkAxis, networkAxisOf } from '../../policy/network-axis.ts';
import type { Connection } from '../connection.ts';
import { integer, query, text } from '../query.ts';
import { isInList } from '../value-list.ts';

/** Calls read at once: some 3 MB. */
const PAGE_CALLS = 5_000;
/** A call's id was made when its INVITE came: by the same clock, but for what it was set meanwhile. */
const ID_MARGIN_MS = 3_600_000;

const selectCarried = query(
  { after: text, before: text, from: integer, to: integer },
  (db, { after, before, from, to }, kind) =>
    db
      .selectFrom('outcomes')
      .select(['call_id', 'digest', 'campaign', 'kind', 'network', 'day', 'counted_as', 'carrier_call_id'])
      .select(['invited_at_ms', 'answered_at_ms', 'ended_at_ms'])
      .select([
        sql<string | null>`(select c.class from outcome_corrections c where c.call_id = outcomes.call_id
          order by c.sequence desc limit 1)`.as('corrected'),
        'class',
        (kind === 'sqlite' ? sql<string>`record -> '$.sip'` : sql<string>`(record::json -> 'sip')::text`).as('sip'),
        (kind === 'sqlite' ? sql<number>`record ->> '$.waitMs'` : sql<number>`(record::json ->> 'waitMs')::float8`).as(
          'wait_ms',
        ),
      ])
      .where('call_id', '>', after)
      .where('call_id', '<', before)
      .where('invited_at_ms', '>=', from)
      .where('invited_at_ms', '<', to)
      .where('kind', '<>', 'inbound')
      .orderBy('call_id')
      .limit(PAGE_CALLS),
);

const selectNumbers = query({ callIds: text }, (db, { callIds }, kind) =>
  db
    .selectFrom('call_numbers')
    .select(['call_id', 'number'])
    .where(isInList(kind, 'call_id', callIds)),
);

const selectCounts = query({ campaigns: text, from: text, to: text }, (db, { campaigns, from, to }, kind) =>
  db
    .selectFrom('campaign_days')
    .select(['campaign', 'day', 'silent', 'handled', 'machines', 'machines_heard as machinesHeard'])
    .where(isInList(kind, 'campaign', campaigns))
    .where('day', '>=', from)
    .where('day', '<=', to),
);

const selectFirstDays = query({ campaigns: text }, (db, { campaigns }, kind) =>
  db
    .selectFrom('campaigns')
    .select(['campaign', 'first_day'])
    .where(isInList(kind, 'campaign', campaigns)),
);

/** A call as it is read, its number not yet found in the file. */
export type CarriedCall = Omit<BrusioCall, 'number'> & { readonly digest: string | null };

/** How many were read. */
export type CarriedCount = {
  readonly calls: number;
  /** Refused, or given up, before any carrier had them. */
  readonly notSent: number;
  /** Went to other carriers alone. */
  readonly elsewhere: number;
};

type Sip = {
  readonly carrier: string | null;
  readonly attempts?: readonly { readonly carrier: string; readonly status: number | null }[];
};

/**
 * Each call that was invited from `from` on and before `to`; of one that was tried at a carrier several times each attempt.
 *
 * @param carrier of the settings: calls that went to it; null: to any
 */
export async function readCarriedCalls(
  connection: Connection,
  { from, to, carrier }: { readonly from: number; readonly to: number; readonly carrier: string | null },
  take: (call: CarriedCall) => void,
): Promise<CarriedCount> {
  const before = idAt(to + ID_MARGIN_MS);
  let after = idAt(from - ID_MARGIN_MS);
  const count = { calls: 0, notSent: 0, elsewhere: 0 };
  for (;;) {
    const rows = await connection.all(selectCarried, { after, before, from, to });
    for (const row of rows) {
      const sip = JSON.parse(row.sip) as Sip;
      const call: CarriedCall = {
        ...{ callId: row.call_id, digest: row.digest, campaign: row.campaign, day: row.day },
        ...{ invitedAt: row.invited_at_ms, answeredAt: row.answered_at_ms, endedAt: row.ended_at_ms },
        network: row.network as NetworkAxis,
        guarded: row.kind === 'guarded',
        class: (row.corrected ?? row.class) as BrusioClass,
        agentAfterMs: row.counted_as === 'agent' ? row.wait_ms : null,
        carrierCallId: row.carrier_call_id,
      };
      const attempts = row.network === 'blocked' ? [] : attemptsAt(call, sip, carrier);
      for (const attempt of attempts) take(attempt);
      if (row.network === 'blocked' || sip.carrier === null) count.notSent += 1;
      else if (attempts.length === 0) count.elsewhere += 1;
      count.calls += 1;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_CALLS) return count;
    after = last.call_id;
  }
}

/** The carrying attempt is the call itself; the others ended with their status. Null: of any carrier, the call itself alone. */
function attemptsAt(call: CarriedCall, sip: Sip, carrier: string | null): readonly CarriedCall[] {
  if (sip.carrier === null) return [];
  const { attempts = [] } = sip;
  const own = attempts.findLastIndex((attempt) => attempt.carrier === sip.carrier);
  // Outcomes of version 0.1 name no attempts.
  if (carrier === null || attempts.length === 0) return carrier === null || sip.carrier === carrier ? [call] : [];
  return attempts.flatMap(({ carrier: tried, status }, at) => {
    if (tried !== carrier) return [];
    if (at === own) return [call];
    const network = status === null || status < 300 ? 'unknown' : networkAxisOf({ status, phrase: '', reason: null });
    return [{ ...call, ...UNCOUNTED, network }];
  });
}

/** Of an attempt that another one came after. */
const UNCOUNTED = {
  ...{ class: null, guarded: false, day: null, answeredAt: null, agentAfterMs: null, carrierCallId: null },
} as const;

/** The numbers of these calls that are still kept, E.164 with their plus. */
export async function readCallNumbers(
  connection: Connection,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await connection.all(selectNumbers, { callIds: JSON.stringify(callIds) });
  return new Map(rows.map(({ call_id, number }) => [call_id, number]));
}

/** What is counted of these campaigns on these days, and their first days. */
export async function readCounts(
  connection: Connection,
  campaigns: readonly string[],
  { from, to }: { readonly from: string; readonly to: string },
): Promise<{ readonly counts: readonly DayCount[]; readonly firstDays: ReadonlyMap<string, string> }> {
  const names = JSON.stringify(campaigns);
  const firstDays = await connection.all(selectFirstDays, { campaigns: names });
  return {
    counts: await connection.all(selectCounts, { campaigns: names, from, to }),
    firstDays: new Map(firstDays.map(({ campaign, first_day }) => [campaign, first_day])),
  };
}

/** Before every id that was made then or later (RFC 9562 §5.7: 48 bits of milliseconds come first). */
function idAt(wallMs: number): string {
  const hex = Math.max(0, Math.floor(wallMs as WallMs))
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
