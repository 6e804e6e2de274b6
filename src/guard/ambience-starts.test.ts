import { describe, expect, it } from 'vitest';
import { createAmbienceStarts } from './ambience-starts.ts';

const KEY = Buffer.alloc(16, 1);
/** Chance that would give the same start every time. */
const always = () => 0.25;

describe('the starts of calls in a clip', () => {
  it('are not at the same place twice in a row to one number', () => {
    const starts = createAmbienceStarts(always, KEY);
    const [first, second] = [1, 2].map(() => starts.next('+393331234567', 'office', 60_000));
    expect(first).toBe(15_000);
    expect(Math.abs((second ?? 0) - (first ?? 0))).toBeGreaterThanOrEqual(3000);
  });

  it('are by chance to another number, and in another clip', () => {
    const starts = createAmbienceStarts(always, KEY);
    expect([
      starts.next('+393331234567', 'office', 60_000),
      starts.next('+393331234568', 'office', 60_000),
      starts.next('+393331234567', 'quiet', 60_000),
    ]).toEqual([15_000, 15_000, 15_000]);
  });

  it('are remembered for as many numbers as fit, those called last', () => {
    const starts = createAmbienceStarts(always, KEY, 2);
    for (const number of ['1', '2', '1', '3']) starts.next(number, 'office', 60_000);
    // 2 was forgotten, 1 was not.
    expect(starts.next('2', 'office', 60_000)).toBe(15_000);
    expect(createAmbienceStarts(always, KEY, 2).next('1', 'office', 60_000)).toBe(15_000);
  });
});
