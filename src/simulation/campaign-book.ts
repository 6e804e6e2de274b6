/**
 * How a campaign stands, kept in memory and moved with every call: the same {@link CampaignCounts} as the ruling thread reads
 * from the database.
 */
import { addDays } from '../base/local-time.ts';
import type { CountMove } from '../ledger/ledger-entry.ts';
import { dayDelta } from '../ledger/projection.ts';
import type { PeriodCounts } from '../policy/campaign-figures.ts';
import { type CallInFlight, openRiskOf } from '../policy/rules/open-risk.ts';
import { type CampaignCounts, OPEN_CORRECTION_MS, type OpenRisk } from '../policy/rules/standing-on.ts';
import { createDueNumbers } from './due-numbers.ts';

/** A day's counts as they grow. */
type MutableCounts = { -readonly [K in keyof PeriodCounts]: PeriodCounts[K] };
type MutableRisk = { readonly as: OpenRisk['as']; readonly days: OpenRisk['days']; calls: number };

/** No risk. */
export const NO_RISK = -1;

/** One campaign's. Risks are told by their number, {@link NO_RISK} among them. */
export type CampaignBook = {
  /** As it stands; the same object throughout. */
  readonly counts: CampaignCounts;
  /** All days on which something was counted. */
  readonly allDays: ReadonlyMap<string, PeriodCounts>;
  firstDay(): string | null;
  /** The first call was placed. */
  begin(day: string): void;
  /** The kind of risk that a call is; it is added to it. */
  take(call: CallInFlight): number;
  /** A call leaves it. */
  leave(risk: number): void;
  move(move: CountMove): void;
  /** A call that is over, in class B without an agent, may be corrected until {@link OPEN_CORRECTION_MS} after its end. */
  leftOpen(day: string, endedAt: number): void;
  /** Forgets what may be corrected no more. */
  passTo(now: number): void;
  /** A new day begins: forgets the days before its longest window. */
  dayBegins(day: string, windowDays: number): void;
};

/** Nothing was placed yet. */
export function createCampaignBook(): CampaignBook {
  const days = new Map<string, MutableCounts>();
  const allDays = new Map<string, MutableCounts>();
  const risks: MutableRisk[] = [];
  const open = createDueNumbers();
  const counts = { firstDay: null as string | null, days, risks };

  function riskNumber(as: OpenRisk['as'], from: string, to: string): number {
    for (let number = 0; number < risks.length; number++) {
      const risk = risks[number] as MutableRisk;
      if (risk.as === as && risk.days.from === from && risk.days.to === to) return number;
    }
    // One that nobody is in any more is taken anew, so that there are never more than a few.
    const unused = risks.findIndex(({ calls }) => calls === 0);
    const place = unused === -1 ? risks.length : unused;
    risks[place] = { as, days: { from, to }, calls: 0 };
    return place;
  }

  function takeRisk(as: OpenRisk['as'], from: string, to: string): number {
    const number = riskNumber(as, from, to);
    (risks[number] as MutableRisk).calls++;
    return number;
  }

  const book: CampaignBook = {
    counts,
    allDays,
    firstDay: () => counts.firstDay,
    begin(day) {
      if (counts.firstDay === null || day < counts.firstDay) counts.firstDay = day;
    },
    take(call) {
      const risk = openRiskOf(call, 'uncounted');
      return risk === null ? NO_RISK : takeRisk(risk.as, risk.days.from, risk.days.to);
    },
    leave(risk) {
      if (risk !== NO_RISK) (risks[risk] as MutableRisk).calls--;
    },
    move(move) {
      const delta = dayDelta(move);
      let tally = allDays.get(delta.day);
      if (tally === undefined) {
        tally = { silent: 0, handled: 0, machines: 0, machinesHeard: 0, hungUp: 0 };
        allDays.set(delta.day, tally);
        days.set(delta.day, tally);
      }
      tally.silent += delta.silent;
      tally.handled += delta.handled;
      tally.machines += delta.machines;
      tally.machinesHeard += delta.machinesHeard;
      tally.hungUp += delta.hungUp;
    },
    leftOpen(day, endedAt) {
      open.add(takeRisk('handled', day, day), endedAt + OPEN_CORRECTION_MS);
    },
    passTo(now) {
      while (open.firstAt() <= now) book.leave(open.take());
    },
    dayBegins(day, windowDays) {
      const oldest = addDays(day, 1 - windowDays);
      for (const known of days.keys()) if (known < oldest) days.delete(known);
    },
  };
  return book;
}
