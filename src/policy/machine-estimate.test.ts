import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { italy } from './jurisdictions/italy.ts';
import { unitedKingdom } from './jurisdictions/united-kingdom.ts';
import { machineEstimate, measuredTally, unestimatedTally } from './machine-estimate.ts';
import { isWithin } from './tally.ts';

const LIMIT = unitedKingdom.ratio.day.value;
const WITHOUT_DETECTION = {
  machinesInRatio: { ...unitedKingdom.machinesInRatio, detection: 'none' },
} as const;
const ESTIMATE = { percent: 4.5, evidence: '200 recordings' };
/** The decimal of a text with three of them, in thousandths. */
const thousandths = (text: string | null) => BigInt((text ?? '').replace('.', ''));

const counts = fc.record({
  silent: fc.nat(2_000),
  handled: fc.nat(40_000),
  machines: fc.nat(20_000),
  machinesHeard: fc.nat(20_000),
});
const sensible = counts.map((one) => ({ ...one, machines: one.machines + one.machinesHeard }));

describe('where the law has machines in the ratio', () => {
  it('people among those that detection found are added to the silent calls, rounded up to a call', () => {
    const measured = (machines: number) =>
      measuredTally({ silent: 3, handled: 100, machines, machinesHeard: 10 }, unitedKingdom, ESTIMATE);
    expect(measured(10)).toEqual({ silent: 3, handled: 100 });
    expect(measured(11)).toEqual({ silent: 4, handled: 100 });
    // 4.5 % of 200 is 9, of 201 a little more.
    expect(measured(210)).toEqual({ silent: 12, handled: 100 });
    expect(measured(211)).toEqual({ silent: 13, handled: 100 });
  });

  it('an estimate of hundredths of a per cent is exact where a binary fraction is not', () => {
    const persons = (percent: number, machines: number) =>
      measuredTally({ silent: 0, handled: 0, machines }, unitedKingdom, { percent, evidence: 'e' }).silent;
    // 0.07 * 100 is 7.000000000000001: one more than 7 of 10,000 would be 8.
    expect(persons(0.07, 10_000)).toBe(7);
    expect(persons(0.29, 10_000)).toBe(29);
    expect(persons(100, 9_999)).toBe(9_999);
  });

  it('without an estimate nothing is added, and that is told', () => {
    const tally = { silent: 3, handled: 100, machines: 60, machinesHeard: 10 };
    expect(measuredTally(tally, unitedKingdom, null)).toEqual({ silent: 3, handled: 100 });
    expect(machineEstimate(tally, unitedKingdom, null)).toMatchObject({ missing: true, machinesFound: 50, added: 0 });
    expect(machineEstimate(tally, unitedKingdom, ESTIMATE)).toMatchObject({ missing: false, added: 3 });
    expect(machineEstimate({ ...tally, machines: 10 }, unitedKingdom, null)).toMatchObject({ missing: false });
  });

  it('nobody’s law but theirs is touched', () => {
    const tally = { silent: 3, handled: 100, machines: 60, machinesHeard: 0 };
    expect(measuredTally(tally, italy, ESTIMATE)).toMatchObject({ silent: 3, handled: 100 });
    expect(machineEstimate(tally, italy, ESTIMATE)).toBeNull();
  });
});

describe('where no detection is used', () => {
  it('D less D x Ag / (Ag + L) is held against itself and L, without any rounding', () => {
    fc.assert(
      fc.property(sensible, (tally) => {
        const { silent, handled, machines, machinesHeard } = tally;
        fc.pre(handled > 0);
        const measured = measuredTally(tally, WITHOUT_DETECTION, ESTIMATE);
        // In whole numbers: D' is D x L over Ag + L; D' / (D' + L) = (D x L) / (D x L + L x (Ag + L)).
        const dropped = BigInt(silent + machines - machinesHeard) * BigInt(handled);
        const all = dropped + BigInt(handled) * BigInt(machinesHeard + handled);
        expect(BigInt(measured.silent) * all).toBe(BigInt(measured.silent + measured.handled) * dropped);
      }),
    );
  });

  it('what is deducted is told, never more than it is', () => {
    const tally = { silent: 12, handled: 200, machines: 100, machinesHeard: 100 };
    expect(measuredTally(tally, WITHOUT_DETECTION, null)).toEqual({ silent: 12, handled: 300 });
    expect(machineEstimate(tally, WITHOUT_DETECTION, null)).toMatchObject({
      ...{ method: 'agents-machines', machinesHeard: 100, added: 0, deducted: '4.000', missing: false },
    });
    fc.assert(
      fc.property(sensible, (some) => {
        const { silent, handled, machines, machinesHeard } = some;
        const told = thousandths(machineEstimate(some, WITHOUT_DETECTION, null)?.deducted ?? null);
        const exact = BigInt(silent + machines - machinesHeard) * BigInt(machinesHeard) * 1000n;
        const parts = BigInt(machinesHeard + handled);
        expect(told * parts <= exact).toBe(true);
        if (parts > 0n) expect((told + 1n) * parts > exact).toBe(true);
      }),
    );
  });

  it('a machine that nobody heard is a silent call, whatever the estimate', () => {
    const tally = { silent: 2, handled: 100, machines: 7, machinesHeard: 4 };
    expect(measuredTally(tally, WITHOUT_DETECTION, ESTIMATE)).toEqual({ silent: 5, handled: 104 });
    expect(unestimatedTally(tally, WITHOUT_DETECTION)).toEqual({ silent: 5, handled: 100 });
  });

  it('before an agent took a call no machine makes the ratio jump', () => {
    expect(measuredTally({ silent: 1, handled: 0, machines: 40, machinesHeard: 40 }, WITHOUT_DETECTION, null)).toEqual({
      ...{ silent: 1, handled: 40 },
    });
  });
});

describe('one machine more', () => {
  it('never makes more of the ratio than one silent call more: what the budget rests on', () => {
    for (const law of [unitedKingdom, WITHOUT_DETECTION]) {
      fc.assert(
        fc.property(sensible, fc.nat(10_000), (tally, parts) => {
          const estimate = { percent: parts / 100, evidence: 'e' };
          const before = measuredTally(tally, law, estimate);
          const found = measuredTally({ ...tally, machines: tally.machines + 1 }, law, estimate);
          expect(found.silent - before.silent).toBeLessThanOrEqual(1);
          expect(found.handled).toBe(before.handled);
          if (isWithin({ silent: before.silent + 1, handled: before.handled }, LIMIT))
            expect(isWithin(found, LIMIT)).toBe(true);
        }),
      );
    }
  });
});
