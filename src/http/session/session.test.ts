import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { fakeClock } from '../../testing/fake-clock.ts';
import { isOwnPage, sessionCookie, sessionTokenOf } from './session-cookie.ts';
import { createSessions, SESSION_MS, SESSIONS_MAX } from './sessions.ts';

describe('a session', () => {
  it('is open until its time is over', () => {
    const clock = fakeClock();
    const sessions = createSessions(clock);
    const token = sessions.open();
    clock.advance(SESSION_MS - 1);
    expect(sessions.isOpen(token)).toBe(true);
    clock.advance(1);
    expect(sessions.isOpen(token)).toBe(false);
  });

  it('is over when it is closed, and no other with it', () => {
    const sessions = createSessions(fakeClock());
    const [one, other] = [sessions.open(), sessions.open()];
    sessions.close(one);
    expect([sessions.isOpen(one), sessions.isOpen(other), sessions.isOpen('')]).toEqual([false, true, false]);
  });

  it('makes room, being the oldest, for one too many', () => {
    const sessions = createSessions(fakeClock());
    const [first, second] = [sessions.open(), sessions.open()];
    for (let n = 1; n < SESSIONS_MAX; n++) sessions.open();
    expect([sessions.isOpen(first), sessions.isOpen(second)]).toEqual([false, true]);
  });
});

describe('its cookie', () => {
  const token = 'ab'.repeat(32);

  it('is read by no script, sent by no other site, and named by its port', () => {
    expect(sessionCookie(token, 8080, 60_000, {})).toBe(
      `brusio_session_8080=${token}; Path=/; Max-Age=60; HttpOnly; SameSite=Strict`,
    );
    expect(sessionCookie(token, 8080, 0, { 'x-forwarded-proto': 'https' })).toMatch(/Max-Age=0; .*; Secure$/);
  });

  it('is found among others', () => {
    const cookie = `a=b; brusio_session_8081=${'cd'.repeat(32)}; brusio_session_8080=${token}`;
    expect(sessionTokenOf({ cookie }, 8080)).toBe(token);
    expect(sessionTokenOf({ cookie }, 8082)).toBeNull();
    expect(sessionTokenOf({ cookie: 'brusio_session_8080=../../x' }, 8080)).toBeNull();
    expect(sessionTokenOf({}, 8080)).toBeNull();
  });

  it.each([
    [{}, true],
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
  ] as [IncomingHttpHeaders, boolean][])('is taken of %o: %s', (headers, taken) => {
    expect(isOwnPage(headers)).toBe(taken);
  });
});
