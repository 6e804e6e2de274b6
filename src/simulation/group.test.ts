import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lockedUntil } from '../policy/recall-lock.ts';
import { LEGAL_RULES } from '../policy/rules/ruling.ts';
import type { CallObserver } from './call-observer.ts';
import type { CampaignResult } from './campaign-record.ts';
import { createGroupRun, type GroupRun } from './group.ts';
import { planOf } from './plan.ts';
import { simulatedCampaign } from './report.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';

function ran(scenario: Scenario, observer: CallObserver | null = null): GroupRun[] {
  return planOf(scenario).map((plan) => {
    const run = createGroupRun(plan, observer);
    while (run.day());
    run.finish();
    return run;
  });
}

function resultsOf(scenario: Scenario): readonly CampaignResult[] {
  return ran(scenario).flatMap((run) => run.results());
}

/** Campaigns of a few agents that differ in what matters to the limits. */
const anyScenario = fc
  .record({
    seed: fc.nat({ max: 1_000_000 }),
    pacing: fc.constantFrom('lines-per-agent', 'predictive', 'arrivals'),
    overdial: fc.constantFrom(0.8, 1.5, 4),
    agents: fc.constantFrom(1, 6, 15),
    agentFirst: fc.constantFrom('connected', 'never'),
    silent: fc.constantFrom('after-the-lock', 0),
    takes: fc.constantFrom(0, 1, { uniform: { from: 0.3, to: 3.5 } }),
    machineAnswered: fc.constantFrom(null, 'A'),
    calleeHangUp: fc.constantFrom(null, 'B'),
    foundAfterwards: fc.constantFrom(0, 0.5),
    size: fc.constantFrom(300, 5_000),
    shared: fc.boolean(),
  })
  .map(({ seed, pacing, overdial, agents, agentFirst, silent, takes, foundAfterwards, size, shared, ...policy }) => {
    const campaign = (name: string, controller: string) => ({
      ...{ name, controller, list: { size, first: name === 'second' ? 100 : 0 }, shifts: [{ agents }] },
      ...{ arrival: { callsPerDay: 900 }, dialer: { pacing, overdial, agentFirst } },
      ...{ redial: { silent, noAnswerMin: 30 }, detection: { takes, foundAfterwards } },
    });
    const campaigns = [campaign('first', 'one'), campaign('second', shared ? 'one' : 'two')];
    return scenarioSchema.parse({ days: 8, from: '2027-03-24', seed, policy, campaigns });
  });

