import { beforeAll, describe, expect, it } from 'vitest';
import { CARRIER, DIALER_ADDRESS, loopback } from './engine-under-test.ts';
import { peersPerTest } from './peers-per-test.ts';
import { firstOf, header } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

/** A FreeSWITCH that is believed. */
const FREESWITCH = loopback(33);

/** What its INVITEs say, and its display updates. */
const SUPPORTS = 'X-FS-Support: update_display,send_info';
const UPDATE = 'Content-Type: message/update_display';
const display = (number: string, name: string) => [`X-FS-Display-Name: ${name}`, `X-FS-Display-Number: ${number}`];

describe('a display update of a FreeSWITCH', () => {
  let bed: TestBed;
  const { open } = peersPerTest();
  beforeAll(async () => {
    const freeswitch = { name: 'freeswitch', sources: [FREESWITCH], agentFromDisplay: true };
    bed = await TestBed.open({}, { dialers: { sources: [DIALER_ADDRESS], named: [freeswitch] } });
    return () => bed.close();
  });

  /** A call that was answered. */
  const answered = async (address: string, headers: readonly string[]) => {
    const carrier = await open(CARRIER, (request, peer) => {
      if (request.method === 'INVITE') peer.answer(request);
    });
    const number = bed.newNumber();
    const dialer = await open({ address, port: 0 });
    const call = dialer.invite({ number, headers });
    const rang = await call.provisional(180);
    return { number, carrier, call, rang, answer: await call.final() };
  };
  const stateOf = async (callId: string) => (await bed.brusio.api.call(callId)).body;

  it('is asked for, shows the agent by INFO, and never the callee, and does not reach the carrier', async () => {
    const { number, carrier, call, rang, answer } = await answered(FREESWITCH, [SUPPORTS]);
    for (const told of [rang, answer]) expect(header(told, 'X-FS-Support')).toBe('update_display');
    expect(header(firstOf(carrier.requests('INVITE'), 'INVITE'), 'X-FS-Support')).toBeNull();

    const own = await call.request('INFO', answer, [UPDATE, ...display(number.slice(1), 'Mario')]);
    expect(own.status).toBe(200);
    expect(await stateOf(call.callId), 'the callee is shown').toMatchObject({ state: 'waiting' });
    const agent = await call.request('INFO', answer, [UPDATE, ...display('1001', 'Anna Rossi')]);
    expect(agent.status).toBe(200);
    expect(await stateOf(call.callId)).toMatchObject({ state: 'bridged' });
    await call.bye(answer);

    expect(await bed.webhooks.outcome(call.callId)).toMatchObject({
      ...{ handling: 'agent', class: 'B' },
      agent: { id: '1001', name: 'Anna Rossi', extension: '1001', source: 'sip-display' },
    });
    expect(carrier.requests('INFO')).toEqual([]);
  });

  it('by UPDATE is read as well, and what comes before the answer is not', async () => {
    const carrier = await open(CARRIER, (request, peer) => {
      if (request.method === 'INVITE') peer.reply(request, 180, 'Ringing');
    });
    const dialer = await open({ address: FREESWITCH, port: 0 });
    const call = dialer.invite({ number: bed.newNumber(), headers: [SUPPORTS] });
    const rang = await call.provisional(180);
    // A real drachtio-server refuses it by itself.
    await call.request('INFO', rang, [UPDATE, ...display('1001', 'Anna')]);
    const invite = firstOf(carrier.requests('INVITE'), 'INVITE');
    carrier.reply(invite, 200, 'OK', { rtp: { address: CARRIER.address, port: 9 } });
    const answer = await call.final();
    expect(await stateOf(call.callId), 'the agent’s telephone only rang').toMatchObject({ state: 'waiting' });

    expect((await call.request('UPDATE', answer, display('1002', 'Outbound Call'))).status).toBe(200);
    expect(await stateOf(call.callId)).toMatchObject({ state: 'bridged' });
    await call.bye(answer);
    expect(await bed.webhooks.outcome(call.callId)).toMatchObject({
      agent: { id: '1002', name: null, source: 'sip-display' },
    });
    expect(carrier.requests('UPDATE')).toEqual([]);
  });

  it('is neither asked for nor believed where the dialer’s setting does not say so, and goes nowhere', async () => {
    const { carrier, call, rang, answer } = await answered(DIALER_ADDRESS, [SUPPORTS]);
    for (const told of [rang, answer]) expect(header(told, 'X-FS-Support')).toBeNull();
    expect((await call.request('INFO', answer, [UPDATE, ...display('1001', 'Anna')])).status).toBe(200);
    expect(await stateOf(call.callId)).toMatchObject({ state: 'waiting' });
    await bed.brusio.api.agentConnected(call.callId, '1001');
    expect((await call.request('INFO', answer, [UPDATE, ...display('1001', 'Anna')])).status).toBe(200);
    await call.bye(answer);
    expect(await bed.webhooks.outcome(call.callId)).toMatchObject({ agent: { source: 'http' } });
    expect(carrier.requests('INFO')).toEqual([]);
  });
});
