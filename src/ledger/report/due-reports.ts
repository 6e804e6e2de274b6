/**
 * Which reports are to be made and kept: of each day and each window of a campaign with calls, once it is over and corrections can come
 * no more; and another one of a period whose counts have moved since. Pure.
 */
import type { WallMs } from '../../base/clock.ts';
import { addDays, wallOf } from '../../base/local-time.ts';
import { CORRECTION_PERIOD_MS } from '../../policy/correction-period.ts';
import type { Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import type { CampaignDay, CampaignStart } from '../projection.ts';
import type { SumOfDays } from './report-evidence.ts';
import { campaignWindows, cutAt, type ReportPeriod } from './report-period.ts';

/** After the end of the correction period, ms: what was reported in its last moment is in the database by then. */
const SETTLE_MS = 60_000;
/** A call that goes on keeps the reports of its day back for so long, ms; then they are made with what is known. */
export const LIVE_CALLS_WAIT_MS = 86_400_000;
/** Reports of one period: one that moves more often is told by its latest. */
export const REVISIONS_MAX = 50;

/** A report that is kept, as far as it matters here. */
export type KeptPeriod = {
  readonly kind: 'window' | 'day' | 'range';
  readonly from: string;
  readonly revision: number;
  /** The kept counts of its days when it was made. */
  readonly counts: SumOfDays;
};

/** What is known of a campaign. */
export type DueFacts = {
  readonly start: CampaignStart;
  readonly endsOn: string | null;
  readonly law: Jurisdiction;
  /** The local days on which it had calls, answered or not, in their order. */
  readonly days: readonly string[];
  /** Kept counts of its days. */
  readonly counts: readonly CampaignDay[];
  /** The latest revision of each period. */
  readonly kept: readonly KeptPeriod[];
  /** When the oldest of its calls that go on was invited; null: none does. */
  readonly liveSince: WallMs | null;
};

/** A report to make. */
export type DueReport = { readonly period: ReportPeriod; readonly revision: number };

/** Those that are due, oldest first. */
export function dueReports(facts: DueFacts, now: WallMs): readonly DueReport[] {
  const { start, endsOn, law, days, kept } = facts;
  const last = days.at(-1);
  if (last === undefined) return [];
  const first = days[0] ?? last;
  const windows = campaignWindows(start, last, law)
    .map((window) => cutAt(window, endsOn))
    .filter(({ from, to }) => to >= first && days.some((day) => from <= day && day <= to));
  const ofDays = days.map((day): ReportPeriod => ({ kind: 'day', number: null, from: day, to: day }));
  const latest = new Map(kept.map((one) => [`${one.kind} ${one.from}`, one]));
  return [...ofDays, ...windows].flatMap((period): readonly DueReport[] => {
    if (!isSettled(period, facts, now)) return [];
    const known = latest.get(`${period.kind} ${period.from}`);
    if (known === undefined) return [{ period, revision: 1 }];
    if (known.revision >= REVISIONS_MAX || isSame(known.counts, countsIn(facts.counts, period))) return [];
    return [{ period, revision: known.revision + 1 }];
  });
}

/** The kept counts of a period. */
export function countsIn(days: readonly CampaignDay[], { from, to }: Pick<ReportPeriod, 'from' | 'to'>): SumOfDays {
  const sum = { silent: 0, handled: 0, machines: 0, hungUp: 0 };
  for (const { day, silent, handled, machines, hungUp } of days) {
    if (day < from || day > to) continue;
    sum.silent += silent;
    sum.handled += handled;
    sum.machines += machines;
    sum.hungUp += hungUp;
  }
  return sum;
}

function isSettled({ to }: ReportPeriod, { law, liveSince }: DueFacts, now: WallMs): boolean {
  const endsAt = wallOf(law.timeZone, addDays(to, 1), 0);
  if (now < endsAt + CORRECTION_PERIOD_MS + SETTLE_MS) return false;
  return liveSince === null || liveSince >= endsAt || now >= endsAt + LIVE_CALLS_WAIT_MS;
}

function isSame(one: SumOfDays, other: SumOfDays): boolean {
  return (
    one.silent === other.silent &&
    one.handled === other.handled &&
    one.machines === other.machines &&
    one.hungUp === other.hungUp
  );
}
