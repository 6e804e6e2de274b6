/**
 * Kamailio between Brusio and either side. It relays nothing inside a dialog that does not come with the route it
 * recorded, so a BYE, an ACK or an INFO that took a short cut would be seen at once.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CARRIER, DIALER_ADDRESS, loopback, TARGET } from '../engine-under-test.ts';
import { audioAddress, firstOf, header, headers, type SipMessage } from '../sip-trace.ts';
import { TestBed } from '../test-bed.ts';
import { AGENT_FRAME, soundOf } from '../tone.ts';
import { workFolder } from '../work-folder.ts';
import { startBaresip } from './baresip.ts';
import { type Kamailio, startKamailio } from './kamailio.ts';
import { toneFile } from './tone-file.ts';

const PCMA = 8;
const CARRIERS_PROXY = { address: loopback(61), port: 5060 };
const DIALERS_PROXY = { address: loopback(62), port: 5060 };

describe('a carrier behind a proxy that records its route', () => {
  let bed: TestBed;
  let proxy: Kamailio;
  beforeAll(async () => {
    bed = await TestBed.open({ BRUSIO_CARRIER: `sip:${CARRIERS_PROXY.address}:${CARRIERS_PROXY.port}` });
    proxy = await startKamailio({ listen: CARRIERS_PROXY, next: CARRIER });
    return async () => {
      await proxy.close();
      await bed.close();
    };
  });
  afterAll(() => expect(proxy.story()).not.toContain('without its route'));

  it('gets ACK and BYE through the proxy, to the contact that the proxy repaired', async () => {
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-behind-nat' });
    const { carrier, outcome } = await call.ended();

    for (const request of [carrier.received('ACK'), carrier.received('BYE')].map(([one]) => one)) {
      expectThrough(CARRIERS_PROXY.address, request);
      expect(request?.startLine, 'the target').toContain(` sip:callee@${CARRIER.address}:${CARRIER.port}`);
      expect(headers(request as SipMessage, 'Route'), 'nothing is left of the route').toEqual([]);
    }
    expect(outcome).toMatchObject({ handling: 'silent', class: 'A', endCause: 'deadline' });
  });

  it('hangs up through the proxy, and both legs end', async () => {
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers-and-hangs-up' });
    const { carrier, dialer, outcome } = await call.ended();

    expect(carrier.received(200, 'BYE')).toHaveLength(1);
    expect(dialer.received('BYE')).toHaveLength(1);
    expect(outcome).toMatchObject({ class: 'A', endedBy: 'callee' });
  });

  it('is cancelled through the proxy', async () => {
    const number = bed.newNumber();
    const says = toneFile(join(workFolder('tone'), 'says.wav'), 700, 5);
    // SIPp answers an INVITE with the Vias of the CANCEL, one too few behind a proxy.
    const callee = await startBaresip({
      local: CARRIER,
      transport: 'udp',
      server: CARRIERS_PROXY,
      user: number,
      says,
      answers: false,
    });
    const dialer = bed.dialer('dialer-cancels', await bed.rtpEnd(DIALER_ADDRESS), number);
    await callee.ended();
    await dialer.finished();
    const outcome = await bed.webhooks.outcome(dialer.callIds[0] ?? '');
    await callee.close();

    expect(outcome).toMatchObject({ network: 'no-answer', class: null });
  });

  it('says it is busy through the proxy', async () => {
    const call = await bed.call({
      dialer: 'dialer-is-refused',
      carrier: 'carrier-is-busy',
      dialerKeys: { status: '486' },
    });
    const { dialer, outcome } = await call.ended();

    expect(dialer.received(486, 'INVITE')).toHaveLength(1);
    expect(outcome).toMatchObject({ network: 'busy', class: null, sip: { status: 486 } });
  });
});

describe('a dialer behind a proxy that records its route', () => {
  let bed: TestBed;
  let proxy: Kamailio;
  beforeAll(async () => {
    bed = await TestBed.open();
    proxy = await startKamailio({ listen: DIALERS_PROXY, next: TARGET });
    return async () => {
      await proxy.close();
      await bed.close();
    };
  });
  afterAll(() => expect(proxy.story()).not.toContain('without its route'));

  it('gets its BYE through the proxy', async () => {
    const number = bed.newNumber();
    const dialerRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const calleeRtp = await bed.rtpEnd(CARRIER.address);
    const carrier = await bed.carrier('carrier-answers', calleeRtp);
    const dialer = bed.dialer('dialer-waits-for-bye', dialerRtp, number, { remote: DIALERS_PROXY });
    const [trace] = await Promise.all([dialer.finished(), carrier.finished()]);
    const outcome = await bed.webhooks.outcome(dialer.callIds[0] ?? '');

    const bye = firstOf(trace.received('BYE'), 'BYE');
    expectThrough(DIALERS_PROXY.address, bye);
    expect(header(bye, 'X-Brusio-Outcome')).toBe('silent; class=A');
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
  });

  it('reports its agent by INFO through the proxy', async () => {
    const number = bed.newNumber();
    const dialerRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const calleeRtp = await bed.rtpEnd(CARRIER.address);
    const carrier = await bed.carrier('carrier-answers', calleeRtp);
    const dialer = bed.dialer('dialer-reports-agent-by-info', dialerRtp, number, { remote: DIALERS_PROXY });
    const answer = await dialer.message(
      '200 received',
      ({ status, direction }) => status === 200 && direction === 'received',
    );
    const to = audioAddress(answer);
    if (to === null) throw new Error('Brusio sent no SDP');
    dialerRtp.talk(to, AGENT_FRAME, PCMA);
    await Promise.all([dialer.finished(), carrier.finished()]);
    const outcome = await bed.webhooks.outcome(dialer.callIds[0] ?? '');

    expect(calleeRtp.packets.some(({ payload }) => soundOf(payload) === 'agent')).toBe(true);
    expect(outcome).toMatchObject({ handling: 'agent', class: 'B', agent: { source: 'sip-info' } });
  });
});

/** The proxy's Via is on top, and whoever sent it stands below. */
function expectThrough(proxyAddress: string, request: SipMessage | undefined): void {
  const vias = request === undefined ? [] : headers(request, 'Via');
  expect(vias[0], request?.startLine).toContain(`SIP/2.0/UDP ${proxyAddress}`);
  expect(vias.length - 1, 'further Vias').toBe(1);
}
