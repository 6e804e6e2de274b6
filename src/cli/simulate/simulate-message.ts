/** What a simulation's thread is told and tells: plain data. */
import type { CampaignResult } from '../../simulation/campaign-record.ts';
import type { GroupPlan } from '../../simulation/plan.ts';

/** What the thread is started with. */
export type SimulateTask = {
  readonly plan: GroupPlan;
  /** Its first 32 bits are 0 as long as it is to go on: it looks after each day. */
  readonly stop: SharedArrayBuffer;
};

/** From the thread. */
export type SimulateReply =
  | { readonly type: 'day'; readonly days: number; readonly invites: number }
  | {
      readonly type: 'done';
      readonly days: number;
      readonly invites: number;
      readonly cpuMs: number;
      readonly results: readonly CampaignResult[];
    };
