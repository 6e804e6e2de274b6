/** Runs scenarios in threads, as many at once as there are processors. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { threadUrl } from '../../base/thread-url.ts';
import type { CampaignResult } from '../../simulation/campaign-record.ts';
import type { GroupPlan } from '../../simulation/plan.ts';
import { planOf } from '../../simulation/plan.ts';
import { type SimulatedCampaign, simulatedCampaign } from '../../simulation/report.ts';
import type { Scenario } from '../../simulation/scenario.ts';
import type { SimulateReply, SimulateTask } from './simulate-message.ts';

/** What became of one scenario. */
export type SimulatedScenario = {
  readonly scenario: Scenario;
  readonly campaigns: readonly SimulatedCampaign[];
  /** INVITEs, and CPU time of the threads. */
  readonly invites: number;
  readonly cpuMs: number;
  /** Local days that were run: fewer than the scenario's where it was stopped. */
  readonly days: number;
};

/** How far all of it is. */
export type SimulationProgress = { readonly days: number; readonly ofDays: number; readonly invites: number };

/**
 * Runs them, and tells of each day that is done.
 *
 * @param stop its first 32 bits turn from 0 when no further day is to be begun
 */
export async function runScenarios(
  scenarios: readonly Scenario[],
  stop: SharedArrayBuffer,
  onProgress: (progress: SimulationProgress) => void,
): Promise<readonly SimulatedScenario[]> {
  const jobs = scenarios.flatMap((scenario, index) => planOf(scenario).map((plan) => ({ index, plan })));
  const progress = jobs.map(() => ({ days: 0, invites: 0 }));
  const done: { readonly index: number; readonly plan: GroupPlan; readonly reply: Done }[] = [];
  const ofDays = jobs.reduce((sum, { plan }) => sum + plan.days, 0);
  let next = 0;

  async function work(): Promise<void> {
    for (let job = next++; job < jobs.length; job = next++) {
      const { index, plan } = jobs[job] as (typeof jobs)[number];
      const reply = await runGroup({ plan, stop }, ({ days, invites }) => {
        progress[job] = { days, invites };
        const sum = (key: 'days' | 'invites') => progress.reduce((all, one) => all + one[key], 0);
        onProgress({ days: sum('days'), ofDays, invites: sum('invites') });
      });
      done.push({ index, plan, reply });
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, work));
  return scenarios.map((scenario, index) => {
    const own = done.filter((one) => one.index === index);
    const results = new Map(own.flatMap(({ plan, reply }) => resultsOf(plan, reply)));
    return {
      scenario,
      campaigns: scenario.campaigns.flatMap(({ name }) => results.get(name) ?? []),
      invites: own.reduce((sum, { reply }) => sum + reply.invites, 0),
      cpuMs: own.reduce((sum, { reply }) => sum + reply.cpuMs, 0),
      days: own.reduce((least, { reply }) => Math.min(least, reply.days), scenario.days),
    };
  });
}

type Done = Extract<SimulateReply, { type: 'done' }>;

function resultsOf(plan: GroupPlan, { results }: Done): (readonly [string, SimulatedCampaign])[] {
  return plan.campaigns.flatMap(({ law }, index) => {
    const result: CampaignResult | undefined = results[index];
    return result === undefined ? [] : [[result.campaign, simulatedCampaign(result, law)] as const];
  });
}

function runGroup(task: SimulateTask, onDay: (day: Extract<SimulateReply, { type: 'day' }>) => void): Promise<Done> {
  const { promise, resolve, reject } = Promise.withResolvers<Done>();
  const worker = new Worker(threadUrl('simulate-worker', import.meta.url), {
    workerData: task,
    name: 'brusio-simulate',
  });
  worker.on('message', (message: SimulateReply) => {
    if (message.type === 'day') onDay(message);
    else resolve(message);
  });
  worker.on('error', reject);
  // After its answer this changes nothing.
  worker.on('exit', (code) => reject(new Error(`the simulation's thread ended with ${code}`)));
  return promise;
}
