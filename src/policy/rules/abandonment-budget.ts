/**
 * Rule: a call without an agent is placed only while its window and its day could take one more silent call on top of all
 * that are possible already (decision 83/2014 point 2): then no order of events can pass the limits.
 *
 * The worst case is that every call at risk turns out silent. What happens to a call afterwards never makes it worse: one
 * that becomes silent moves from "at risk" to "silent", one that is handled or not answered leaves, one that is a machine's
 * stays at risk as long as its report may be taken back. Only a new call adds to it, and that is judged here. Where machines are
 * in the ratio by an estimate, one more of them adds no more than a silent call would: the worst case is the same.
 */
import type { Jurisdiction } from '../jurisdictions/jurisdiction.ts';
import { type MachineFalsePositive, type MachineTally, measuredTally } from '../machine-estimate.ts';
import type { RatioLimit, Tally } from '../tally.ts';
import { isWithin } from '../tally.ts';
import type { Breach, Rule } from './ruling.ts';
import type { AtRisk, DayStanding } from './standing.ts';

/** See the top of the file. A call whose agent is on the line, or promised where promises are trusted, is not judged. */
export const abandonmentBudget: Rule = ({ agent, terms, standing }, law) => {
  if (agent === 'connected' || (agent === 'reserved' && terms.promisedAgents === 'trust')) return null;
  const { ratio } = law;
  const { machineFalsePositive } = terms;
  for (const day of standing.days) {
    const window = measuredTally(day.windowTally, law, machineFalsePositive);
    const ofDay = measuredTally(day.dayTally, law, machineFalsePositive);
    if (hasRoom(window, day.windowAtRisk, ratio.window) && hasRoom(ofDay, day.dayAtRisk, ratio.day)) continue;
    for (const period of periodsOf(day, law, machineFalsePositive)) {
      const limit = ratio[period.name];
      if (limit !== null && !hasRoom(period.measured, period.atRisk, limit)) {
        return breach(period, withOneMoreSilent(period.measured, period.atRisk), limit);
      }
    }
  }
  return null;
};

function hasRoom(tally: Tally, atRisk: AtRisk, limit: { readonly value: RatioLimit } | null): boolean {
  return limit === null || isWithin(withOneMoreSilent(tally, atRisk), limit.value);
}

/** NA and NB if this call and all that are at risk turn out silent. NB is below 0 when what it is to lose is not in it yet. */
function withOneMoreSilent({ silent, handled }: Tally, atRisk: AtRisk): Tally {
  return { silent: silent + atRisk.uncounted + atRisk.handled + 1, handled: handled - atRisk.handled };
}

type Period = {
  readonly name: 'window' | 'day';
  readonly from: string;
  readonly to: string;
  /** As counted. */
  readonly tally: Tally;
  /** The two sides of the ratio: with estimates, where the law has them in it. */
  readonly measured: Tally;
  readonly atRisk: AtRisk;
};

function periodsOf(
  { day, window, dayTally, windowTally, dayAtRisk, windowAtRisk }: DayStanding,
  law: Jurisdiction,
  falsePositive: MachineFalsePositive | null,
): readonly Period[] {
  const counted = (tally: MachineTally) => ({ tally, measured: measuredTally(tally, law, falsePositive) });
  return [
    { name: 'window', ...window, ...counted(windowTally), atRisk: windowAtRisk },
    { name: 'day', from: day, to: day, ...counted(dayTally), atRisk: dayAtRisk },
  ];
}

function breach(
  { name, from, to, tally, measured, atRisk }: Period,
  worst: Tally,
  { value, citation }: { readonly value: RatioLimit; readonly citation: string },
): Breach {
  const missing = handledMissing(worst, value);
  const estimated = measured.silent - tally.silent;
  return {
    rule: 'abandonment-budget',
    citation,
    facts: {
      period: name,
      from,
      to,
      limitPercent: (value.silent * 100) / value.of,
      silentCalls: tally.silent,
      ...(estimated === 0 ? {} : { estimatedSilentCalls: estimated }),
      handledCalls: tally.handled,
      callsAtRisk: atRisk.uncounted + atRisk.handled,
      handledCallsMissing: missing,
    },
    remedy:
      tally.silent + tally.handled === 0
        ? `the ${name} has no answered call yet, so that one silent call would be all of it: begin with calls whose agent is on the line (state=connected)`
        : `place it with an agent on the line (state=connected); ${missing} more handled call${missing === 1 ? '' : 's'} in the ${name} make room for it`,
    retryAfterS: null,
  };
}

/** How many more class B calls would keep the ratio: the least n with silent / (silent + handled + n) at the limit. */
function handledMissing({ silent, handled }: Tally, limit: RatioLimit): number {
  return Math.ceil((silent * limit.of) / limit.silent) - silent - handled;
}
