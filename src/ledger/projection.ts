/**
 * What the entries add up to: counts of each campaign's days, its first day, and the locks of numbers. The database keeps
 * the same in tables that move in the transaction of each entry; this fold is what they must be equal to.
 *
 * Counts are sums and first days are minima: the order of entries does not matter to them, nor which process wrote them.
 * Of locks it matters only between a silent call and a bridge to the same number.
 */
import type { WallMs } from '../base/clock.ts';
import type { LedgerBody } from './ledger-body.ts';
import type { CountedAs, CountMove, LedgerKind, LockMove } from './ledger-entry.ts';

/** Answered calls of one campaign on one local day. */
export type CampaignDay = {
  readonly campaign: string;
  readonly day: string;
  /** Class A. */
  readonly silent: number;
  /** Class B. */
  readonly handled: number;
  /** Of both: those that the dialer reported as machine or fax. */
  readonly machines: number;
  /** Of these, those in no class that an agent was connected to. */
  readonly machinesHeard: number;
  /** Of both: those that the callee ended before the end of the wait. */
  readonly hungUp: number;
};

/** One campaign, from its first allowed INVITE on. */
export type CampaignStart = {
  readonly campaign: string;
  readonly controller: string;
  readonly firstDay: string;
  readonly firstAt: WallMs;
};

/** One silent call's lock on its number. */
export type RecallLockRow = {
  readonly scope: string;
  readonly digest: string;
  readonly callId: string;
  readonly until: WallMs;
  readonly silentAt: WallMs;
  /** `free`: its number is called with a guaranteed agent until then, and as any other after it; null: not at all, and then with one. */
  readonly after: 'free' | null;
};

/** By {@link projectionKey}. */
export type Projection = {
  /** By campaign and day. */
  readonly days: Map<string, CampaignDay>;
  /** By campaign. */
  readonly campaigns: Map<string, CampaignStart>;
  /** By scope and digest; never an empty list. */
  readonly locks: Map<string, readonly RecallLockRow[]>;
};

/** The parts of an entry that the fold looks at; the body is parsed. */
export type ProjectedEntry = { readonly kind: LedgerKind; readonly callId: string | null; readonly body: unknown };

/** Nothing was written yet. */
export function emptyProjection(): Projection {
  return { days: new Map(), campaigns: new Map(), locks: new Map() };
}

/** Unambiguous, whatever its parts are. */
export function projectionKey(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}

/** Takes one more entry into the projection. Its body fits its schema. */
export function project(projection: Projection, { kind, callId, body }: ProjectedEntry): void {
  if (kind === 'decision') {
    const { allowed, campaign, controller, day, invitedAt } = body as LedgerBody<'decision'>;
    if (allowed) projectStart(projection, { campaign, controller, firstDay: day, firstAt: parseIso(invitedAt) });
  } else if (kind === 'class' || kind === 'outcome' || kind === 'correction') {
    const { count, lock } = body as LedgerBody<'class'>;
    if (count !== null) projectCount(projection, count);
    if (lock !== null) projectLock(projection.locks, lock, callId ?? '');
  }
}

/** How each column of a day moves: what is taken away from one and added to the other. */
export function dayDelta({ campaign, day, from, to }: CountMove): CampaignDay {
  const difference = (counts: (as: CountedAs) => boolean) =>
    (to !== null && counts(to) ? 1 : 0) - (from !== null && counts(from) ? 1 : 0);
  return {
    campaign,
    day,
    silent: difference((as) => as.class === 'A'),
    handled: difference((as) => as.class === 'B'),
    machines: difference((as) => as.as === 'machine' || as.as === 'machine-heard'),
    machinesHeard: difference((as) => as.as === 'machine-heard'),
    hungUp: difference((as) => as.as === 'callee-hung-up'),
  };
}

/** The two together, of one campaign and day. */
export function addDays(one: CampaignDay, other: CampaignDay): CampaignDay {
  return {
    ...one,
    silent: one.silent + other.silent,
    handled: one.handled + other.handled,
    machines: one.machines + other.machines,
    machinesHeard: one.machinesHeard + other.machinesHeard,
    hungUp: one.hungUp + other.hungUp,
  };
}

/**
 * The two together, of one campaign: the earlier first day with its controller, of two controllers on one day the first by
 * name, so that it does not matter which entry came first.
 */
export function earlierStart(one: CampaignStart, other: CampaignStart): CampaignStart {
  const isFirst =
    one.firstDay < other.firstDay || (one.firstDay === other.firstDay && one.controller <= other.controller);
  return { ...(isFirst ? one : other), firstAt: Math.min(one.firstAt, other.firstAt) as WallMs };
}

/** What a move of the call's entry does to the locks that are there. */
export function projectLock(
  locks: Projection['locks'],
  { scope, digests, move, at, until, after: then }: LockMove,
  callId: string,
): void {
  for (const digest of move === 'set' ? digests.slice(0, 1) : digests) {
    const key = projectionKey(scope, digest);
    const before = locks.get(key) ?? [];
    const after =
      move === 'lift'
        ? before.filter((lock) => lock.after === 'free' || lock.silentAt > Date.parse(at))
        : before.filter((lock) => lock.callId !== callId);
    if (move === 'set' && until !== null) {
      const lock = { scope, digest, callId, until: parseIso(until), silentAt: parseIso(at), after: then ?? null };
      after.push(lock);
    }
    if (after.length > 0) locks.set(key, after);
    else locks.delete(key);
  }
}

function projectStart(projection: Projection, start: CampaignStart): void {
  const known = projection.campaigns.get(projectionKey(start.campaign));
  projection.campaigns.set(projectionKey(start.campaign), known === undefined ? start : earlierStart(known, start));
}

function projectCount(projection: Projection, move: CountMove): void {
  const delta = dayDelta(move);
  const key = projectionKey(delta.campaign, delta.day);
  const known = projection.days.get(key);
  projection.days.set(key, known === undefined ? delta : addDays(known, delta));
}

function parseIso(iso: string): WallMs {
  return Date.parse(iso) as WallMs;
}
