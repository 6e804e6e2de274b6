import { beforeEach, describe, expect, it } from 'vitest';
import type { Logger } from '../base/log.ts';
import type { SipFinal } from '../call/call-facts.ts';
import type { CarrierAttempt } from '../guard/journal.ts';
import type { Carrier, CarrierRoute } from '../guard/signaling-port.ts';
import { type FakeClock, fakeClock } from '../testing/fake-clock.ts';
import { SILENT_LOG } from '../testing/fake-ports.ts';
import {
  type AttemptEvents,
  type CarrierAttempts,
  createCarrierAttempts,
  failsOver,
  retryAfterMsOf,
} from './carrier-attempts.ts';
import type { CarrierLeg, CarrierLegEvents } from './carrier-leg.ts';
import type { ServerResponse, SipRequest, SipResponse } from './drachtio-srf.ts';
import { receivedRequest } from './testing/fake-srf.ts';

/** A leg that a test speaks for. */
type FakeLeg = { readonly events: CarrierLegEvents; readonly asked: string[] };

let clock: FakeClock;
let legs: FakeLeg[];
let heard: string[];
let told: CarrierAttempt[];
let carrying: CarrierAttempt | null;
let room: string[];
let attempts: CarrierAttempts;
let logged: unknown[][];

const response = (status: number) => ({ status, body: '', get: () => undefined }) as unknown as SipResponse;
const final = (status: number): SipFinal => ({ status, phrase: '', reason: null });

function routeOver(...names: string[]): CarrierRoute {
  const waiting = [...names];
  return {
    next() {
      const name = waiting.shift();
      return name === undefined ? null : { name, uri: `sip:${name}` };
    },
    failed: ({ name }: Carrier, ms) => void room.push(`failed ${name}${ms === null ? '' : ` ${ms}`}`),
    released: ({ name }: Carrier) => void room.push(`released ${name}`),
  };
}

/** What an UPDATE of a leg's peer is answered. */
function update({ events }: FakeLeg): number[] {
  const { request, reply, answers } = receivedRequest('UPDATE');
  events.updated(request, reply);
  return answers.map(({ status }) => status);
}

/** The leg of the n-th attempt. */
const leg = (n: number): FakeLeg => legs[n] ?? expect.fail(`no attempt ${n}`);

beforeEach(() => {
  clock = fakeClock();
  legs = [];
  heard = [];
  told = [];
  carrying = null;
  room = [];
  logged = [];
  let calls = 0;
  attempts = createCarrierAttempts(
    {
      clock,
      log: { ...SILENT_LOG, info: (...parts: unknown[]) => void logged.push(parts) } as Logger,
      newCallId: () => `call-${++calls}`,
      plan: (carrier) => ({ uri: carrier.uri, headers: {}, sdp: '', noResponseMs: 4_000, digest: null }),
      newLeg: (events) => {
        const asked: string[] = [];
        legs.push({ events, asked });
        return {
          invite: (uri: string) => void asked.push(`invite ${uri}`),
          end: (reason: string) => void asked.push(`end ${reason}`),
          connectionReturned: () => undefined,
        } as unknown as CarrierLeg;
      },
      attempted: (all, one) => {
        told = [...all];
        carrying = one;
      },
    },
    {
      provisional: ({ status }: SipResponse) => void heard.push(`provisional ${status}`),
      answered: (_response: SipResponse, { status }: SipFinal) => void heard.push(`answered ${status}`),
      confirmed: () => void heard.push('confirmed'),
      refused: ({ status }: SipFinal, open: boolean) => void heard.push(`refused ${status}${open ? ' open' : ''}`),
      hungUp: () => void heard.push('hung-up'),
      updated: (_request: SipRequest, reply: ServerResponse) => {
        heard.push('updated');
        reply.send(200, undefined, {});
      },
    } as unknown as AttemptEvents,
  );
});

