import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BudgetTerms, createBudgetModel, type Happening, TO_A_CALL } from '../../testing/budget-model.ts';

const DAY_MS = 86_400_000;
const MIDNIGHT = Date.parse('2026-11-20T00:00:00Z');

/** Mostly little: a campaign lives in minutes; now and then over a midnight, a day, a window. */
const time = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 4_000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 130_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2 * DAY_MS }) },
);
const pick = fc.nat({ max: 500 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 2, arbitrary: time.map((ms) => ({ what: 'time', ms }) as const) },
  {
    weight: 4,
    arbitrary: fc.constantFrom('none', 'none', 'reserved', 'connected').map((agent) => ({ what: 'invite', agent })),
  },
  { weight: 14, arbitrary: fc.tuple(fc.constantFrom(...TO_A_CALL), pick).map(([what, call]) => ({ what, call })) },
) as fc.Arbitrary<Happening>;

/** Calls that agents took, so that there is room to play with: some that are enough for a few, some that are not. */
const taken = fc.oneof(fc.constant(0), fc.integer({ min: 20, max: 400 }));
const fromMidnightMs = fc.oneof(fc.integer({ min: -200_000, max: 200_000 }), fc.integer({ min: 0, max: DAY_MS }));

const terms = fc.record({
  machineAnswered: fc.constantFrom('A', 'B'),
  calleeHangUp: fc.constantFrom('A', 'B'),
  answersHeardFirst: fc.boolean(),
}) as fc.Arbitrary<Pick<BudgetTerms, 'machineAnswered' | 'calleeHangUp' | 'answersHeardFirst'>>;

const seen = { placed: 0, withoutAgent: 0, silent: 0 };

/** Plays it, and returns the first limit that is passed at any moment. */
function play(
  startAt: number,
  takenCalls: number,
  happenings: readonly Happening[],
  budget: BudgetTerms,
  which: 'all' | 'judged',
): string | null {
  const model = createBudgetModel(startAt, takenCalls, budget);
  for (const next of happenings) {
    model.happen(next);
    const passed = model.passedLimit(which);
    if (passed !== null) return passed;
  }
  const { placed, withoutAgent, silent } = model.seen();
  seen.placed += placed;
  seen.withoutAgent += withoutAgent;
  seen.silent += silent;
  return null;
}

const world = [
  fromMidnightMs,
  taken,
  fc.array(happening, { minLength: 40, maxLength: 160, size: 'max' }),
  terms,
] as const;
const RUNS = { numRuns: 300 };