describe('a simulation', () => {
  it('is the same for the same seed, and another for another', () => {
    const scenario = scenarioSchema.parse({ days: 2 });
    expect(resultsOf(scenario)).toEqual(resultsOf(scenario));
    expect(resultsOf({ ...scenario, seed: 2 })).not.toEqual(resultsOf(scenario));
  });

  it('gives a campaign the same calls, whatever others run beside it', () => {
    const alone = scenarioSchema.parse({ days: 3 });
    const [first] = alone.campaigns;
    const beside = scenarioSchema.parse({ days: 3, campaigns: [first, { name: 'other', controller: 'other' }] });
    expect(resultsOf(beside)[0]).toEqual(resultsOf(alone)[0]);
  });

  it('decision 83/2014 points 2 and 4: enforced rules let no limit be passed, and no locked number be called', () => {
    let silentCalls = 0;
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const seen = watch(scenario);
        for (const run of ran(scenario, seen.observer)) expect(run.invites()).toBeGreaterThan(0);
        expect(seen.problems).toEqual([]);
        silentCalls += seen.silent();
      }),
      { numRuns: 8 },
    );
    expect(silentCalls).toBeGreaterThan(0);
  });

  it('counts every answered call once: days add up to windows, classes to answers', () => {
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const plans = planOf(scenario).flatMap(({ campaigns }) => campaigns);
        let locksLeft = 0;
        for (const [index, result] of resultsOf(scenario).entries()) {
          const { law } = plans[index] as (typeof plans)[number];
          const { windows, days, totals } = simulatedCampaign(result, law);
          expect(totals.silent + totals.handled).toBe(totals.answered);
          for (const key of ['silent', 'handled', 'machines', 'calleeHangUps'] as const) {
            const sum = (periods: readonly Record<typeof key, number>[]) =>
              periods.reduce((all, one) => all + one[key], 0);
            expect(sum(windows)).toBe(sum(days));
          }
          expect(totals.busyMs + totals.heldMs).toBeLessThanOrEqual(totals.dutyMs);
          // One campaign may lift what another of its controller's has set.
          locksLeft += totals.locksSet - totals.locksLifted - totals.locksWithdrawn;
        }
        expect(locksLeft).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 4 },
    );
  });

  it('tells what observed rules would have refused, and passes the limits by it', () => {
    const rules = Object.fromEntries(LEGAL_RULES.map((rule) => [rule, 'observe']));
    const campaigns = [{ arrival: { callsPerDay: 8_000 }, dialer: { pacing: 'arrivals' }, redial: { silent: 5 } }];
    const observed = scenarioSchema.parse({ days: 2, policy: { rules }, campaigns });
    const [result] = resultsOf(observed);
    const figures = result?.days[0]?.figures;
    expect(Object.values(figures?.refused ?? {}).every((calls) => calls === 0)).toBe(true);
    expect(figures?.observed['abandonment-budget']).toBeGreaterThan(100);
    expect(figures?.observed['recall-lock']).toBeGreaterThan(5);
    expect(result?.alerts.some(({ alert }) => alert === 'breached')).toBe(true);
  });

  it('gb, us: the wait counts from the greeting as far as it is heard, and from the answer without one', () => {
    const waits = (jurisdiction: 'gb' | 'us', answering: object) => {
      const campaigns = [
        {
          ...{
            answering: { patience: 60, personGreetsAfter: 1, ...answering },
            shifts: [{ agents: 1 }],
            list: { size: 2_000 },
          },
          ...{
            detection: { machinesFound: 0, peopleMistaken: 0, takes: 0 },
            dialer: { pacing: 'arrivals', agentFirst: 'never' },
          },
          ...{ rules: { 'abandonment-budget': 'observe' }, arrival: { callsPerDay: 300 } },
        },
      ];
      const scenario = scenarioSchema.parse({ days: 1, policy: { jurisdiction }, campaigns });
      const answeredAt = new Map<number, number>();
      const ended = new Set<number>();
      const [run] = ran(scenario, {
        ruled: () => {},
        happened(call, at, what) {
          if (what === 'answered') answeredAt.set(call, at);
          if (what === 'wait-over') ended.add(at - (answeredAt.get(call) ?? 0));
        },
      });
      const [result] = run?.results() ?? [];
      // The law is asked with the greeting: whoever waited to its end without an agent was abandoned.
      const [{ counts: counted, figures } = { counts: null, figures: null }] = result?.days ?? [];
      expect(counted?.silent).toBeGreaterThan(0);
      expect((counted?.silent ?? 0) + (counted?.handled ?? 0)).toBe(figures?.answered);
      return [...ended].sort((one, other) => one - other);
    };
    const people = { machine: 0, personGreeting: 0.8 };
    expect(waits('gb', { ...people, heard: 0 })).toEqual([2_000]);
    expect(waits('gb', { ...people, heard: 1 })).toEqual([3_000]);
    expect(waits('us', { ...people, heard: 1 })).toEqual([3_800]);
    // Beyond its limit of 6 s a greeting counts as over; one that begins after the wait is none.
    expect(waits('us', { ...people, heard: 1, personGreeting: 9 })).toEqual([9_000]);
    expect(waits('us', { ...people, heard: 1, personGreetsAfter: 2.5 })).toEqual([2_000]);
    expect(waits('us', { ...people, heard: 0.5 })).toEqual([2_000, 3_800]);
  });

  it('goes on over both changes of the clock, and closes on Sundays and holidays', () => {
    const scenario = scenarioSchema.parse({ from: '2027-03-25', days: 8 });
    const days = resultsOf(scenario)[0]?.days ?? [];
    // Easter is on the 28th, on which summer time begins; its Monday is a holiday.
    expect(days.filter(({ figures }) => figures.placed > 0).map(({ day }) => day)).toEqual([
      ...['2027-03-25', '2027-03-26', '2027-03-27', '2027-03-30', '2027-03-31', '2027-04-01'],
    ]);
  });

  it('is stopped between days with what was done, and every call of them at its end', () => {
    const [plan] = planOf(scenarioSchema.parse({ days: 30 }));
    if (plan === undefined) throw new Error('a plan');
    const run = createGroupRun(plan);
    run.day();
    run.finish();
    const [result] = run.results();
    expect(result?.days).toHaveLength(1);
    const { counts, figures } = result?.days[0] ?? {};
    expect((counts?.silent ?? 0) + (counts?.handled ?? 0)).toBe(figures?.answered);
  });
});

