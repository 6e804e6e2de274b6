import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock, type WallMs } from '../../../base/clock.ts';
import { LEGAL_RULES } from '../../../policy/rules/ruling.ts';
import { endsCall, type SimulatedInvite } from '../../../simulation/call-observer.ts';
import { type GroupPlan, numberAt, planOf } from '../../../simulation/plan.ts';
import { scenarioSchema } from '../../../simulation/scenario.ts';
import { databasePlace } from '../../../store/database-place.ts';
import { createRulings } from '../../../store/rulings/rulings.ts';
import { createDatabaseStore } from '../../../store/store.ts';
import { SILENT_LOG } from '../../../testing/fake-ports.ts';
import { type SimulatedStep, simulatedSteps } from '../../../testing/simulated-steps.ts';
import { startWithoutThread } from '../../../testing/store-without-thread.ts';
import { callIdOf, createCallRows } from './call-rows.ts';

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'brusio-standing-'));
});

afterEach(() => rm(dataDir, { recursive: true }));

const rules = Object.fromEntries(LEGAL_RULES.map((rule) => [rule, rule === 'screening' ? 'off' : 'observe']));
const campaign = {
  ...{ shifts: [{ agents: 1, from: '00:00', to: '24:00', weekdays: [1, 2, 3, 4, 5, 6, 7] }], handling: { talk: 400 } },
  arrival: {
    callsPerDay: 80,
    weekdays: [1, 1, 1, 1, 1, 1, 1],
    hourly: Array.from({ length: 24 }, (_, hour) => (hour % 23 === 0 ? 9 : 1)),
  },
  ...{ detection: { machinesFound: 0.5, foundAfterwards: 1, takes: 1 }, dialer: { pacing: 'arrivals' } },
  ...{
    redial: { silent: 1, noAnswerMin: 1, machineMin: 5, attemptsMax: 50 },
    frequency: { perDay: 1, perWeek: 1, perCampaign: 1 },
  },
};

/**
 * Everything that two campaigns on one list did over the end of summer time, and how each of their calls was ruled on: with
 * so many silent calls that the budget breaks with every one, and tells how it stands.
 */
function played(seed: number): { plan: GroupPlan; steps: readonly SimulatedStep[] } {
  const scenario = scenarioSchema.parse({
    ...{ from: '2025-10-25', days: 2, seed, policy: { rules } },
    campaigns: [
      { ...campaign, name: 'luce', list: { size: 80 } },
      { ...campaign, name: 'gas', list: { size: 80, first: 40 }, dialer: { pacing: 'lines-per-agent', overdial: 3 } },
    ],
  });
  const [plan] = planOf(scenario);
  if (plan === undefined) throw new Error('a plan');
  return { plan, steps: simulatedSteps(plan) };
}

describe('how numbers and campaigns stand in memory', () => {
  it.each([3, 14])(
    'is what the thread of rulings reads from the database, seed %i',
    async (seed) => {
      const { plan, steps } = played(seed);
      const policy = plan.campaigns[0]?.law.policy ?? '';
      let now = 0 as WallMs;
      const clock: Clock = { ...systemClock, now: () => ({ ...systemClock.now(), wallMs: now }) };
      const place = databasePlace({ url: null, dataDir, process: 'guard-1' });
      const limits = { groupIntervalMs: 0 };
      const store = createDatabaseStore({ place, log: SILENT_LOG, clock, limits, startThread: startWithoutThread });
      await store.start();
      const rulings = createRulings({ place, policies: [policy], log: SILENT_LOG, clock, timeoutMs: 60_000 });
      await rulings.start([]);
      const rows = createCallRows(plan, 0, (number) => [number]);
      const invited = new Map<number, SimulatedInvite>();
      const idOf = (call: number) => callIdOf(invited.get(call)?.at ?? now, 0, call);
      const written = async () => {
        for (const { at, write } of rows.take()) {
          now = at;
          await write(store);
        }
      };

      const breached = new Set<string>();
      let budgetTold = 0;
      for (const step of steps) {
        if ('invite' in step) {
          const { invite, ruling } = step;
          const { call, at, agent } = invite;
          now = at;
          invited.set(call, invite);
          const terms = plan.campaigns.find((one) => one.terms.campaign === invite.campaign)?.terms;
          if (terms === undefined) throw new Error('terms');
          const number = numberAt(plan.country, invite.number);
          const callerId = plan.campaigns[0]?.callerId ?? '';
          const request = {
            callId: idOf(call),
            at,
            number,
            callerId,
            digests: [number],
            agent,
            exception: null,
            terms,
            policy,
          };
          expect(await rulings.rule(request)).toEqual(ruling);
          for (const { rule, facts } of ruling.breaches)
            for (const fact of Object.keys(facts)) breached.add(`${rule} ${fact}`);
          if (ruling.breaches.some(({ rule }) => rule === 'abandonment-budget')) budgetTold++;
          rows.ruled(invite, ruling);
          await written();
        } else {
          const { call, at, what } = step;
          rows.happened(call, at, what);
          if (what === 'answered') rulings.answered(idOf(call), at);
          await written();
          if (what === 'agent-bridged') rulings.counted(idOf(call));
          else if (endsCall(what)) rulings.released(idOf(call));
        }
      }
      await rulings.stop();
      await store.stop();
      expect(budgetTold).toBeGreaterThan(invited.size * 0.9);
      // Not an empty world: everything that a standing has was asked for.
      for (const fact of [
        'abandonment-budget callsAtRisk',
        'recall-lock until',
        'guaranteed-agent silentAt',
        'frequency callsInWeek',
      ])
        expect(breached).toContain(fact);
      expect(steps.some((step) => 'what' in step && step.what === 'machine-found')).toBe(true);
      expect(invited.size).toBeGreaterThan(100);
    },
    120_000,
  );
});
