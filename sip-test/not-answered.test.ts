import { beforeAll, describe, expect, it } from 'vitest';
import { expectSame } from './pace.ts';
import { firstOf, header } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const REFUSALS = [
  {
    carrier: 'carrier-is-busy',
    refusal: '486 Busy Here',
    status: 486,
    network: 'busy',
    reason: 'Q.850;cause=17;text="User busy"',
    q850: 17,
  },
  {
    carrier: 'carrier-rejects',
    refusal: '603 Decline',
    status: 603,
    network: 'rejected',
    reason: 'Q.850;cause=21',
    q850: 21,
  },
  {
    carrier: 'carrier-is-congested',
    refusal: '503 Service Unavailable',
    status: 503,
    network: 'congestion',
    reason: null,
    q850: null,
  },
] as const;

describe('a call that nobody answers', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  for (const { carrier: scenario, refusal, status, network, reason, q850 } of REFUSALS) {
    it(`with ${refusal} reaches the dialer with that status, and is ${network}`, async () => {
      const call = await bed.call({ dialer: 'dialer-is-refused', carrier: scenario });
      const { dialer, carrier, outcome } = await call.ended();

      const final = firstOf(dialer.received(status, 'INVITE'), `${status} received`);
      expect(final.startLine).toBe(`SIP/2.0 ${refusal}`);
      expect(header(final, 'Reason')).toBe(reason);
      expect(carrier.received('ACK')).toHaveLength(1);
      expect(call.calleeRtp.packets, 'RTP to a callee who never answered').toEqual([]);
      expect(outcome).toMatchObject({
        network,
        handling: 'none',
        class: null,
        endedBy: 'network',
        endCause: 'carrier-refused',
        comfortNoise: null,
        sip: { status, reason, q850 },
        times: { answered: null, bridged: null },
        waitMs: 0,
        talkMs: 0,
      });
    });
  }

  it('and that the dialer cancels is cancelled at the carrier, and is no-answer', async () => {
    const call = await bed.call({ dialer: 'dialer-cancels', carrier: 'carrier-rings' });
    const { dialer, carrier, outcome } = await call.ended();

    const cancelled = firstOf(dialer.sent('CANCEL'), 'CANCEL sent').atMs;
    const carrierCancel = firstOf(carrier.received('CANCEL'), 'CANCEL received');
    expectSame(carrierCancel.atMs, cancelled, 'the CANCEL, and the dialer’s own');
    const invite = firstOf(carrier.received('INVITE'), 'INVITE received');
    expect(header(carrierCancel, 'Via'), 'the transaction of the INVITE (RFC 3261 §9.1)').toBe(header(invite, 'Via'));
    expect(dialer.received(487, 'INVITE').length).toBeGreaterThan(0);
    expect(call.calleeRtp.packets).toEqual([]);
    expect(outcome).toMatchObject({
      network: 'no-answer',
      handling: 'none',
      class: null,
      endedBy: 'dialer',
      endCause: 'dialer-cancelled',
      sip: { status: 487 },
    });
    expectSame(outcome.ringMs, cancelled - firstOf(carrier.sent(180), '180').atMs, 'from the 180 to the CANCEL');
  });
});
