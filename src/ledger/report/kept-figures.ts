/** What is known of a period whose calls a report does not count: the counts that were kept day by day. Pure. */
import { sumOf } from '../../policy/campaign-figures.ts';
import type { CountedClass, Jurisdiction } from '../../policy/jurisdictions/jurisdiction.ts';
import type { CampaignDay } from '../projection.ts';
import type { SplitCounts } from './readings.ts';

/** Machines and hang-ups are not kept by class, and are taken as the options have them now. */
export function keptFigures(days: readonly CampaignDay[], { options }: Jurisdiction): SplitCounts {
  const sum = sumOf(days);
  const split = (calls: number, by: CountedClass) => {
    if (by === 'none') return { A: 0, B: 0, uncounted: calls };
    const B = by === 'B' ? Math.min(calls, sum.handled) : Math.max(0, calls - sum.silent);
    return { A: calls - B, B, uncounted: 0 };
  };
  return {
    ...{ silent: sum.silent, handled: sum.handled, machinesHeard: sum.machinesHeard },
    machines: split(sum.machines, options.machineAnswered.value),
    calleeHangUps: split(sum.hungUp, options.calleeHangUp.value),
  };
}