const ROMAN_DAY = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Rome', dateStyle: 'short' });

/** Counts a run's calls by a law of its own, from what happens alone, and says what is not as it must be. */
function watch(scenario: Scenario) {
  const isA = { hungUp: scenario.policy.calleeHangUp !== 'B', machine: scenario.policy.machineAnswered === 'A' };
  const laws = new Map(
    planOf(scenario).flatMap(({ campaigns }) => campaigns.map((one) => [one.terms.campaign, one.law])),
  );
  const calls = new Map<number, { campaign: string; lock: string; day: string; inWait: boolean; silent: boolean }>();
  const tallies = new Map<string, { silent: number; all: number }>();
  const locks = new Map<string, number>();
  const firstDays = new Map<string, number>();
  const problems: string[] = [];
  let silent = 0;
  const DAY_MS = 86_400_000;
  const days = new Map<number, string>();
  const dayOf = (at: number): string => {
    const quarter = Math.floor(at / 900_000);
    const day = days.get(quarter) ?? ROMAN_DAY.format(at);
    days.set(quarter, day);
    return day;
  };
  const count = (campaign: string, day: string, add: { silent: number; all: number }) => {
    const first = firstDays.get(campaign) ?? 0;
    const window = Math.floor((Date.parse(day) - first) / DAY_MS / 10);
    for (const [key, limit] of [
      [`${campaign} ${day}`, 4],
      [`${campaign} window ${window}`, 3],
    ] as const) {
      const tally = tallies.get(key) ?? { silent: 0, all: 0 };
      tallies.set(key, tally);
      tally.silent += add.silent;
      tally.all += add.all;
      if (tally.silent * 100 > limit * tally.all) problems.push(`${key}: ${tally.silent} of ${tally.all}`);
    }
  };
  const observer: CallObserver = {
    ruled({ call, at, campaign, number, agent }, { allowed }) {
      if (!allowed) return;
      const { controller } = scenario.campaigns.find(({ name }) => name === campaign) ?? {};
      const lock = `${controller} ${number}`;
      if ((locks.get(lock) ?? 0) > at) problems.push(`${lock} was called while it was locked`);
      if (locks.has(lock) && agent === 'none') problems.push(`${lock} was called without its agent`);
      firstDays.set(campaign, Math.min(firstDays.get(campaign) ?? Number.POSITIVE_INFINITY, Date.parse(dayOf(at))));
      calls.set(call, { campaign, lock, day: '', inWait: false, silent: false });
    },
    happened(id, at, what) {
      const call = calls.get(id);
      if (call === undefined) throw new Error('a call happens after its ruling');
      const law = laws.get(call.campaign);
      if (what === 'answered') {
        call.day = dayOf(at);
        call.inWait = true;
      } else if (what === 'machine-found') {
        if (!isA.machine) {
          count(call.campaign, call.day, { silent: -1, all: 0 });
          locks.delete(call.lock);
        }
      } else if (call.inWait) {
        call.inWait = false;
        call.silent =
          what === 'wait-over' ||
          (what === 'callee-hung-up' && isA.hungUp) ||
          (what === 'machine-dropped' && isA.machine);
        if (call.silent) silent++;
        count(call.campaign, call.day, { silent: call.silent ? 1 : 0, all: 1 });
        if (call.silent && law?.recallLock) locks.set(call.lock, lockedUntil(at, law.recallLock, 'Europe/Rome'));
        else if (what === 'agent-bridged') locks.delete(call.lock);
      }
    },
  };
  return { observer, problems, silent: () => silent };
}
