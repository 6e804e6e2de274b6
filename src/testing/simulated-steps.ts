/** Everything that a simulation did, one step after the other, for tests that put it before the program itself. */
import type { WallMs } from '../base/clock.ts';
import type { Ruling } from '../policy/rules/ruling.ts';
import type { Happening, SimulatedInvite } from '../simulation/call-observer.ts';
import { createGroupRun } from '../simulation/group.ts';
import type { GroupPlan } from '../simulation/plan.ts';

/** An INVITE with how it was ruled on, or what happened to a call. */
export type SimulatedStep =
  | { readonly invite: SimulatedInvite; readonly ruling: Ruling }
  | { readonly call: number; readonly at: WallMs; readonly what: Happening };

/** All steps of the plan, in the order of time. */
export function simulatedSteps(plan: GroupPlan): readonly SimulatedStep[] {
  const steps: SimulatedStep[] = [];
  const run = createGroupRun(plan, {
    ruled: (invite, ruling) => void steps.push({ invite, ruling }),
    happened: (call, at, what) => void steps.push({ call, at, what }),
  });
  while (run.day());
  run.finish();
  return steps;
}
