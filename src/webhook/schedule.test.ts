import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WallMs } from '../base/clock.ts';
import { type AttemptResult, RETRY_DELAYS_MS, retryAfterMs, verdictOn } from './schedule.ts';

const now = Date.UTC(2026, 10, 20, 9) as WallMs;
const answered = (status: number, retryAfter: string | null = null): AttemptResult => ({
  kind: 'response',
  status,
  retryAfter,
});
const noJitter = () => 0;

describe('a webhook after an attempt', () => {
  it.each([200, 201, 202, 204, 299])('is delivered by %i', (status) => {
    expect(verdictOn(answered(status), 1, now, noJitter)).toEqual({ verdict: 'delivered' });
  });

  it.each([100, 301, 302, 304, 307, 400, 401, 404, 408, 422, 429, 500, 502, 503])(
    'is tried again after %i',
    (status) => {
      expect(verdictOn(answered(status), 1, now, noJitter)).toEqual({
        verdict: 'retry',
        at: now + 5_000,
        problem: `HTTP ${status}`,
      });
    },
  );

  it('is tried again when nobody answered', () => {
    const result: AttemptResult = { kind: 'no-response', problem: 'ECONNREFUSED' };
    expect(verdictOn(result, 2, now, noJitter)).toEqual({
      verdict: 'retry',
      at: now + 300_000,
      problem: 'ECONNREFUSED',
    });
  });

  it('ends the endpoint with 410', () => {
    expect(verdictOn(answered(410), 1, now, noJitter)).toMatchObject({ verdict: 'endpoint-gone' });
  });

  it('is tried over about three days, then given up', () => {
    const totalMs = RETRY_DELAYS_MS.reduce((sum, delay) => sum + delay, 0);
    expect(totalMs / 3_600_000).toBeCloseTo(75.58, 1);
    expect(verdictOn(answered(500), 9, now, noJitter)).toMatchObject({ verdict: 'retry' });
    expect(verdictOn(answered(500), 10, now, noJitter)).toEqual({
      verdict: 'dead',
      problem: 'HTTP 500, after 10 attempts',
    });
  });

  it('never comes back sooner than scheduled, nor more than a fifth later', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (n, r) => {
          const verdict = verdictOn(answered(500), n, now, () => r);
          const delayMs = RETRY_DELAYS_MS[n - 1] ?? 0;
          if (verdict.verdict !== 'retry') throw new Error('expected a retry');
          expect(verdict.at - now).toBeGreaterThanOrEqual(delayMs);
          expect(verdict.at - now).toBeLessThanOrEqual(Math.ceil(delayMs * 1.2));
          expect(Number.isInteger(verdict.at)).toBe(true);
        },
      ),
    );
  });

  it('waits as long as it was asked to, but never less than its own schedule', () => {
    expect(verdictOn(answered(503, '60'), 1, now, noJitter)).toMatchObject({ at: now + 60_000 });
    expect(verdictOn(answered(503, '60'), 2, now, noJitter)).toMatchObject({ at: now + 300_000 });
  });
});

describe('Retry-After (RFC 9110 §10.2.3)', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['Fri, 20 Nov 2026 09:02:00 GMT', 120_000],
    ['Fri, 20 Nov 2026 08:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['Fri, 20 Nov 2099 08:00:00 GMT', 86_400_000],
    ['-5', null],
    ['1.5', null],
    ['soon', null],
    ['', null],
    [null, null],
  ])('%j asks for %j ms', (value, ms) => {
    expect(retryAfterMs(value, now)).toBe(ms);
  });
});
