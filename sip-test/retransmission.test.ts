import { beforeAll, describe, expect, it } from 'vitest';
import { byeToCarrier, byeToDialer } from './dialog-check.ts';
import { soundsOf, streamProblems } from './rtp-stream.ts';
import { cseqNumber, firstOf, header } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

describe('a repeated 200', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('is sent to a dialer whose ACK is late (RFC 3261 §13.3.1.4), and changes nothing else', async () => {
    const call = await bed.call({ dialer: 'dialer-acknowledges-late', carrier: 'carrier-answers' });
    const { dialer, carrier, outcome } = await call.ended();

    const answers = dialer.received(200, 'INVITE');
    expect(answers.length, 'the first and those of the next 1.2 s').toBeGreaterThanOrEqual(2);
    expect(new Set(answers.map((one) => header(one, 'To'))).size, 'one dialog').toBe(1);
    const lastAnswer = answers[answers.length - 1];
    const ack = firstOf(dialer.sent('ACK'), 'ACK sent');
    expect(lastAnswer?.atMs, 'no 200 after the ACK').toBeLessThan(ack.atMs + 100);
    // The carrier never waited for the dialer.
    const answered = firstOf(carrier.sent(200, 'INVITE'), '200 sent');
    expect(firstOf(carrier.received('ACK'), 'ACK received').atMs - answered.atMs).toBeLessThan(100);
    expect(Math.abs(byeToDialer(dialer).atMs - answered.atMs - 3_000)).toBeLessThan(150);
    expect(soundsOf(call.calleeRtp.packets)).toEqual(['other']);
    expect(streamProblems(call.calleeRtp.packets)).toEqual([]);
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
  });

  it('goes on until an ACK after the limit, and only then the dialer has its BYE (RFC 3261 §15)', async () => {
    const call = await bed.call({ dialer: 'dialer-acknowledges-after-the-limit', carrier: 'carrier-answers' });
    const { dialer, carrier, outcome } = await call.ended();

    const answered = firstOf(carrier.sent(200, 'INVITE'), '200 sent');
    expect(Math.abs(byeToCarrier(carrier).atMs - answered.atMs - 3_000), 'the callee waits no longer').toBeLessThan(
      150,
    );
    const ack = firstOf(dialer.sent('ACK'), 'ACK sent');
    const bye = byeToDialer(dialer);
    expect(bye.atMs, 'BYE after the ACK').toBeGreaterThan(ack.atMs);
    expect(bye.atMs - ack.atMs).toBeLessThan(150);
    expect(header(bye, 'X-Brusio-Outcome')).toBe('silent; class=A');
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
    expect(Math.abs(outcome.waitMs - 3_000)).toBeLessThan(150);
  });

  it('from a carrier that missed the ACK has another ACK (RFC 3261 §13.2.2.4), and no second ambience', async () => {
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers-twice' });
    const { dialer, carrier, outcome } = await call.ended();

    const [first, second] = carrier.received('ACK');
    expect(second, 'a second ACK').toBeDefined();
    if (first === undefined || second === undefined) return;
    expect(cseqNumber(second)).toBe(cseqNumber(first));
    expect(header(second, 'To')).toBe(header(first, 'To'));
    byeToCarrier(carrier);
    expect(dialer.received(200, 'INVITE'), 'the dialer sees one answer').toHaveLength(1);
    expect(streamProblems(call.calleeRtp.packets)).toEqual([]);
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
    expect(bed.webhooks.outcomesOf(call.dialerCallId)).toBe(1);
  });
});
