/** One value of a scenario in several sizes, to be compared. Pure. */
import { ok, type Result, refused } from '../../base/result.ts';
import type { CampaignScenario, Scenario } from '../../simulation/scenario.ts';

/** What may be swept: how a campaign is changed by it. */
const SWEPT: Readonly<Record<string, (campaign: CampaignScenario, value: number) => unknown>> = {
  overdial: (campaign, overdial) => ({ ...campaign, dialer: { ...campaign.dialer, overdial } }),
  agents: (campaign, agents) => ({
    ...campaign,
    shifts: campaign.shifts.map((shift) => ({ ...shift, agents })),
  }),
  callsPerDay: (campaign, callsPerDay) => ({ ...campaign, arrival: { ...campaign.arrival, callsPerDay } }),
  givesUpAfter: (campaign, givesUpAfter) => ({ ...campaign, dialer: { ...campaign.dialer, givesUpAfter } }),
  budgetPauseS: (campaign, budgetPauseS) => ({ ...campaign, dialer: { ...campaign.dialer, budgetPauseS } }),
  targetPercent: (campaign, targetPercent) => ({
    ...campaign,
    dialer: {
      ...campaign.dialer,
      adaptive: campaign.dialer.adaptive && { ...campaign.dialer.adaptive, targetPercent },
    },
  }),
};

/** Their names, for the help. */
export const SWEPT_NAMES = Object.keys(SWEPT);

/** Points of one sweep: each is a simulation. */
const POINTS_MAX = 100;

/** What a sweep is over. */
export type Sweep = { readonly name: string; readonly values: readonly number[] };

/** Reads `overdial=1.0..2.0/0.1`, or a list `overdial=1,1.5,3`. */
export function sweepOf(text: string): Result<Sweep, string> {
  const [name = '', range = ''] = text.split('=', 2);
  if (SWEPT[name] === undefined) return refused(`there is no sweep over "${name}": ${SWEPT_NAMES.join(', ')}`);
  const values = valuesOf(range);
  if (values === null) return refused(`"${range}" is no range, such as 1.0..2.0/0.1, and no list, such as 1,1.5,3`);
  if (values.length > POINTS_MAX) return refused(`a sweep has ${POINTS_MAX} points at most, this one ${values.length}`);
  return ok({ name, values });
}

function valuesOf(range: string): readonly number[] | null {
  const bounds = /^([\d.]+)\.\.([\d.]+)\/([\d.]+)$/.exec(range);
  const numbers = (bounds === null ? range.split(',') : bounds.slice(1)).map((part) =>
    part === '' ? Number.NaN : Number(part),
  );
  if (numbers.some((number) => !Number.isFinite(number))) return null;
  if (bounds === null) return numbers;
  const [from = 0, to = 0, step = 0] = numbers;
  if (step <= 0 || to < from) return null;
  // Counted in steps, so that 0.1 is added up without error.
  const steps = Math.floor((to - from) / step + 1e-9);
  if (steps >= 10 * POINTS_MAX) return Array.from({ length: 10 * POINTS_MAX }, () => from);
  return Array.from({ length: steps + 1 }, (_, index) => Number((from + index * step).toFixed(9)));
}

/** The scenario at one point of a sweep, not checked yet. */
export function sweptScenario(scenario: Scenario, { name }: Sweep, value: number): object {
  return { ...scenario, campaigns: scenario.campaigns.map((campaign) => SWEPT[name]?.(campaign, value)) };
}
