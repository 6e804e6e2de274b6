/**
 * Simulated calls put before the thread of rulings itself, over a database, and some of their outcomes told late: for the recount's
 * tests. Where its rulings are others than the simulation's, since an outcome is missing yet, the call goes its own way.
 */
import { type Clock, systemClock, type WallMs } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { callIdOf, createCallRows, type RowJob } from '../../src/cli/simulate/rows/call-rows.ts';
import type { Json } from '../../src/ledger/ledger-entry.ts';
import { settingsDraft } from '../../src/ledger/system-drafts.ts';
import { endsCall, type Happening, type SimulatedInvite } from '../../src/simulation/call-observer.ts';
import { numberAt, planOf } from '../../src/simulation/plan.ts';
import { type Scenario, scenarioSchema } from '../../src/simulation/scenario.ts';
import { databasePlace } from '../../src/store/database-place.ts';
import { createRulings } from '../../src/store/rulings/rulings.ts';
import { createDatabaseStore } from '../../src/store/store.ts';
import { SILENT_LOG } from '../../src/testing/fake-ports.ts';
import { type SimulatedStep, simulatedSteps } from '../../src/testing/simulated-steps.ts';
import { startWithoutThread } from '../../src/testing/store-without-thread.ts';

/** Told late: what is to be written of a call, from its outcome on. */
type Late = { readonly due: WallMs; readonly jobs: RowJob[] };

const HOUR_MS = 3_600_000;

/** Sundays, on which clocks are changed, and Thursdays. */
const TWO_DAYS = [0, 0, 0, 1, 0, 0, 1];

/** Few agents, an over-eager dialer, and machines that are found too late: so that the budget has something to say. */
export function scenarioOf(
  from: string,
  days: number,
  callsPerDay: number,
  modes: readonly ('enforce' | 'observe')[],
  jurisdiction = 'it',
) {
  return scenarioSchema.parse({
    ...{ from, days, seed: 83, policy: { jurisdiction, rules: { screening: 'off', 'calling-hours': 'off' } } },
    campaigns: modes.map((mode, index) => ({
      machineFalsePositive: jurisdiction === 'gb' ? { percent: 7.5, evidence: '40 recordings' } : null,
      name: `${mode}-${index}`,
      ...{ list: { size: 4_000, first: index * 2_000 }, rules: { 'abandonment-budget': mode } },
      ...{
        shifts: [{ agents: 2, from: '00:00', to: '24:00', weekdays: [1, 2, 3, 4, 5, 6, 7] }],
        handling: { talk: mode === 'enforce' ? 240 : 120 },
      },
      // Around midnights, so that many are in flight together.
      arrival: {
        callsPerDay,
        ...{ weekdays: days > 30 ? TWO_DAYS : [1, 1, 1, 1, 1, 1, 1], holidays: 1 },
        hourly: Array.from({ length: 24 }, (_, hour) => (hour === 0 || hour === 12 || hour === 23 ? 1 : 0)),
      },
      answering: {
        person: 0.6,
        machine: 0.3,
        busy: 0,
        failed: 0,
        personAfter: { uniform: { from: 4, to: 90 } },
        patience: { uniform: { from: 1.2, to: 30 } },
      },
      ...{ detection: { machinesFound: 0.6, foundAfterwards: 0.8, foundAfter: { uniform: { from: 5, to: 500 } } } },
      dialer: {
        pacing: 'arrivals',
        overdial: 6,
        budgetPauseS: 1,
        givesUpAfter: 100,
      },
    })),
  });
}

