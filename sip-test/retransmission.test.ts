import { beforeAll, describe, expect, it } from 'vitest';
import { byeToCarrier, byeToDialer } from './dialog-check.ts';
import { expectSame, expectWaitLimit, LATE_MS_MAX, WAIT_LIMIT_MS } from './pace.ts';
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

    const answers = dialer.receivedCopies(200, 'INVITE');
    expect(answers.length, 'the first and that of 0.5 s').toBeGreaterThanOrEqual(2);
    expect(new Set(answers.map((one) => header(one, 'To'))).size, 'one dialog').toBe(1);
    const lastAnswer = answers[answers.length - 1];
    const ack = firstOf(dialer.sent('ACK'), 'ACK sent');
    // The next one would come at 1.5 s, half a second after the ACK.
    expect(lastAnswer?.atMs, 'no 200 after the ACK').toBeLessThan(ack.atMs + LATE_MS_MAX);
    // The carrier never waited for the dialer.
    const answered = firstOf(carrier.sent(200, 'INVITE'), '200 sent');
    const carriersAck = firstOf(carrier.received('ACK'), 'ACK received');
    expectSame(carriersAck.atMs, answered.atMs, 'the carrier’s ACK, and its 200');
    expectSame(byeToDialer(dialer).atMs, answered.atMs + WAIT_LIMIT_MS, 'the BYE, and the limit');
    expectWaitLimit(outcome.waitMs);
    expect(soundsOf(call.calleeRtp.packets)).toEqual(['other']);
    expect(streamProblems(call.calleeRtp.packets)).toEqual([]);
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
  });

  it('goes on until an ACK after the limit, and only then the dialer has its BYE (RFC 3261 §15)', async () => {
    const call = await bed.call({ dialer: 'dialer-acknowledges-after-the-limit', carrier: 'carrier-answers' });
    const { dialer, carrier, outcome } = await call.ended();

    const answered = firstOf(carrier.sent(200, 'INVITE'), '200 sent');
    expectSame(byeToCarrier(carrier).atMs, answered.atMs + WAIT_LIMIT_MS, 'the callee’s BYE, and the limit');
    const ack = firstOf(dialer.sent('ACK'), 'ACK sent');
    const bye = byeToDialer(dialer);
    expect(bye.atMs, 'BYE after the ACK').toBeGreaterThan(ack.atMs);
    expectSame(bye.atMs, ack.atMs, 'the BYE, and the ACK');
    expect(header(bye, 'X-Brusio-Outcome')).toBe('silent; class=A');
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
    expectWaitLimit(outcome.waitMs);
  });

  it('from a carrier that missed the ACK has another ACK (RFC 3261 §13.2.2.4), and no second ambience', async () => {
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers-twice' });
    const { dialer, carrier, outcome } = await call.ended();

    const [first, second] = carrier.receivedCopies('ACK');
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
