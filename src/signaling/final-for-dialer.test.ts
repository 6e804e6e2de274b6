import { describe, expect, it } from 'vitest';
import { finalForDialer, reasonWithStatus, sendableStatus } from './final-for-dialer.ts';

describe('a carrier’s final', () => {
  it.each([403, 404, 480, 486, 500, 503, 600, 603, 604, 607, 608])('%i is told as it is', (status) => {
    const final = { status, phrase: 'As It Is', reason: 'Q.850;cause=17' };
    expect(finalForDialer(final)).toEqual(final);
  });

  it('that sends us elsewhere is 480, with where it came from in Reason', () => {
    expect(finalForDialer({ status: 302, phrase: 'Moved Temporarily', reason: null })).toEqual({
      status: 480,
      phrase: 'Temporarily Unavailable',
      reason: 'SIP;cause=302;text="Moved Temporarily"',
    });
  });

  it.each([401, 407])('%i is our own failure', (status) => {
    expect(finalForDialer({ status, phrase: 'Who?', reason: 'Q.850;cause=21' })).toEqual({
      status: 500,
      phrase: 'Server Internal Error',
      reason: `Q.850;cause=21, SIP;cause=${status};text="Who?"`,
    });
  });
});

describe('RFC 3326 §2 a Reason', () => {
  it('has one value a protocol', () => {
    expect(reasonWithStatus('Q.850;cause=21, SIP;cause=608', 608, 'Rejected')).toBe('Q.850;cause=21, SIP;cause=608');
    expect(reasonWithStatus('', 607, 'Un"wanted')).toBe('SIP;cause=607;text="Unwanted"');
  });
});

describe('a status that cannot be sent', () => {
  it.each([
    [607, 603],
    [608, 603],
    [699, 603],
    [499, 400],
    [555, 500],
  ])('%i is %i', (status, sent) => {
    expect(sendableStatus(status)).toBe(sent);
  });
});
