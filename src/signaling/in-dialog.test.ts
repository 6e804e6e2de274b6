import { describe, expect, it } from 'vitest';
import { allowed, type InDialogListeners, inDialogListener } from './in-dialog.ts';
import { receivedRequest } from './testing/fake-srf.ts';

/** What a method is answered with by itself, and which listener it goes to. */
function received(method: string, headers: Readonly<Record<string, string>> = {}) {
  const told: string[] = [];
  const to = (name: keyof InDialogListeners) => () => void told.push(name);
  const listeners: InDialogListeners = {
    acknowledged: to('acknowledged'),
    hungUp: to('hungUp'),
    modified: to('modified'),
    provisionalAcknowledged: to('provisionalAcknowledged'),
    relayed: to('relayed'),
  };
  const { request, reply, answers } = receivedRequest(method, { headers });
  inDialogListener(listeners, allowed(false))(request, reply);
  return { told, answers };
}

describe('a request inside a dialog', () => {
  it.each([
    ['ACK', 'acknowledged'],
    ['INVITE', 'modified'],
    ['UPDATE', 'modified'],
    ['PRACK', 'provisionalAcknowledged'],
    ['INFO', 'relayed'],
    ['REFER', 'relayed'],
    ['NOTIFY', 'relayed'],
  ])('%s goes to the call', (method, listener) => {
    expect(received(method)).toEqual({ told: [listener], answers: [] });
  });

  it('with Replaces is wrong, but for an INVITE, and for what ends or acknowledges (RFC 3891 §3)', () => {
    const replaces = { replaces: 'a@b;to-tag=1;from-tag=2' };
    for (const method of ['UPDATE', 'PRACK', 'INFO', 'REFER', 'NOTIFY', 'OPTIONS', 'MESSAGE']) {
      expect(received(method, replaces)).toMatchObject({ told: [], answers: [{ status: 400 }] });
    }
    expect(received('BYE', replaces)).toMatchObject({ told: ['hungUp'], answers: [{ status: 200 }] });
    for (const method of ['INVITE', 'ACK']) expect(received(method, replaces).told).toHaveLength(1);
  });

  it('BYE is answered before the call hears of it', () => {
    expect(received('BYE')).toMatchObject({ told: ['hungUp'], answers: [{ status: 200 }] });
  });

  it('OPTIONS has what we can do (RFC 3261 §11.2)', () => {
    const { told, answers } = received('OPTIONS');
    expect(told).toEqual([]);
    expect(answers).toMatchObject([
      {
        status: 200,
        headers: {
          Allow: 'INVITE, ACK, CANCEL, BYE, INFO, OPTIONS, UPDATE, PRACK',
          Accept: expect.stringContaining('application/sdp'),
          Supported: '100rel, timer',
        },
      },
    ]);
  });

  it.each([
    ['MESSAGE', 405],
    ['SUBSCRIBE', 405],
    ['PUBLISH', 405],
    ['FOO', 501],
  ])('%s is refused with %i and what is allowed instead', (method, status) => {
    expect(received(method)).toMatchObject({
      told: [],
      answers: [{ status, headers: { Allow: expect.stringContaining('BYE') } }],
    });
  });
});
