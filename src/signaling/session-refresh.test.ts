import { describe, expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import type { QueuedRequest, QueuedResult } from './offer-queue.ts';
import { createSessionRefresh } from './session-refresh.ts';

function newRefresh() {
  const clock = fakeClock();
  const pushed: QueuedRequest[] = [];
  const told: string[] = [];
  const refresh = createSessionRefresh({
    clock,
    queue: { push: (request) => void pushed.push(request) },
    build: () => ({ method: 'UPDATE', headers: {}, body: '' }),
    answered: () => void told.push('answered'),
    notAllowed: () => void told.push('not allowed'),
    lost: () => void told.push('lost'),
  });
  const finish = (result: object) => pushed.at(-1)?.done(result as QueuedResult);
  const refused = (status: number) => finish({ kind: 'refused', response: { status } });
  return { clock, pushed, told, refresh, finish, refused };
}

describe('RFC 4028 §7.4, RFC 3261 §12.2.1.2: the refresh of a session without timers', () => {
  it('is asked at its interval, again and again', () => {
    const { clock, pushed, told, refresh, finish } = newRefresh();
    refresh.start(900_000);
    clock.advance(899_999);
    expect(pushed).toHaveLength(0);
    clock.advance(1);
    expect(pushed[0]?.build()).toMatchObject({ method: 'UPDATE' });
    clock.advance(900_000);
    expect(pushed).toHaveLength(1);
    finish({ kind: 'answered' });
    clock.advance(900_000);
    expect(pushed).toHaveLength(2);
    expect(told).toEqual(['answered']);
  });

  it.each([404, 405, 415, 488, 491, 500, 501, 503])('that gets %i shows a peer that is there', (status) => {
    const { clock, pushed, told, refresh, refused } = newRefresh();
    refresh.start(1_000);
    clock.advance(1_000);
    refused(status);
    clock.advance(1_000);
    expect(pushed).toHaveLength(2);
    expect(told).toEqual(status === 405 || status === 501 ? ['not allowed'] : []);
  });

  it('that finds nobody ends the leg, once', () => {
    const { clock, pushed, told, refresh, finish } = newRefresh();
    refresh.start(1_000);
    clock.advance(1_000);
    finish({ kind: 'lost' });
    clock.advance(10_000);
    expect(pushed).toHaveLength(1);
    expect(told).toEqual(['lost']);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('stops with its leg: nothing is asked, nobody is lost', () => {
    const { clock, pushed, told, refresh, finish } = newRefresh();
    refresh.start(1_000);
    clock.advance(1_000);
    refresh.stop();
    expect(pushed[0]?.build()).toBeNull();
    finish({ kind: 'lost' });
    expect(told).toEqual([]);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('begins anew when the interval is agreed anew', () => {
    const { clock, pushed, refresh, finish } = newRefresh();
    refresh.start(1_000);
    clock.advance(1_000);
    refresh.start(1_000);
    finish({ kind: 'answered' });
    clock.advance(1_000);
    expect(pushed).toHaveLength(2);
    expect(clock.pendingTimers()).toBe(0);
  });
});
