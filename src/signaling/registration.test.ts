import { beforeEach, describe, expect, it } from 'vitest';
import type { RegistrationState } from '../guard/signaling-port.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { SILENT_LOG } from '../testing/fake-ports.ts';
import { createDigestClient } from './digest-client.ts';
import type { RequestOptions, SipRequest, SipResponse, Srf } from './drachtio-srf.ts';
import { createRegistration, REGISTER_WAIT_MS, type Registration, refreshAfterMs } from './registration.ts';

/** A REGISTER that was sent, and how to answer it. */
type Sent = {
  readonly headers: Record<string, string>;
  answer(status: number, headers?: Record<string, string>): void;
};

let clock: FakeClock;
let sent: Sent[];
let states: RegistrationState[];
let connected: boolean;
let registration: Registration;

const lookUp = (headers: Record<string, string>) => (name: string) =>
  Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];

function fakeSrf(): Srf {
  return {
    request(uri: string, options: RequestOptions, callback: (error: unknown, request?: SipRequest) => void) {
      const listeners: ((response: SipResponse) => void)[] = [];
      const request = {
        method: options.method,
        uri,
        get: lookUp(options.headers),
        on: (_event: string, listener: (response: SipResponse) => void) => void listeners.push(listener),
      };
      sent.push({
        headers: options.headers,
        answer(status, headers = {}) {
          for (const one of listeners) one({ status, reason: '', get: lookUp(headers) } as unknown as SipResponse);
        },
      });
      callback(null, request as unknown as SipRequest);
    },
  } as unknown as Srf;
}

/** The n-th REGISTER. */
const register = (n: number): Sent => sent[n] ?? expect.fail(`no REGISTER ${n}`);

beforeEach(() => {
  clock = fakeClock();
  sent = [];
  states = [];
  connected = true;
  registration = createRegistration({
    srf: fakeSrf(),
    clock,
    random: () => 1,
    log: SILENT_LOG,
    carrier: 'trunk',
    registrar: 'sip:registrar.example:5070',
    username: '+39021',
    expiresS: 600,
    digest: createDigestClient({ username: '+39021', password: 'p' }, () => 'cn'),
    callId: 'reg-1',
    fromTag: 'ft',
    userAgent: 'Brusio',
    isConnected: () => connected,
    onState: (state) => void states.push(state),
  });
});

describe('RFC 3261 §10.2 a registration', () => {
  it('is for our user at the registrar, with a Contact where we listen', () => {
    registration.start();
    expect(register(0).headers).toMatchObject({
      'Call-ID': 'reg-1',
      CSeq: '1 REGISTER',
      From: '<sip:+39021@registrar.example:5070>;tag=ft',
      To: '<sip:+39021@registrar.example:5070>',
      Contact: '<sip:+39021@localhost>',
      Expires: '600',
    });
    expect(states).toEqual(['pending']);
  });

  it('§10.2.4: is refreshed before the lifetime that was granted is over, under the same Call-ID', () => {
    registration.start();
    register(0).answer(200, { Contact: '<sip:other@h>;expires=7, <sip:+39021@127.0.0.1:5060>;expires=100' });
    expect(states).toEqual(['pending', 'registered']);
    clock.advance(49_999);
    expect(sent).toHaveLength(1);
    clock.advance(1);
    expect(register(1).headers).toMatchObject({ 'Call-ID': 'reg-1', CSeq: '2 REGISTER' });
  });

  it('answers a challenge, and counts its CSeq', () => {
    registration.start();
    register(0).answer(401, { 'WWW-Authenticate': 'Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth"' });
    expect(register(1).headers.CSeq).toBe('2 REGISTER');
    expect(register(1).headers.Authorization).toContain('uri="sip:registrar.example:5070"');
    register(1).answer(200);
    clock.advance(refreshAfterMs(600));
    expect(register(2).headers.CSeq).toBe('3 REGISTER');
  });

  it('with a wrong password is tried again later and later, never at once', () => {
    registration.start();
    let asked = 0;
    for (let round = 0; round < 12; round++) {
      register(asked).answer(401, { 'WWW-Authenticate': `Digest realm="r", nonce="${round}a"` });
      register(asked + 1).answer(401, { 'WWW-Authenticate': `Digest realm="r", nonce="${round}b"` });
      asked += 2;
      const backOffMs = Math.min(2_000 * 2 ** round, 300_000);
      clock.advance(backOffMs - 1);
      expect(sent).toHaveLength(asked);
      clock.advance(1);
      expect(sent).toHaveLength(asked + 1);
    }
    expect(new Set(states)).toEqual(new Set(['pending', 'failed']));
  });

  it('§10.2.8: takes the Min-Expires of a 423, once', () => {
    registration.start();
    register(0).answer(423, { 'Min-Expires': '1800' });
    expect(register(1).headers.Expires).toBe('1800');
    register(1).answer(423, { 'Min-Expires': '1800' });
    expect(sent).toHaveLength(2);
    expect(states.at(-1)).toBe('failed');
  });

  it('stays registered until its time is over when a refresh fails', () => {
    registration.start();
    register(0).answer(200, { Expires: '100' });
    clock.advance(50_000);
    register(1).answer(503);
    expect(states.at(-1)).toBe('registered');
    clock.advance(49_999);
    expect(states.at(-1)).toBe('registered');
    clock.advance(1);
    expect(states.at(-1)).toBe('failed');
  });

  it('without an answer is tried again', () => {
    registration.start();
    clock.advance(REGISTER_WAIT_MS);
    expect(states.at(-1)).toBe('failed');
    clock.advance(2_000);
    expect(sent).toHaveLength(2);
    register(0).answer(200);
    expect(states.at(-1), 'an answer to the first one comes too late').toBe('failed');
  });

  it('§10.2.2: is taken back at the end', async () => {
    registration.start();
    register(0).answer(200);
    const stopped = registration.stop();
    expect(register(1).headers).toMatchObject({ Expires: '0', Contact: '<sip:+39021@localhost>' });
    register(1).answer(200);
    await stopped;
    expect(clock.pendingTimers()).toBe(0);
  });

  it('that never was is not taken back', async () => {
    registration.start();
    await registration.stop();
    expect(sent).toHaveLength(1);
    expect(clock.pendingTimers()).toBe(0);
  });
});
