import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysBetween } from '../base/local-time.ts';
import { windowDaysMax, windowOf, windowsOf } from './ratio-window.ts';

const TEN_DAYS = { kind: 'blocks', days: 10 } as const;

describe('decision 83/2014 point 2: the window of a day', () => {
  it('is ten days from the campaign’s first day, the first day being one of them', () => {
    const first = { from: '2026-03-25', to: '2026-04-03' };
    expect(windowOf('2026-03-25', '2026-03-25', TEN_DAYS)).toEqual(first);
    expect(windowOf('2026-03-25', '2026-04-03', TEN_DAYS)).toEqual(first);
    expect(windowOf('2026-03-25', '2026-04-04', TEN_DAYS)).toEqual({ from: '2026-04-04', to: '2026-04-13' });
  });

  it('goes over leap days and the end of a year by the calendar', () => {
    expect(windowOf('2028-02-20', '2028-03-01', TEN_DAYS)).toEqual({ from: '2028-03-01', to: '2028-03-10' });
    expect(windowOf('2027-02-20', '2027-03-01', TEN_DAYS)).toEqual({ from: '2027-02-20', to: '2027-03-01' });
    expect(windowOf('2026-12-25', '2027-01-01', TEN_DAYS)).toEqual({ from: '2026-12-25', to: '2027-01-03' });
  });

  it('is a window too where a clock that was set back names a day before the first', () => {
    expect(windowOf('2026-03-25', '2026-03-24', TEN_DAYS)).toEqual({ from: '2026-03-15', to: '2026-03-24' });
  });

  it('holds its day, and each day one window only', () => {
    fc.assert(
      fc.property(fc.integer({ min: -800, max: 8000 }), fc.integer({ min: 1, max: 40 }), (offset, days) => {
        const day = addDays('2026-03-25', offset);
        const { from, to } = windowOf('2026-03-25', day, { kind: 'blocks', days });
        expect(from <= day && day <= to).toBe(true);
        expect(windowOf('2026-03-25', addDays(to, 1), { kind: 'blocks', days }).from).toBe(addDays(to, 1));
      }),
    );
  });
});

describe('the windows of a campaign', () => {
  it('end with its last day: the last one may be a portion', () => {
    expect(windowsOf('2026-10-20', '2026-11-10', TEN_DAYS)).toEqual([
      { from: '2026-10-20', to: '2026-10-29' },
      { from: '2026-10-30', to: '2026-11-08' },
      { from: '2026-11-09', to: '2026-11-10' },
    ]);
    expect(windowsOf('2026-10-20', '2026-10-20', TEN_DAYS)).toEqual([{ from: '2026-10-20', to: '2026-10-20' }]);
    expect(windowsOf('2026-10-20', '2026-10-29', TEN_DAYS)).toHaveLength(1);
  });
});

describe('a window of a calendar month', () => {
  const MONTH = { kind: 'calendar-month' } as const;

  it('is the whole month of its day, whenever the campaign began', () => {
    expect(windowOf('2026-03-25', '2026-03-25', MONTH)).toEqual({ from: '2026-03-01', to: '2026-03-31' });
    expect(windowOf('2026-03-25', '2028-02-29', MONTH)).toEqual({ from: '2028-02-01', to: '2028-02-29' });
    expect(windowOf('2026-03-25', '2027-12-31', MONTH)).toEqual({ from: '2027-12-01', to: '2027-12-31' });
  });

  it('follows the one before without a gap, and is no longer than its longest', () => {
    fc.assert(
      fc.property(fc.integer({ min: -800, max: 8000 }), (offset) => {
        const day = addDays('2026-03-25', offset);
        const { from, to } = windowOf('2026-03-25', day, MONTH);
        expect(from <= day && day <= to && from.endsWith('-01')).toBe(true);
        expect(windowOf('2026-03-25', addDays(to, 1), MONTH).from).toBe(addDays(to, 1));
        expect(daysBetween(from, to)).toBeLessThan(windowDaysMax(MONTH));
      }),
    );
  });

  it('ends with the campaign', () => {
    expect(windowsOf('2026-11-20', '2027-01-10', MONTH)).toEqual([
      { from: '2026-11-01', to: '2026-11-30' },
      { from: '2026-12-01', to: '2026-12-31' },
      { from: '2027-01-01', to: '2027-01-10' },
    ]);
  });
});
