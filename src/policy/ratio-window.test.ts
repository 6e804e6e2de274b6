import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../base/local-time.ts';
import { windowOf, windowsOf } from './ratio-window.ts';

describe('decision 83/2014 point 2: the window of a day', () => {
  it('is ten days from the campaign’s first day, the first day being one of them', () => {
    const first = { from: '2026-03-25', to: '2026-04-03' };
    expect(windowOf('2026-03-25', '2026-03-25', 10)).toEqual(first);
    expect(windowOf('2026-03-25', '2026-04-03', 10)).toEqual(first);
    expect(windowOf('2026-03-25', '2026-04-04', 10)).toEqual({ from: '2026-04-04', to: '2026-04-13' });
  });

  it('goes over leap days and the end of a year by the calendar', () => {
    expect(windowOf('2028-02-20', '2028-03-01', 10)).toEqual({ from: '2028-03-01', to: '2028-03-10' });
    expect(windowOf('2027-02-20', '2027-03-01', 10)).toEqual({ from: '2027-02-20', to: '2027-03-01' });
    expect(windowOf('2026-12-25', '2027-01-01', 10)).toEqual({ from: '2026-12-25', to: '2027-01-03' });
  });

  it('is a window too where a clock that was set back names a day before the first', () => {
    expect(windowOf('2026-03-25', '2026-03-24', 10)).toEqual({ from: '2026-03-15', to: '2026-03-24' });
  });

  it('holds its day, and each day one window only', () => {
    fc.assert(
      fc.property(fc.integer({ min: -800, max: 8000 }), fc.integer({ min: 1, max: 40 }), (offset, days) => {
        const day = addDays('2026-03-25', offset);
        const { from, to } = windowOf('2026-03-25', day, days);
        expect(from <= day && day <= to).toBe(true);
        expect(windowOf('2026-03-25', addDays(to, 1), days).from).toBe(addDays(to, 1));
      }),
    );
  });
});

describe('the windows of a campaign', () => {
  it('end with its last day: the last one may be a portion', () => {
    expect(windowsOf('2026-10-20', '2026-11-10', 10)).toEqual([
      { from: '2026-10-20', to: '2026-10-29' },
      { from: '2026-10-30', to: '2026-11-08' },
      { from: '2026-11-09', to: '2026-11-10' },
    ]);
    expect(windowsOf('2026-10-20', '2026-10-20', 10)).toEqual([{ from: '2026-10-20', to: '2026-10-20' }]);
    expect(windowsOf('2026-10-20', '2026-10-29', 10)).toHaveLength(1);
  });
});
