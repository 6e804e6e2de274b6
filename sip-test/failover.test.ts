import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { DIALER_ADDRESS, loopback } from './engine-under-test.ts';
import { expectSame } from './pace.ts';
import { peersPerTest } from './peers-per-test.ts';
import type { PeerBehaviour, PeerCall } from './sip-peer.ts';
import { header } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const FIRST = { address: loopback(41), port: 5060 };
const SECOND = { address: loopback(42), port: 5060 };
/** Nothing is ever bound there: the kernel answers with ICMP. */
const NOBODY = { address: loopback(43), port: 5060 };

/** Until a carrier that says nothing is given up. */
const NO_RESPONSE_MS = 1_000;

/** Long enough for two calls, however slow the machine is. */
const PAUSE_S = 4;

/** A call in ten seconds: no test takes so long that the next one would be due. */
const SLOW_PER_SECOND = 0.1;

const uri = ({ address, port }: typeof FIRST) => `sip:${address}:${port}`;

const SETTINGS = {
  carriers: [
    { name: 'first', uri: uri(FIRST), priority: 1, campaigns: ['pair', 'alone'], noResponseMs: NO_RESPONSE_MS },
    { name: 'second', uri: uri(SECOND), priority: 2, campaigns: ['pair', 'unreachable', 'refusing', 'limited', 'few'] },
    { name: 'nobody', uri: uri(NOBODY), priority: 1, campaigns: ['unreachable'] },
    { name: 'refusing', uri: `${uri(NOBODY)};transport=tcp`, priority: 1, campaigns: ['refusing'] },
    { name: 'pausing', uri: uri(FIRST), priority: 1, campaigns: ['pause'] },
    { name: 'patient', uri: uri(SECOND), priority: 2, campaigns: ['pause'] },
    { name: 'slow', uri: uri(FIRST), priority: 1, campaigns: ['limited', 'slow'], callsPerSecondMax: SLOW_PER_SECOND },
    { name: 'narrow', uri: uri(FIRST), priority: 1, campaigns: ['few', 'narrow'], callsMax: 1 },
  ],
};

const refuses =
  (status: number, phrase: string, headers: readonly string[] = []): PeerBehaviour =>
  (request, peer) => {
    if (request.method === 'INVITE') peer.reply(request, status, phrase, { headers });
  };

const answers: PeerBehaviour = (request, peer) => {
  if (request.method === 'INVITE') peer.answer(request);
};