describe('failover', () => {
  it('tells the operator which carrier failed, how, and who is tried: not what the carrier wrote', () => {
    attempts.start(routeOver('a', 'b'));
    const reason = 'Q.850;cause=41;text="+393331234567 failed"';
    leg(0).events.refused({ status: 503, phrase: 'No +393331234567', reason }, null);
    expect(logged).toEqual([[{ carrier: 'a', next: 'b', status: 503, q850: 41 }, 'carrier failed: trying the next']]);
    leg(1).events.refused(final(486), null);
    expect(logged, 'nobody else is tried').toHaveLength(1);
  });

  it('goes to the next carrier on 503, and the call hears of the last one alone', () => {
    attempts.start(routeOver('a', 'b'));
    leg(0).events.refused(final(503), '30');
    expect(leg(1).asked).toEqual(['invite sip:b']);
    leg(1).events.refused(final(486), null);
    expect(heard).toEqual(['refused 486']);
    expect(told).toEqual([
      { carrier: 'a', callId: 'call-1', status: 503, reason: null },
      { carrier: 'b', callId: 'call-2', status: 486, reason: null },
    ]);
    expect(room).toEqual(['failed a 30000', 'released b']);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('does not happen once the callee was reached', () => {
    attempts.start(routeOver('a', 'b'));
    leg(0).events.provisional(response(183));
    leg(0).events.refused(final(503), null);
    expect(heard).toEqual(['provisional 183', 'refused 503']);
    expect(legs).toHaveLength(1);
  });

  it('does not happen after the dialer gave up', () => {
    attempts.start(routeOver('a', 'b'));
    attempts.end('x');
    leg(0).events.refused(final(503), null);
    expect(heard).toEqual(['refused 503']);
    expect(legs).toHaveLength(1);
    expect(clock.pendingTimers()).toBe(0);
  });

  it('without anybody left tells what the last one said', () => {
    attempts.start(routeOver('a'));
    leg(0).events.refused(final(500), null);
    expect(heard).toEqual(['refused 500']);
  });
});

describe('a carrier that says nothing in time', () => {
  it('is cancelled while the next is tried, whose refusal is told at once and is final only when both are over', () => {
    attempts.start(routeOver('a', 'b'));
    clock.advance(3_999);
    expect(legs).toHaveLength(1);
    clock.advance(1);
    expect(leg(0).asked.at(-1)).toMatch(/^end SIP;cause=408/);
    expect(leg(1).asked).toEqual(['invite sip:b']);
    leg(1).events.refused(final(486), null);
    expect(heard).toEqual(['refused 486 open']);
    leg(0).events.refused(final(487), null);
    expect(heard).toEqual(['refused 486 open', 'refused 486']);
    expect(carrying?.carrier).toBe('b');
  });

  it('and answers all the same has the call, and the next one is ended', () => {
    attempts.start(routeOver('a', 'b'));
    clock.advance(4_000);
    leg(1).events.provisional(response(180));
    leg(0).events.answered(response(200), final(200));
    leg(0).events.confirmed(null, response(200));
    expect(heard).toEqual(['provisional 180', 'answered 200', 'confirmed']);
    expect(leg(1).asked.at(-1)).toMatch(/^end SIP;cause=200/);
    expect(carrying).toMatchObject({ carrier: 'a', callId: 'call-1', status: 200 });
    leg(1).events.refused(final(487), null);
    expect(heard).toHaveLength(3);
    expect(carrying?.carrier).toBe('a');
  });

  it('and answers second is ended, unheard', () => {
    attempts.start(routeOver('a', 'b'));
    clock.advance(4_000);
    leg(1).events.answered(response(200), final(200));
    leg(0).events.answered(response(200), final(200));
    leg(0).events.confirmed(null, response(200));
    leg(0).events.hungUp(null);
    expect(heard).toEqual(['answered 200']);
    expect(leg(0).asked.filter((one) => one.startsWith('end'))).toHaveLength(3);
    expect(carrying?.carrier).toBe('b');
  });

  it('is heard no more: its UPDATE is 481, and changes nothing of the next one’s call (RFC 3311 §5.2)', () => {
    attempts.start(routeOver('a', 'b'));
    expect(update(leg(0))).toEqual([200]);
    clock.advance(4_000);
    expect(update(leg(0))).toEqual([481]);
    expect(update(leg(1))).toEqual([200]);
    leg(1).events.answered(response(200), final(200));
    expect(update(leg(0))).toEqual([481]);
    expect(heard).toEqual(['updated', 'updated', 'answered 200']);
  });

  it('may take its time when there is nobody else', () => {
    attempts.start(routeOver('a'));
    clock.advance(60_000);
    expect(leg(0).asked).toEqual(['invite sip:a']);
    leg(0).events.answered(response(200), final(200));
    expect(heard).toEqual(['answered 200']);
  });

  it('is not heard ringing any more', () => {
    attempts.start(routeOver('a', 'b'));
    clock.advance(4_000);
    leg(0).events.provisional(response(180));
    expect(heard).toEqual([]);
  });
});

describe('what fails over', () => {
  it.each([
    [302, true],
    [401, true],
    [407, true],
    [408, true],
    [500, true],
    [503, true],
    [599, true],
    [403, false],
    [404, false],
    [480, false],
    [486, false],
    [487, false],
    [600, false],
    [603, false],
  ])('%i: %s', (status, expected) => {
    expect(failsOver(status)).toBe(expected);
  });

  it('RFC 3261 §20.33: Retry-After has seconds first', () => {
    expect(retryAfterMsOf('120 (in a meeting);duration=60')).toBe(120_000);
    expect(retryAfterMsOf('soon')).toBeNull();
    expect(retryAfterMsOf(null)).toBeNull();
  });
});
