/** What is counted of a campaign besides its classes: calls, refusals, locks, agents' time, waits. Pure. */
import { LEGAL_RULES, type LegalRule, type Ruling } from '../policy/rules/ruling.ts';

/** Calls by rule. */
export type RuleCounts = Record<LegalRule, number>;

/** Of one campaign's day, or the sum of several. */
export type DayFigures = {
  placed: number;
  answered: number;
  /** Answered by a machine, whatever the dialer took it for. */
  machines: number;
  /** Greetings that were heard, under a law whose wait counts from them. */
  greetings: number;
  bridged: number;
  /** INVITEs that were refused, by the rule that the dialer was told. */
  readonly refused: RuleCounts;
  /** INVITEs that a rule would have refused which is only observed. */
  readonly observed: RuleCounts;
  locksSet: number;
  locksLifted: number;
  locksWithdrawn: number;
  /** Milliseconds of agents: on duty, with a call or after one, held for a call that rings. */
  dutyMs: number;
  busyMs: number;
  heldMs: number;
};

function noRules(): RuleCounts {
  return Object.fromEntries(LEGAL_RULES.map((rule) => [rule, 0])) as RuleCounts;
}

/** Nothing yet. */
export function noFigures(): DayFigures {
  return {
    ...{ placed: 0, answered: 0, machines: 0, greetings: 0, bridged: 0, refused: noRules(), observed: noRules() },
    ...{ locksSet: 0, locksLifted: 0, locksWithdrawn: 0, dutyMs: 0, busyMs: 0, heldMs: 0 },
  };
}

/** Counts a ruling's breaches: the first enforced one refuses. */
export function countRuling({ refused, observed }: DayFigures, { breaches }: Ruling): void {
  let isRefused = false;
  for (const { rule, mode } of breaches) {
    if (mode === 'observe') observed[rule]++;
    else if (!isRefused) {
      refused[rule]++;
      isRefused = true;
    }
  }
}

/** Adds a day's to a sum. */
export function addFigures(sum: DayFigures, { refused, observed, ...numbers }: DayFigures): void {
  for (const key of Object.keys(numbers) as (keyof typeof numbers)[]) sum[key] += numbers[key];
  for (const rule of LEGAL_RULES) {
    sum.refused[rule] += refused[rule];
    sum.observed[rule] += observed[rule];
  }
}

/** Width of a class of waits, and how many there are: beyond them is the last, ms. */
const WAIT_STEP_MS = 10;
const WAIT_STEPS = 1_200;

/** How long people waited from their answer to an agent, or to the end of the call. */
export type Waits = {
  record(ms: number): void;
  count(): number;
  meanMs(): number;
  /** That so large a share of them did not exceed, to 10 ms; null: there are none. */
  quantileMs(share: number): number | null;
};

/** None yet. */
export function createWaits(): Waits {
  const steps = new Float64Array(WAIT_STEPS + 1);
  let count = 0;
  let sumMs = 0;
  return {
    record(ms) {
      const step = Math.min(Math.floor(ms / WAIT_STEP_MS), WAIT_STEPS);
      steps[step] = (steps[step] as number) + 1;
      count++;
      sumMs += ms;
    },
    count: () => count,
    meanMs: () => (count === 0 ? 0 : sumMs / count),
    quantileMs(share) {
      if (count === 0) return null;
      let below = 0;
      for (let step = 0; step <= WAIT_STEPS; step++) {
        below += steps[step] as number;
        if (below >= share * count) return step * WAIT_STEP_MS;
      }
      return WAIT_STEPS * WAIT_STEP_MS;
    },
  };
}
