import { describe, expect, it } from 'vitest';
import type { MonotonicMs } from '../base/clock.ts';
import { SilenceWatch } from './silence-watch.ts';

const ms = (value: number) => value as MonotonicMs;

describe('a silence watch', () => {
  it('tells a silence once, when it has lasted the limit, and the next one after packets came', () => {
    const watch = new SilenceWatch(1000);
    watch.expect(true, ms(0));
    expect([watch.look(null, ms(999)), watch.look(null, ms(1000)), watch.look(null, ms(5000))]).toEqual([
      null,
      1000,
      null,
    ]);
    expect([watch.look(ms(6000), ms(6999)), watch.look(ms(6000), ms(7100))]).toEqual([null, 1100]);
  });

  it('counts from where packets are expected again: a hold is no silence', () => {
    const watch = new SilenceWatch(1000);
    watch.expect(true, ms(0));
    watch.expect(false, ms(500));
    expect([watch.look(ms(400), ms(9000)), watch.nextLookAt(ms(400), ms(9000))]).toEqual([null, null]);
    watch.expect(true, ms(10_000));
    expect(watch.look(ms(400), ms(10_999))).toBeNull();
    expect(watch.nextLookAt(ms(400), ms(10_999))).toBe(11_000);
    expect(watch.look(ms(400), ms(11_000))).toBe(1000);
  });

  it('watches nothing without a limit', () => {
    const watch = new SilenceWatch(null);
    watch.expect(true, ms(0));
    expect([watch.look(null, ms(1e9)), watch.nextLookAt(null, ms(1e9))]).toEqual([null, null]);
  });
});
