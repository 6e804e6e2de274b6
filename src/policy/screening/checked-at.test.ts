import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { readCheckedAt } from './checked-at.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z') as WallMs;
const read = (text: string, now = NOW) => {
  const at = readCheckedAt(text, { timeZone: 'Europe/Rome', listDaysMax: 15, now });
  return at.ok ? new Date(at.value).toISOString() : at.problem;
};

describe('when the register was consulted', () => {
  it('is a moment with its offset, a local time, or a day from its first minute on', () => {
    expect(read('2026-11-20T10:30:00+01:00')).toBe('2026-11-20T09:30:00.000Z');
    expect(read('2026-11-20T10:30:00.500Z')).toBe('2026-11-20T10:30:00.500Z');
    expect(read('2026-11-20 10:30Z')).toBe('2026-11-20T10:30:00.000Z');
    expect(read('2026-11-20T10:30')).toBe('2026-11-20T09:30:00.000Z');
    expect(read('2026-11-20 10:30:15')).toBe('2026-11-20T09:30:00.000Z');
    expect(read(' 2026-11-20 ')).toBe('2026-11-19T23:00:00.000Z');
    // Summer time.
    expect(read('2026-07-01', Date.parse('2026-07-02T00:00:00Z') as WallMs)).toBe('2026-06-30T22:00:00.000Z');
  });

  it('is refused when it is no time', () => {
    for (const text of [
      '',
      'yesterday',
      '20/11/2026',
      '2026-13-01',
      '2026-02-30',
      '2026-11-20T24:30',
      '2026-02-30T10:00Z',
    ]) {
      expect(read(text)).toMatch(/is no time such as/);
    }
  });

  it('is refused when it lies ahead, but for clocks that differ', () => {
    expect(read('2026-11-22T12:04:00Z')).toBe('2026-11-22T12:04:00.000Z');
    expect(read('2026-11-22T12:06:00Z')).toMatch(/lies ahead/);
  });

  it('is refused when the list could not be used any more', () => {
    expect(read('2026-11-07T12:00:00Z')).toBe('2026-11-07T12:00:00.000Z');
    expect(read('2026-11-07T11:59:59Z')).toMatch(/15 days, until 2026-11-22T11:59:59.000Z: consult the register again/);
  });
});
