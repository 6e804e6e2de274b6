/** How one campaign stands after so many entries: its days' counts, and every call that may yet become a silent one. */

import type { Figures, LimitedPeriod } from './ruling.ts';
import { type CallSeen, type Share, shareOf } from './share.ts';

/** A change of one call, by its place among all changes of its campaign. */
export type CallChange = {
  readonly callId: string;
  readonly chain: string;
  readonly at: number;
  readonly before: CallSeen | null;
  readonly after: CallSeen;
};

/** For so long before a ruling an entry may have been on its way to the disk, or to the thread that rules, ms. */
export const ON_ITS_WAY_MS = 30_000;

/** One campaign. */
export type Standing = {
  /** First local day on which a call was let through; null: none yet. */
  firstDay(): string | null;
  begin(day: string): void;
  change(callId: string, chain: string, at: number, after: CallSeen): void;
  of(callId: string): CallSeen | null;
  figuresIn(period: Pick<LimitedPeriod, 'from' | 'to'>, now: number): Figures;
  /** Everything that ever changed, in order. */
  readonly changes: readonly CallChange[];
  /** Calls of which the entries cannot tell how they stood in the last moments before. */
  doubtfulAt(now: number): readonly (readonly [string, CallSeen])[];
};

/**
 * Nothing yet.
 *
 * @param ringingAs what a call is that rings: PostgreSQL's readers may hear of its answer later than of its class
 */
export function createStanding(ringingAs: 'unknown' | 'handled'): Standing {
  const days = new Map<string, { silent: number; handled: number; found: number; heard: number }>();
  const all = new Map<string, CallSeen>();
  /** Those of `all` that may have a risk. */
  const alive = new Map<string, CallSeen>();
  const changes: CallChange[] = [];
  let firstDay: string | null = null;

  function count({ day, counted }: Pick<Share, 'day' | 'counted'>, by: number): void {
    if (day === null || counted === null) return;
    const tally = days.get(day) ?? { silent: 0, handled: 0, found: 0, heard: 0 };
    if (counted.class === 'A') tally.silent += by;
    if (counted.class === 'B') tally.handled += by;
    if (counted.why === 'machine') tally.found += by;
    if (counted.why === 'machine-heard') tally.heard += by;
    days.set(day, tally);
  }

  return {
    firstDay: () => firstDay,
    begin(day) {
      if (firstDay === null || day < firstDay) firstDay = day;
    },
    change(callId, chain, at, after) {
      const before = all.get(callId) ?? null;
      if (before !== null) count({ day: before.answeredDay, counted: before.counted }, -1);
      count({ day: after.answeredDay, counted: after.counted }, 1);
      all.set(callId, after);
      alive.set(callId, after);
      changes.push({ callId, chain, at, before, after });
    },
    of: (callId) => all.get(callId) ?? null,
    figuresIn(period, now) {
      const figures = { silent: 0, handled: 0, unknown: 0, open: 0, found: 0, heard: 0 };
      for (const [day, { silent, handled, found, heard }] of days) {
        if (day < period.from || day > period.to) continue;
        figures.silent += silent;
        figures.handled += handled;
        figures.found += found;
        figures.heard += heard;
      }
      for (const [callId, call] of alive) {
        if (call.over !== null && now > call.over.openUntil + ON_ITS_WAY_MS) alive.delete(callId);
        add(figures, riskIn(shareOf(call, now), period, ringingAs));
      }
      return figures;
    },
    changes,
    doubtfulAt: (now) =>
      [...alive].filter(([, { agent, over }]) =>
        over === null ? agent === 'connected' : over.openUntil <= now && over.openUntil > now - ON_ITS_WAY_MS,
      ),
  };
}

/** What one call adds to a period's figures. */
export function figuresOfShare(
  share: Share,
  period: Pick<LimitedPeriod, 'from' | 'to'>,
  ringingAs: 'unknown' | 'handled',
): Figures {
  const figures = { silent: 0, handled: 0, unknown: 0, open: 0, found: 0, heard: 0 };
  const { day, counted } = share;
  if (day !== null && day >= period.from && day <= period.to) {
    if (counted?.class === 'A') figures.silent++;
    if (counted?.class === 'B') figures.handled++;
    if (counted?.why === 'machine') figures.found++;
    if (counted?.why === 'machine-heard') figures.heard++;
  }
  add(figures, riskIn(share, period, ringingAs));
  return figures;
}

function riskIn(
  { risk }: Share,
  period: Pick<LimitedPeriod, 'from' | 'to'>,
  ringingAs: 'unknown' | 'handled',
): Pick<Figures, 'unknown' | 'open'> {
  if (risk === null || risk.to < period.from || risk.from > period.to) return { unknown: 0, open: 0 };
  return risk.as === 'handled' || ringingAs === 'handled' ? { unknown: 0, open: 1 } : { unknown: 1, open: 0 };
}

function add(into: { unknown: number; open: number }, { unknown, open }: Pick<Figures, 'unknown' | 'open'>): void {
  into.unknown += unknown;
  into.open += open;
}
