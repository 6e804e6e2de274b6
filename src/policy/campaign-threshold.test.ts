import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alertsOf, worsens } from './campaign-threshold.ts';
import { italy } from './jurisdictions/italy.ts';
import { isWithin } from './tally.ts';

const WINDOW = italy.ratio.window.value;
const DAY = italy.ratio.day.value;

describe('a limit', () => {
  it('is told of at half of it, four fifths, all of it, and beyond', () => {
    const told = (silent: number, handled: number) => alertsOf({ silent, handled }, WINDOW);
    expect(told(14, 986)).toEqual([]);
    expect(told(15, 985)).toEqual([50]);
    expect(told(24, 976)).toEqual([50, 80]);
    expect(told(30, 970)).toEqual([50, 80, 100]);
    expect(told(31, 969)).toEqual([50, 80, 100, 'breached']);
  });

  it('is that of its period', () => {
    expect(alertsOf({ silent: 40, handled: 960 }, DAY)).toEqual([50, 80, 100]);
    expect(alertsOf({ silent: 40, handled: 960 }, WINDOW)).toContain('breached');
  });

  it('is not told of without a silent call', () => {
    expect(alertsOf({ silent: 0, handled: 0 }, WINDOW)).toEqual([]);
    expect(alertsOf({ silent: 0, handled: 9 }, WINDOW)).toEqual([]);
  });

  it('is passed exactly where the ratio is not within it', () => {
    fc.assert(
      fc.property(fc.nat(2000), fc.nat(60_000), (silent, handled) => {
        const told = alertsOf({ silent, handled }, WINDOW);
        expect(told.includes('breached')).toBe(!isWithin({ silent, handled }, WINDOW));
      }),
    );
  });

  it('comes no nearer by a change that does not worsen the ratio', () => {
    const delta = fc.integer({ min: -20, max: 20 });
    fc.assert(
      fc.property(fc.nat(200), fc.nat(5000), delta, delta, (silent, handled, moreSilent, moreHandled) => {
        const after = { silent: silent + moreSilent, handled: handled + moreHandled };
        fc.pre(
          after.silent >= 0 && after.handled >= 0 && !worsens({ silent: moreSilent, handled: moreHandled }, italy),
        );
        const before = alertsOf({ silent, handled }, WINDOW).length;
        expect(alertsOf(after, WINDOW).length).toBeLessThanOrEqual(before);
      }),
    );
  });
});
