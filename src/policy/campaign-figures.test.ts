import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { periodFigures, periodFiguresSchema, sumOf } from './campaign-figures.ts';
import { chosenJurisdiction, JURISDICTIONS } from './jurisdictions/chosen-jurisdiction.ts';
import { italy } from './jurisdictions/italy.ts';
import type { Jurisdiction } from './jurisdictions/jurisdiction.ts';
import { unitedKingdom } from './jurisdictions/united-kingdom.ts';

const WINDOW = { period: 'window', from: '2026-11-20', to: '2026-11-29' } as const;
const DAY = { period: 'day', from: '2026-11-20', to: '2026-11-20' } as const;
const NONE = { silent: 0, handled: 0, machines: 0, machinesHeard: 0, hungUp: 0 };
const machinesAsA = chosenJurisdiction({ jurisdiction: 'it', machineAnswered: 'A', calleeHangUp: null });

const figures = (
  counts: Partial<typeof NONE>,
  period: typeof WINDOW | typeof DAY = WINDOW,
  law: Jurisdiction = italy,
) => periodFigures(period, { ...NONE, ...counts }, law, null);

describe('decision 83/2014 point 2: the figures of a period', () => {
  it('have P as a fraction and as text, and keep the limit at equality', () => {
    expect(figures({ silent: 3, handled: 97 })).toMatchObject({
      ...{ ratio: { silent: 3, answered: 100 }, percent: '3.000', verdict: 'within', limit: { silent: 3, of: 100 } },
    });
    expect(figures({ silent: 4, handled: 96 }, DAY)).toMatchObject({ percent: '4.000', verdict: 'within' });
    expect(figures({ silent: 4, handled: 96 })).toMatchObject({ percent: '4.000', verdict: 'breached' });
  });

  it('never read as the limit when they are above it', () => {
    // 3.0000299… %
    expect(figures({ silent: 30_001, handled: 969_999 - 9 })).toMatchObject({ percent: '3.001', verdict: 'breached' });
    expect(figures({ silent: 1, handled: 32 })).toMatchObject({ percent: '3.031', verdict: 'breached' });
    expect(figures({ silent: 1, handled: 33 })).toMatchObject({ percent: '2.942', verdict: 'within' });
  });

  it('have no percentage without a call', () => {
    expect(figures({})).toMatchObject({ percent: null, verdict: 'within', ratio: { silent: 0, answered: 0 } });
  });

  it('fit their schema', () => {
    expect(periodFiguresSchema.parse(figures({ silent: 3, handled: 97, machines: 5 }))).toBeDefined();
  });
});

describe('the other readings', () => {
  const readings = (law: Jurisdiction = italy, counts: Partial<typeof NONE> = {}) =>
    Object.fromEntries(
      figures(counts, WINDOW, law).alternatives.map(({ reading, silent, verdict }) => [reading, [silent, verdict]]),
    );

  it('count machines as A and callee hang-ups as B', () => {
    expect(readings(italy, { silent: 2, handled: 98, machines: 5, machinesHeard: 0, hungUp: 1 })).toEqual({
      ...{ 'machine=A': [7, 'breached'], 'callee-hang-up=B': [1, 'within'] },
    });
  });

  it('count machines as B where they are counted as A', () => {
    expect(readings(machinesAsA, { silent: 7, handled: 93, machines: 5, machinesHeard: 0, hungUp: 1 })).toMatchObject({
      'machine=B': [2, 'within'],
    });
  });

  it('never count more calls than there are', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99), (silent, handled, machines, hungUp) => {
        for (const one of figures({ silent, handled, machines, hungUp }).alternatives) {
          expect(one.silent + one.handled).toBe(silent + handled);
          expect(Math.min(one.silent, one.handled)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('add the estimated false positives of machine detection to the silent calls, rounded up', () => {
    const estimate = { percent: 2.5, evidence: 'sample of 400 recordings, June 2026' };
    const counts = { ...NONE, silent: 2, handled: 98, machines: 41 };
    expect(periodFigures(WINDOW, counts, italy, estimate).alternatives.at(-1)).toEqual({
      ...{ reading: 'machine-false-positive=2.5%', evidence: estimate.evidence },
      ...{ silent: 4, handled: 96, ratio: { silent: 4, answered: 100 }, percent: '4.000', verdict: 'breached' },
    });
    expect(periodFigures(WINDOW, { ...counts, machines: 40 }, italy, estimate).alternatives.at(-1)?.silent).toBe(3);
    expect(periodFigures(WINDOW, counts, machinesAsA, estimate).alternatives).toHaveLength(2);
  });
});

describe('figures of a law that has an estimate of machines in the ratio', () => {
  const estimate = { percent: 4.5, evidence: '200 recordings' };
  const counts = { ...NONE, silent: 2, handled: 98, machines: 30, machinesHeard: 5, hungUp: 4 };

  it('tell the ratio with it, the counts without, and what makes the difference', () => {
    const found = periodFigures(DAY, counts, unitedKingdom, estimate);
    expect(periodFiguresSchema.parse(found)).toMatchObject({
      ...{ silent: 2, handled: 98, ratio: { silent: 4, answered: 102 }, percent: '3.922', verdict: 'breached' },
      estimate: { machinesFound: 25, machinesHeard: 5, percent: 4.5, evidence: '200 recordings', added: 2 },
      alternatives: [
        { reading: 'callee-hang-up=A', silent: 6, ratio: { silent: 8, answered: 106 } },
        { reading: 'machine-estimate=none', silent: 2, ratio: { silent: 2, answered: 100 }, verdict: 'within' },
      ],
    });
  });

  it('say so where there is none to be had', () => {
    expect(periodFigures(DAY, counts, unitedKingdom, null)).toMatchObject({
      ...{ ratio: { silent: 2, answered: 100 }, verdict: 'within', estimate: { missing: true } },
      alternatives: [{ reading: 'callee-hang-up=A' }],
    });
  });

  it('take machines out by what agents heard where nothing detects them', () => {
    const law = chosenJurisdiction({
      ...{ jurisdiction: 'gb', machineAnswered: null, calleeHangUp: null, machineDetection: 'none' },
    });
    const heard = { ...counts, silent: 4, machines: 40, machinesHeard: 40 };
    expect(periodFigures(DAY, heard, law, estimate)).toMatchObject({
      ...{ silent: 4, ratio: { silent: 4, answered: 142 }, percent: '2.817', verdict: 'within' },
      estimate: { method: 'agents-machines', deducted: '1.159', percent: null, added: 0, missing: false },
    });
  });

  it('are untouched elsewhere: no key is there that was not before', () => {
    for (const law of Object.values(JURISDICTIONS))
      if (law.name !== 'gb') expect(periodFigures(DAY, counts, law, estimate)).not.toHaveProperty('estimate');
  });
});

describe('a window', () => {
  it('is the sum of its days', () => {
    const day = { silent: 1, handled: 20, machines: 3, machinesHeard: 0, hungUp: 1 };
    expect(sumOf([day, day, NONE])).toEqual({ silent: 2, handled: 40, machines: 6, machinesHeard: 0, hungUp: 2 });
  });
});
