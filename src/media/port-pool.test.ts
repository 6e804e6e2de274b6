import { describe, expect, it } from 'vitest';
import type { MonotonicMs } from '../base/clock.ts';
import { PORT_REST_MS, PortPool } from './port-pool.ts';

const ms = (value: number) => value as MonotonicMs;

describe('a port pool', () => {
  it('gives even ports whose odd neighbour is in the range too', () => {
    const pool = new PortPool(20001, 20006, 0);
    expect([pool.take(ms(0)), pool.take(ms(0)), pool.take(ms(0))]).toEqual(
      [20002, 20004, null].slice(0, 2).concat(null),
    );
  });

  it('starts anywhere in the range and takes every pair once', () => {
    const pool = new PortPool(20000, 20009, 0.5);
    const taken = Array.from({ length: 6 }, () => pool.take(ms(0)));
    expect(taken).toEqual([20004, 20006, 20008, 20000, 20002, null]);
  });

  it('lets a pair rest before it is used again', () => {
    const pool = new PortPool(20000, 20001, 0);
    expect(pool.take(ms(0))).toBe(20000);
    pool.release(20000, ms(100));
    expect(pool.take(ms(100 + PORT_REST_MS - 1))).toBeNull();
    expect(pool.take(ms(100 + PORT_REST_MS))).toBe(20000);
  });

  it('takes the pair that was unused the longest', () => {
    const pool = new PortPool(20000, 20005, 0, 0);
    pool.release(pool.take(ms(0)) ?? 0, ms(0));
    expect([pool.take(ms(0)), pool.take(ms(0)), pool.take(ms(0))]).toEqual([20002, 20004, 20000]);
  });

  it('lets pairs rest that another thread had in use when it died, and gives the others at once', () => {
    const pool = new PortPool(20000, 20005, 0);
    pool.rest([20000, 20004], ms(100));
    expect([pool.take(ms(100)), pool.take(ms(100))]).toEqual([20002, null]);
    expect([pool.take(ms(100 + PORT_REST_MS)), pool.take(ms(100 + PORT_REST_MS))]).toEqual([20000, 20004]);
  });

  it('has nothing to give when the range holds no pair', () => {
    expect(new PortPool(20001, 20001, 0.9).take(ms(0))).toBeNull();
  });
});
