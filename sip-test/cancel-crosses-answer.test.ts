import { beforeAll, describe, expect, it } from 'vitest';
import { byeToCarrier } from './dialog-check.ts';
import { expectSame } from './pace.ts';
import { firstOf } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

describe('a 200 that crosses the CANCEL (RFC 3261 §9.1)', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('is an answered call: the carrier has ACK and BYE, the dialer 487, the outcome class A', async () => {
    const call = await bed.call({ dialer: 'dialer-cancels', carrier: 'carrier-answers-upon-cancel' });
    const { dialer, carrier, outcome } = await call.ended();

    const answered = firstOf(carrier.sent(200, 'INVITE'), '200 sent');
    const ack = firstOf(carrier.received('ACK'), 'ACK received');
    const bye = byeToCarrier(carrier);
    expect(carrier.messages.indexOf(ack)).toBeLessThan(carrier.messages.indexOf(bye));
    expectSame(bye.atMs, answered.atMs, 'the 200, and the BYE that waits for no limit');
    expect(dialer.received(487, 'INVITE').length).toBeGreaterThan(0);
    expect(dialer.received(200, 'INVITE'), 'answers at the dialer').toEqual([]);
    expect(outcome).toMatchObject({
      network: 'answered',
      handling: 'silent',
      class: 'A',
      endedBy: 'dialer',
      endCause: 'dialer-cancelled',
      sip: { status: 200 },
    });
    expect(outcome.times.answered).not.toBeNull();
    expect(bed.webhooks.outcomesOf(call.dialerCallId)).toBe(1);
  });
});
