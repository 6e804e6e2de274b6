import { beforeAll, describe, expect, it } from 'vitest';
import { byeToCarrier, byeToDialer } from './dialog-check.ts';
import { expectSame } from './pace.ts';
import { soundsOf, streamProblems } from './rtp-stream.ts';
import { firstOf, header } from './sip-trace.ts';
import { expectAmbienceEnded, TestBed } from './test-bed.ts';

describe('a waiting call', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('that the callee ends after one second is class A, and the dialer gets a BYE', async () => {
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers-and-hangs-up' });
    const { dialer, carrier, outcome } = await call.ended();

    const hungUpAtMs = firstOf(carrier.sent('BYE'), 'BYE sent').atMs;
    expect(carrier.received(200, 'BYE')).toHaveLength(1);
    const bye = byeToDialer(dialer);
    expectSame(bye.atMs, hungUpAtMs, 'the BYE, and the callee’s own');
    expect(header(bye, 'X-Brusio-Outcome')).toBe('silent; class=A');
    expect(header(bye, 'Reason'), 'the callee’s own reason').toMatch(/^Q\.850;\s*cause=16/);
    const { packets } = call.calleeRtp;
    expect(soundsOf(packets)).toEqual(['other']);
    expect(streamProblems(packets)).toEqual([]);
    await expectAmbienceEnded(call, outcome);
    expect(outcome).toMatchObject({
      network: 'answered',
      handling: 'silent',
      class: 'A',
      endedBy: 'callee',
      endCause: 'callee-hung-up',
    });
    const answeredAtMs = firstOf(carrier.sent(200, 'INVITE'), '200').atMs;
    expectSame(outcome.waitMs, hungUpAtMs - answeredAtMs, 'from the answer to the BYE');
  });

  it('that the dialer ends is class A, and the carrier gets a BYE', async () => {
    const call = await bed.call({ dialer: 'dialer-hangs-up', carrier: 'carrier-answers' });
    const { dialer, carrier, outcome } = await call.ended();

    const hungUpAtMs = firstOf(dialer.sent('BYE'), 'BYE sent').atMs;
    expectSame(byeToCarrier(carrier).atMs, hungUpAtMs, 'the BYE, and the dialer’s own');
    const { packets } = call.calleeRtp;
    expect(soundsOf(packets)).toEqual(['other']);
    await expectAmbienceEnded(call, outcome);
    expect(outcome).toMatchObject({
      network: 'answered',
      answeredBy: 'not-classified',
      handling: 'silent',
      class: 'A',
      endedBy: 'dialer',
      endCause: 'dialer-hung-up',
    });
  });

  it('that the dialer ends because a machine answered is class B', async () => {
    const call = await bed.call({
      dialer: 'dialer-hangs-up',
      carrier: 'carrier-answers',
      byeHeaders: ['X-Brusio-Disposition: machine;method=amd'],
    });
    const { carrier, outcome } = await call.ended();

    expect(header(byeToCarrier(carrier), 'X-Brusio-Disposition'), 'none of the carrier’s business').toBeNull();
    expect(outcome).toMatchObject({
      network: 'answered',
      answeredBy: 'machine',
      answeredByMethod: 'amd',
      handling: 'machine-dropped',
      class: 'B',
      endedBy: 'dialer',
    });
  });
});
