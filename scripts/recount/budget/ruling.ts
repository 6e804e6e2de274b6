/** What the abandonment budget had to say of one call, from how its campaign stood: decision 83/2014 point 2 and its kin. */
import { dayAt, windowFrom, windowTo } from '../days.ts';
import { dayNumber } from '../law.ts';
import { type Limit, textOf } from '../texts.ts';

/** Of one period: what is counted in it, and what may yet become silent. */
export type Figures = {
  readonly silent: number;
  readonly handled: number;
  /** Calls that may become silent ones: not counted, and counted as handled. */
  readonly unknown: number;
  readonly open: number;
  /** Machines that no agent heard, and that one did. */
  readonly found: number;
  readonly heard: number;
};

/** Against what a period is measured: its limit, and how machines enter the share by its law and the settings. */
export type Measure = {
  readonly limit: Limit;
  readonly machines: 'found' | 'heard' | null;
  /** How many of the machines that were found are taken for people, in parts of ten thousand. */
  readonly machinesArePeople: number;
};

/** A period that a limit holds for. */
export type LimitedPeriod = {
  readonly name: 'window' | 'day';
  readonly from: string;
  readonly to: string;
} & Measure;

/** Facts of a breach, as a decision tells them. */
export type BudgetFacts = Readonly<Record<string, string | number>>;

/** The periods that a call may fall in, in the order in which they are looked at: of each day its window, and itself. */
export function limitedPeriods(
  policy: string,
  [from, to]: readonly [string, string],
  firstDay: string | null,
  machinesArePeople: number,
): readonly LimitedPeriod[] {
  const { window, limits, machines } = textOf(policy);
  const begins = firstDay !== null && firstDay < from ? firstDay : from;
  const machinesIn = { machines, machinesArePeople };
  const periods: LimitedPeriod[] = [];
  for (let number = dayNumber(from); number <= dayNumber(to); number++) {
    const day = dayAt(number);
    const first = windowFrom(day, begins, window);
    if (limits.window !== null && window !== null && first !== null)
      periods.push({ name: 'window', from: first, to: windowTo(first, window), limit: limits.window, ...machinesIn });
    if (limits.day !== null) periods.push({ name: 'day', from: day, to: day, limit: limits.day, ...machinesIn });
  }
  return periods;
}

/** By how much one more silent call would keep the limit, should all that may become silent do so; below 0: it would not. */
export function roomIn(figures: Figures, measure: Measure): number {
  const { silent, handled, unknown, open, heard } = figures;
  const { silent: part, of } = measure.limit;
  const worst = silent + estimatedIn(figures, measure) + unknown + open + 1;
  return part * (worst + handled + (measure.machines === 'heard' ? heard : 0) - open) - of * worst;
}

/** Silent calls that are not counted but estimated. */
function estimatedIn({ found }: Figures, { machines, machinesArePeople }: Measure): number {
  if (machines === 'heard') return found;
  return machines === 'found' ? Math.floor((found * machinesArePeople + 9_999) / 10_000) : 0;
}

/** What is told of a period that has no room. */
export function factsOf(period: LimitedPeriod, figures: Figures): BudgetFacts {
  const { name, from, to, limit } = period;
  const estimated = estimatedIn(figures, period);
  const { silent, handled, unknown, open } = figures;
  return {
    ...{ period: name, from, to, limitPercent: (100 * limit.silent) / limit.of },
    ...{ silentCalls: silent, handledCalls: handled, callsAtRisk: unknown + open },
    ...(estimated === 0 ? {} : { estimatedSilentCalls: estimated }),
    handledCallsMissing: Math.ceil(-roomIn(figures, period) / limit.silent),
  };
}