describe('a call that a carrier does not take', () => {
  let bed: TestBed;
  const { open } = peersPerTest();
  beforeAll(async () => {
    bed = await TestBed.open({}, SETTINGS);
    return () => bed.close();
  });

  /** A call of a campaign from a dialer of its own. */
  const call = async (campaign: string): Promise<PeerCall> => {
    const dialer = await open({ address: DIALER_ADDRESS, port: 0 });
    return dialer.invite({ number: bed.newNumber(), headers: [`X-Brusio-Campaign: ${campaign}`] });
  };

  /** The dialer hears the answer, and hangs up: a call that the second carrier carried. */
  const carriedBy = async (placed: PeerCall, carrier: string) => {
    const answer = await placed.final();
    expect(answer.startLine).toBe('SIP/2.0 200 OK');
    await placed.bye(answer);
    const outcome = await bed.webhooks.outcome(placed.callId);
    expect(outcome).toMatchObject({ network: 'answered', class: 'A', sip: { carrier, status: 200 } });
    return outcome;
  };

  it('with 503 is carried by the next one, under a new Call-ID', async () => {
    const first = await open(FIRST, refuses(503, 'Service Unavailable'));
    const second = await open(SECOND, answers);
    const outcome = await carriedBy(await call('pair'), 'second');

    expect(outcome.sip.attempts).toEqual([
      { carrier: 'first', status: 503 },
      { carrier: 'second', status: 200 },
    ]);
    const [to1, to2] = [first.requests('INVITE'), second.requests('INVITE')];
    expect([to1.length, to2.length]).toEqual([1, 1]);
    expect(header(to1[0] ?? expect.fail(), 'Call-ID')).not.toBe(outcome.sip.carrierCallId);
    expect(header(to2[0] ?? expect.fail(), 'Call-ID')).toBe(outcome.sip.carrierCallId);
  });

  it('for a reason of the callee’s is told, and nobody else is asked', async () => {
    await open(FIRST, refuses(486, 'Busy Here', ['Reason: Q.850;cause=17']));
    const second = await open(SECOND, answers);
    const placed = await call('pair');
    expect((await placed.final()).startLine).toBe('SIP/2.0 486 Busy Here');
    expect((await bed.webhooks.outcome(placed.callId)).sip).toMatchObject({ carrier: 'first', status: 486 });
    expect(second.messages).toEqual([]);
  });

  it('after it rang there is told, and nobody else is asked', async () => {
    await open(FIRST, (request, peer) => {
      if (request.method !== 'INVITE') return;
      peer.reply(request, 180, 'Ringing');
      peer.reply(request, 503, 'Service Unavailable');
    });
    const second = await open(SECOND, answers);
    const placed = await call('pair');
    expect((await placed.final()).startLine).toBe('SIP/2.0 503 Service Unavailable');
    expect((await bed.webhooks.outcome(placed.callId)).sip.attempts).toEqual([{ carrier: 'first', status: 503 }]);
    expect(second.messages).toEqual([]);
  });

  it('because nobody listens there (ICMP) is carried by the next one', async () => {
    await open(SECOND, answers);
    const outcome = await carriedBy(await call('unreachable'), 'second');
    expect(outcome.sip.attempts).toEqual([
      { carrier: 'nobody', status: 503 },
      { carrier: 'second', status: 200 },
    ]);
  });

  it('because it refuses the TCP connection is carried by the next one', async () => {
    await open(SECOND, answers);
    const outcome = await carriedBy(await call('refusing'), 'second');
    expect(outcome.sip.attempts).toEqual([
      { carrier: 'refusing', status: 503 },
      { carrier: 'second', status: 200 },
    ]);
  });

  it('and says nothing of it is cancelled, and carried by the next one', async () => {
    const first = await open(FIRST, (request, peer) => {
      if (request.method === 'INVITE') peer.reply(request, 100, 'Trying');
      if (request.method === 'CANCEL')
        peer.reply(first.requests('INVITE')[0] ?? expect.fail('no INVITE'), 487, 'Request Terminated');
    });
    const second = await open(SECOND, answers);
    const placed = await call('pair');
    const cancel = await first.message('CANCEL', ({ method }) => method === 'CANCEL');
    expect(header(cancel, 'Reason')).toContain('SIP;cause=408');
    const waitedMs = cancel.atMs - (first.requests('INVITE')[0] ?? expect.fail()).atMs;
    expectSame(waitedMs, NO_RESPONSE_MS, 'from INVITE to CANCEL');
    const outcome = await carriedBy(placed, 'second');
    expect(outcome.sip.attempts).toEqual([
      { carrier: 'first', status: 487 },
      { carrier: 'second', status: 200 },
    ]);
    expect(second.requests('INVITE')).toHaveLength(1);
  });

  it('in time but answers all the same has the call, and the next one is cancelled', async () => {
    const first = await open(FIRST, (request, peer) => {
      if (request.method === 'INVITE') peer.reply(request, 100, 'Trying');
      // The 200 was on its way.
      if (request.method === 'CANCEL') peer.answer(first.requests('INVITE')[0] ?? expect.fail('no INVITE'));
    });
    const second = await open(SECOND, (request, peer) => {
      if (request.method === 'INVITE') peer.reply(request, 180, 'Ringing');
      if (request.method === 'CANCEL')
        peer.reply(second.requests('INVITE')[0] ?? expect.fail('no INVITE'), 487, 'Request Terminated');
    });
    const outcome = await carriedBy(await call('pair'), 'first');
    expect(outcome.sip.attempts[0]).toEqual({ carrier: 'first', status: 200 });
    expect(header(await second.message('CANCEL', ({ method }) => method === 'CANCEL'), 'Reason')).toContain(
      'completed elsewhere',
    );
    expect(first.requests('ACK')).toHaveLength(1);
    expect(first.requests('BYE')).toHaveLength(1);
  });

  it('in time and answers after the next one did is ended at once, with ACK and BYE', async () => {
    const first = await open(FIRST, (request, peer) => {
      if (request.method === 'INVITE') peer.reply(request, 100, 'Trying');
    });
    await open(SECOND, answers);
    const placed = await call('pair');
    const answer = await placed.final();
    first.answer(first.requests('INVITE')[0] ?? expect.fail('no INVITE'));
    await first.message('ACK', ({ method }) => method === 'ACK');
    await first.message('BYE', ({ method }) => method === 'BYE');
    await placed.bye(answer);
    expect(await bed.webhooks.outcome(placed.callId)).toMatchObject({ class: 'A', sip: { carrier: 'second' } });
  });

  it('and sends elsewhere (302) is not sent there: 480, with the 302 in Reason', async () => {
    const elsewhere = await open(SECOND, answers);
    await open(FIRST, refuses(302, 'Moved Temporarily', [`Contact: <${uri(SECOND)}>`]));
    const placed = await call('alone');
    const final = await placed.final();
    expect(final.startLine).toBe('SIP/2.0 480 Temporarily Unavailable');
    expect(header(final, 'Reason')).toBe('SIP;cause=302;text="Moved Temporarily"');
    expect(header(final, 'Contact')).toBeNull();
    expect((await bed.webhooks.outcome(placed.callId)).sip.status).toBe(302);
    expect(elsewhere.messages).toEqual([]);
  });

  it('with 503 and Retry-After leaves that carrier alone for so long', async () => {
    const first = await open(FIRST, refuses(503, 'Service Unavailable', [`Retry-After: ${PAUSE_S}`]));
    await open(SECOND, answers);
    await carriedBy(await call('pause'), 'patient');
    const pausedAtMs = Date.now();
    expect((await carriedBy(await call('pause'), 'patient')).sip.attempts).toHaveLength(1);
    expect(first.requests('INVITE')).toHaveLength(1);
    await sleep(pausedAtMs + PAUSE_S * 1_000 - Date.now());
    expect((await carriedBy(await call('pause'), 'patient')).sip.attempts).toHaveLength(2);
    expect(first.requests('INVITE')).toHaveLength(2);
  });

  it('for more calls a second than it takes goes to the next one, and without one to nobody: 503 with Retry-After', async () => {
    await open(FIRST, answers);
    await open(SECOND, answers);
    await carriedBy(await call('limited'), 'slow');
    await carriedBy(await call('limited'), 'second');
    const refused = await (await call('slow')).final();
    expect(refused.startLine).toBe('SIP/2.0 503 Service Unavailable');
    expect(Number(header(refused, 'Retry-After')) * SLOW_PER_SECOND, 'until the next may come').toBeCloseTo(1, 0);
    expect(header(refused, 'X-Brusio-Decision')).toContain('carriers');
  });

  it('for more calls at once than it takes goes to the next one, until one of them is over', async () => {
    await open(FIRST, answers);
    await open(SECOND, answers);
    const live = await call('few');
    const answer = await live.final();
    await carriedBy(await call('few'), 'second');
    expect(header(await (await call('narrow')).final(), 'Retry-After')).toBe('1');
    await live.bye(answer);
    await bed.webhooks.outcome(live.callId);
    await carriedBy(await call('few'), 'narrow');
  });

  it('and that the dialer gives up meanwhile goes to nobody else', async () => {
    const first = await open(FIRST, (request, peer) => {
      if (request.method === 'INVITE') peer.reply(request, 100, 'Trying');
      if (request.method === 'CANCEL')
        peer.reply(first.requests('INVITE')[0] ?? expect.fail('no INVITE'), 503, 'Service Unavailable');
    });
    const second = await open(SECOND, answers);
    const placed = await call('pair');
    await first.message('INVITE', ({ method }) => method === 'INVITE');
    placed.cancel();
    expect((await placed.final()).startLine).toMatch(/^SIP\/2\.0 487 /);
    expect((await bed.webhooks.outcome(placed.callId)).sip.attempts).toEqual([{ carrier: 'first', status: 503 }]);
    expect(second.messages).toEqual([]);
  });
});
