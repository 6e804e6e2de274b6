import { beforeAll, describe, expect, it } from 'vitest';
import { byeToCarrier, byeToDialer } from './dialog-check.ts';
import { DIALER_ADDRESS, TARGET } from './engine-under-test.ts';
import { expectSame, expectWaitLimit, WAIT_LIMIT_MS } from './pace.ts';
import { rawAck, rawInvite } from './raw-invite.ts';
import { soundsOf, streamProblems } from './rtp-stream.ts';
import { SipSocket } from './sip-socket.ts';
import { firstOf } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

describe('SIGTERM in the middle of a call', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('lets that call go on to its end, answers new ones with 503, and tells the last outcome', async () => {
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers' });
    await call.calleeRtp.packet('ambience', () => true);
    const stopped = bed.brusio.stop();

    const late = await SipSocket.open(DIALER_ADDRESS, 0);
    const invite = rawInvite({ from: late.local, number: bed.newNumber() });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await late.send(TARGET, Buffer.from(invite));
    const final = await late.reply((text) => /^SIP\/2\.0 [2-6]/.test(text), 5_000);
    expect(final).toMatch(/^SIP\/2\.0 503 /);
    await late.send(TARGET, Buffer.from(rawAck(invite, final ?? '')));

    await stopped;
    await late.close();
    expect(bed.brusio.exitCode()).toBe(0);
    expect(bed.webhooks.outcomesOf(call.dialerCallId), 'told before it went').toBe(1);
    const { dialer, carrier, outcome } = await call.ended();
    const answered = firstOf(carrier.sent(200, 'INVITE'), '200 sent');
    expectSame(byeToCarrier(carrier).atMs, answered.atMs + WAIT_LIMIT_MS, 'the BYE, and the limit');
    expectWaitLimit(outcome.waitMs);
    byeToDialer(dialer);
    expect(soundsOf(call.calleeRtp.packets)).toEqual(['other']);
    expect(streamProblems(call.calleeRtp.packets)).toEqual([]);
    expect(outcome).toMatchObject({ class: 'A', endCause: 'deadline' });
  });
});
