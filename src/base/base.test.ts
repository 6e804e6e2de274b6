import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { assert } from './assert.ts';
import { addMs, elapsedMs, systemClock, toIso, type WallMs } from './clock.ts';
import { describeError } from './errors.ts';
import { randomOctets, randomToken, seededRandom } from './random.ts';
import { maskNumber, maskUris } from './redact.ts';
import { uuidV7 } from './uuid.ts';

describe('masked numbers', () => {
  it.each([
    ['+393331234567', '+39333•••4567'],
    ['0212345678', '021•••5678'],
    ['1500', '•••00'],
    ['', '•••'],
  ])('%s is shown as %s', (number, shown) => {
    expect(maskNumber(number)).toBe(shown);
  });

  it('hide the user part of every URI in a text', () => {
    expect(maskUris('INVITE sip:+393331234567@h to <tel:+390212345678>')).toBe(
      'INVITE sip:+39333•••4567@h to <tel:+39021•••5678>',
    );
  });
});

describe('RFC 9562 §5.7 UUID version 7', () => {
  it('carries its time first, its version and its variant', () => {
    const uuid = uuidV7(0x0192f0c17c1e as WallMs);
    expect(uuid).toMatch(/^0192f0c1-7c1e-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(uuidV7(0x0192f0c17c1e as WallMs)).not.toBe(uuid);
  });
});

describe('the clocks', () => {
  it('no timer of the system clock fires before its time, fractions of a millisecond included', async () => {
    const startMs = systemClock.monotonicMs();
    const earlyBy = await Promise.all(
      Array.from({ length: 200 }, (_unused, index) => {
        const atMs = addMs(startMs, index * 0.37);
        return new Promise<number>((resolve) => {
          systemClock.setTimer(atMs, () => resolve(atMs - systemClock.monotonicMs()));
        });
      }),
    );
    expect(Math.max(...earlyBy)).toBeLessThanOrEqual(0);
  });

  it('agree on what a duration is', () => {
    const from = systemClock.monotonicMs();
    expect(elapsedMs(from, addMs(from, 1500))).toBe(1500);
    expect(toIso(Date.UTC(2026, 10, 20, 9, 15, 7, 214) as WallMs)).toBe('2026-11-20T09:15:07.214Z');
  });

  it('fire timers of a fake in the order of their time, each at its own moment', () => {
    const clock = fakeClock();
    const fired: number[] = [];
    const note = () => fired.push(clock.monotonicMs());
    clock.setTimer(addMs(clock.monotonicMs(), 20), note);
    clock.setTimer(addMs(clock.monotonicMs(), 10), note);
    const never = clock.setTimer(addMs(clock.monotonicMs(), 15), note);
    never.cancel();
    clock.advance(30);
    expect(fired).toEqual([10, 20]);
    expect(clock.pendingTimers()).toBe(0);
  });
});

describe('chance', () => {
  it('gives octets of whatever length that nobody was given before, and keeps none of them', () => {
    const drawn = Array.from({ length: 2_000 }, () => randomOctets(16));
    expect(new Set(drawn.map((octets) => octets.toString('hex'))).size).toBe(2_000);
    const before = Buffer.from(drawn[0] ?? []);
    for (let n = 0; n < 1_000; n += 1) randomOctets(16).fill(0);
    expect(drawn[0]).toEqual(before);
    expect([0, 1, 4_096, 10_000].map((length) => randomOctets(length).length)).toEqual([0, 1, 4_096, 10_000]);
    expect(randomOctets(10_000).subarray(-16)).not.toEqual(Buffer.alloc(16));
  });

  it('is the same twice for the same seed', () => {
    const [a, b] = [seededRandom(7), seededRandom(7)];
    const drawn = Array.from({ length: 1000 }, a);
    expect(Array.from({ length: 1000 }, b)).toEqual(drawn);
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(drawn.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo(0.5, 1);
  });

  it('gives tokens that SIP takes', () => {
    expect(randomToken(8)).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('failures', () => {
  it('are told in one line, whatever was thrown', () => {
    expect(describeError(new Error('no route'))).toBe('no route');
    expect(describeError('NOK')).toBe('NOK');
    expect(describeError({ status: 503 })).toBe('{"status":503}');
    expect(describeError(undefined)).toBe('undefined');
  });

  it('of our own are assertions', () => {
    expect(() => assert(false, 'a call waits only once')).toThrow('a call waits only once');
  });
});
