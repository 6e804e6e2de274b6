/** Whether a limit was passed at any entry in a period all of whose calls the budget was enforced on: it never may be. */
import { windowFrom } from '../days.ts';
import type { Difference } from '../table.ts';
import { type Limit, textOf } from '../texts.ts';
import type { CallSeen } from './share.ts';

/** Told of every count that moves. */
export type LimitWatch = {
  /** @param judged it was let through by the enforced rule, or with an agent on the line */
  allowed(callId: string, judged: boolean): void;
  moved(callId: string, before: CallSeen | null, after: CallSeen, firstDay: string | null, place: string): void;
  /** At the end: periods that were held to a limit, and what passed it. */
  findings(): { readonly periods: number; readonly differences: readonly Difference[] };
};

type Period = { limit: Limit; silent: number; handled: number; unjudged: number; calls: number; passed: string | null };

/** Nothing yet. */
export function createLimitWatch(): LimitWatch {
  const judged = new Set<string>();
  const periods = new Map<string, Period>();

  function periodsOf({ campaign, policy, answeredDay }: CallSeen, firstDay: string | null): readonly Period[] {
    if (answeredDay === null) return [];
    const { limits, window } = textOf(policy);
    const from = windowFrom(answeredDay, firstDay ?? undefined, window);
    return [
      ...(limits.window === null ? [] : [periodAt(`${campaign} window from ${from}`, limits.window)]),
      ...(limits.day === null ? [] : [periodAt(`${campaign} day ${answeredDay}`, limits.day)]),
    ];
  }

  function periodAt(key: string, limit: Limit): Period {
    const known = periods.get(key) ?? { limit, silent: 0, handled: 0, unjudged: 0, calls: 0, passed: null };
    periods.set(key, known);
    return known;
  }

  function count(callId: string, call: CallSeen, firstDay: string | null, by: number): readonly Period[] {
    const { counted } = call;
    if (counted === null) return [];
    const own = periodsOf(call, firstDay);
    for (const period of own) {
      period.calls += by;
      if (counted.class === 'B') period.handled += by;
      if (counted.class !== 'A') continue;
      period.silent += by;
      if (!judged.has(callId)) period.unjudged += by;
    }
    return own;
  }

  return {
    allowed(callId, isJudged) {
      if (isJudged) judged.add(callId);
    },
    moved(callId, before, after, firstDay, place) {
      if (before?.counted === after.counted && before?.answeredDay === after.answeredDay) return;
      if (before !== null) count(callId, before, firstDay, -1);
      for (const period of count(callId, after, firstDay, 1)) {
        const { silent, handled, unjudged, limit } = period;
        if (unjudged === 0 && silent * limit.of > limit.silent * (silent + handled))
          period.passed ??= `${silent}/${handled} after ${place}`;
      }
    },
    findings() {
      const held = [...periods].filter(([, { unjudged, calls }]) => unjudged === 0 && calls > 0);
      return {
        periods: held.length,
        differences: held.flatMap(([key, { passed, limit }]) =>
          passed === null
            ? []
            : [{ what: `limit of ${key}`, kept: `at most ${limit.silent} of ${limit.of}`, counted: passed }],
        ),
      };
    },
  };
}