describe('the abandonment budget, enforced, in whatever order things happen and become known', () => {
  it('passes no limit of a day or window while promised agents count for nothing and those on the line stay', () => {
    fc.assert(
      fc.property(...world, (from, calls, happenings, chosen) => {
        const budget = { ...chosen, promisedAgents: 'count', linesKept: true } as const;
        expect(play(MIDNIGHT + from, calls, happenings, budget, 'all')).toBeNull();
      }),
      RUNS,
    );
    // No empty world: calls without an agent were let through, and some turned out silent.
    expect(seen.withoutAgent).toBeGreaterThan(50);
    expect(seen.silent).toBeGreaterThan(20);
  });

  it('is passed by nothing but calls whose agent was lost, or did not come where promises are trusted', () => {
    fc.assert(
      fc.property(...world, fc.constantFrom('trust', 'count'), (from, calls, happenings, chosen, promisedAgents) => {
        const budget = { ...chosen, promisedAgents, linesKept: false } as const;
        expect(play(MIDNIGHT + from, calls, happenings, budget, 'judged')).toBeNull();
      }),
      RUNS,
    );
  });

  /** Two calls without an agent, the first a machine's that turns out a person's: where both had room, both are silent. */
  const takenBack = (...between: Happening[]): Happening[] => [
    { what: 'invite', agent: 'none' },
    { what: 'answered', call: 0 },
    { what: 'machine', call: 0 },
    ...between,
    { what: 'invite', agent: 'none' },
    { what: 'answered', call: 1 },
    { what: 'time', ms: 3_001 },
    { what: 'person', call: 0 },
  ];
  const noon = MIDNIGHT + DAY_MS / 2;

  it.each([64, 65, 66])(
    'counts a machine that may still be taken back as a silent call, at %i handled ones',
    (handled) => {
      const over: Happening[] = [
        { what: 'callee-hangs-up', call: 0 },
        { what: 'committed', call: 0 },
        { what: 'heard', call: 0 },
        { what: 'heard', call: 0 },
        { what: 'time', ms: 599_000 - 3_001 },
      ];
      const budget = { machineAnswered: 'B', calleeHangUp: 'A', promisedAgents: 'count', linesKept: true } as const;
      const whileItLasts = takenBack({ what: 'committed', call: 0 });
      expect(play(noon, handled, takenBack(...over), { ...budget, answersHeardFirst: true }, 'all')).toBeNull();
      expect(play(noon, handled, whileItLasts, { ...budget, answersHeardFirst: true }, 'all')).toBeNull();
      expect(play(noon, handled, whileItLasts, { ...budget, answersHeardFirst: false }, 'all')).toBeNull();
    },
  );

  /** Its wait is over and its room given back, then it is a machine's, and in the end a person's: as one happening after the other. */
  const overdue: Happening[] = [
    { what: 'invite', agent: 'none' },
    { what: 'answered', call: 0 },
    { what: 'time', ms: 3_001 },
    { what: 'committed', call: 0 },
    { what: 'heard', call: 0 },
    { what: 'heard', call: 0 },
  ];

  it.each([33, 34, 64, 65, 66])(
    'gives nobody the place that a silent call leaves as a machine that may be taken back, at %i handled ones',
    (handled) => {
      const budget = { machineAnswered: 'B', calleeHangUp: 'A', promisedAgents: 'count', linesKept: true } as const;
      const backAndForth: Happening[] = [
        ...overdue,
        { what: 'machine', call: 0 },
        { what: 'committed', call: 0 },
        { what: 'invite', agent: 'none' },
        { what: 'answered', call: 1 },
        { what: 'time', ms: 3_001 },
        { what: 'person', call: 0 },
      ];
      const withAgent = backAndForth.toSpliced(overdue.length, 0, { what: 'agent-comes', call: 0 });
      for (const answersHeardFirst of [true, false]) {
        expect(play(noon, handled, backAndForth, { ...budget, answersHeardFirst }, 'all')).toBeNull();
        expect(play(noon, handled, withAgent, { ...budget, answersHeardFirst }, 'all')).toBeNull();
      }
    },
  );

  it('is passed where a promised agent who was trusted does not come', () => {
    const budget = { machineAnswered: 'B', calleeHangUp: 'A', answersHeardFirst: true, linesKept: true } as const;
    const unkept: Happening[] = [
      { what: 'invite', agent: 'reserved' },
      { what: 'answered', call: 0 },
      { what: 'time', ms: 3_001 },
    ];
    expect(play(noon, 0, unkept, { ...budget, promisedAgents: 'trust' }, 'all')).toMatch('1 silent');
    expect(play(noon, 0, unkept, { ...budget, promisedAgents: 'count' }, 'all')).toBeNull();
  });

  it('is passed where an agent leaves the line and the callee answers before the CANCEL is there', () => {
    const budget = { machineAnswered: 'B', calleeHangUp: 'A', answersHeardFirst: true, linesKept: false } as const;
    const crossing: Happening[] = [
      { what: 'invite', agent: 'connected' },
      { what: 'agent-leaves', call: 0 },
      { what: 'answered', call: 0 },
    ];
    expect(play(noon, 0, crossing, { ...budget, promisedAgents: 'count' }, 'all')).toMatch('1 silent');
    expect(
      play(noon, 33, [crossing[0], crossing[1]] as Happening[], { ...budget, promisedAgents: 'count' }, 'all'),
    ).toBeNull();
  });
});