/** Lives through it; how many outcomes were told late, and how many rulings were others than the simulation's. */
export async function liveUnderRulings(
  scenario: Scenario,
  database: { readonly url: string | null; readonly dataDir: string },
): Promise<{ readonly late: number; readonly otherwise: number }> {
  const [plan] = planOf(scenario);
  if (plan === undefined) throw new Error('a plan');
  let now = 0 as WallMs;
  const clock: Clock = { ...systemClock, now: () => ({ ...systemClock.now(), wallMs: now }) };
  const place = databasePlace({ ...database, process: 'guard-1' });
  const limits = { groupIntervalMs: 0 };
  const store = createDatabaseStore({ place, log: SILENT_LOG, clock, limits, startThread: startWithoutThread });
  await store.start();
  const policies = [...new Set(plan.campaigns.map(({ law }) => law.policy))];
  const rulings = createRulings({ place, policies, log: SILENT_LOG, clock, timeoutMs: 60_000 });
  await rulings.start([]);
  const steps = simulatedSteps(plan);
  now = steps.find((step) => 'invite' in step)?.invite.at ?? now;
  await store.ledger(settingsOf(scenario));

  const rows = createCallRows(plan, 0, (number) => [number]);
  const random = seededRandom(scenario.seed);
  const invited = new Map<number, SimulatedInvite>();
  const over = new Set<number>();
  const late = new Map<number, Late>();
  let writing: Promise<unknown>[] = [];
  let notices: (() => void)[] = [];
  const told = { late: 0, otherwise: 0 };
  const idOf = (call: number) => callIdOf(invited.get(call)?.at ?? now, 0, call);

  function write(jobs: readonly RowJob[]): void {
    for (const { at, write: start } of jobs) {
      now = at > now ? at : now;
      writing.push(start(store));
    }
  }
  /** Everything is committed, and the thread of rulings hears of it after that. */
  async function settled(): Promise<void> {
    await Promise.all(writing);
    for (const notice of notices) notice();
    [writing, notices] = [[], []];
  }
  function tellLate(until: number): void {
    for (const [call, { due, jobs }] of [...late].sort(([, one], [, other]) => one.due - other.due)) {
      if (due > until) continue;
      late.delete(call);
      now = due > now ? due : now;
      write(jobs);
      notices.push(() => rulings.released(idOf(call)));
    }
  }

  async function ruled({ invite, ruling: simulated }: Extract<SimulatedStep, { invite: unknown }>): Promise<void> {
    const { call, at, agent, campaign } = invite;
    invited.set(call, invite);
    const planned = plan?.campaigns.find(({ terms }) => terms.campaign === campaign);
    if (planned === undefined || plan === undefined) throw new Error('terms');
    await settled();
    now = at;
    const number = numberAt(plan.country, invite.number);
    const ruling = await rulings.rule({
      ...{ callId: idOf(call), at, number, callerId: planned.callerId, digests: [number], agent, exception: null },
      ...{ terms: planned.terms, policy: planned.law.policy },
    });
    if (ruling.allowed !== simulated.allowed) told.otherwise++;
    rows.ruled(invite, ruling);
    write(rows.take());
    if (!ruling.allowed || !simulated.allowed) over.add(call);
    // One that only the simulation refused rings in vain.
    if (ruling.allowed && !simulated.allowed) ended(call, (at + 1_000) as WallMs, 'given-up');
  }

  function ended(call: number, at: WallMs, what: Happening): void {
    rows.happened(call, at, what);
    const jobs = rows.take();
    const isLate = random() < 0.05;
    if (!isLate) {
      write(jobs);
      notices.push(() => rulings.released(idOf(call)));
      return;
    }
    // The disk was full, or the database away, for up to three days.
    told.late++;
    late.set(call, { due: (at + Math.floor(random() * 72 * HOUR_MS)) as WallMs, jobs: [...jobs] });
  }

  for (const step of steps) {
    if ('invite' in step) {
      tellLate(step.invite.at);
      await ruled(step);
      continue;
    }
    const { call, at, what } = step;
    if (over.has(call)) continue;
    tellLate(at);
    if (endsCall(what)) {
      ended(call, at, what);
      continue;
    }
    rows.happened(call, at, what);
    const waiting = late.get(call);
    if (waiting === undefined) write(rows.take());
    else waiting.jobs.push(...rows.take());
    if (what === 'answered') notices.push(() => rulings.answered(idOf(call), at));
    else if (what === 'agent-bridged') notices.push(() => rulings.counted(idOf(call)));
  }
  tellLate(Number.POSITIVE_INFINITY);
  await settled();
  await rulings.stop();
  await store.stop();
  return told;
}

function settingsOf({ policy, campaigns }: Scenario) {
  const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;
  const named = campaigns.map(({ name, rules, machineFalsePositive }) => ({ name, rules, machineFalsePositive }));
  return [settingsDraft('policy', plain(policy)), settingsDraft('campaigns', plain({ named }))].map(
    ({ sha256: _, ...draft }) => draft,
  );
}
