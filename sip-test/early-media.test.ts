import { beforeAll, describe, expect, it } from 'vitest';
import { expectSame, STAMP_LATE_MS_MAX } from './pace.ts';
import { between, soundsOf, streamProblems } from './rtp-stream.ts';
import { audioAddress, firstOf } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';
import { CALLEE_FRAME } from './tone.ts';

describe('early media (183 with SDP, then 200)', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('is heard by the dialer, and the callee hears ambience from the answer only', async () => {
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-sends-early-media' });
    const invite = await call.carrier.message('INVITE received', ({ method }) => method === 'INVITE');
    const carrierSide = audioAddress(invite);
    if (carrierSide === null) throw new Error('Brusio’s INVITE has no SDP');
    await call.carrier.message('183 sent', ({ status }) => status === 183);
    call.calleeRtp.talk(carrierSide, CALLEE_FRAME, 8);
    const { dialer, carrier, outcome } = await call.ended();

    const progressAtMs = firstOf(carrier.sent(183), '183 sent').atMs;
    const answeredAtMs = firstOf(carrier.sent(200, 'INVITE'), '200 sent').atMs;
    const progress = firstOf(dialer.received(183), '183 received');
    const answer = firstOf(dialer.received(200, 'INVITE'), '200 received');
    expect(audioAddress(progress), 'one media address for the dialer').toEqual(audioAddress(answer));

    const heard = call.dialerRtp.packets;
    expect(soundsOf(heard)).toEqual(['callee']);
    expect(between(heard, 0, answeredAtMs).length, 'packets heard before the answer').toBeGreaterThan(10);
    expect(streamProblems(heard)).toEqual([]);

    const { packets } = call.calleeRtp;
    expect(between(packets, 0, answeredAtMs - STAMP_LATE_MS_MAX), 'RTP to the callee before the answer').toEqual([]);
    expect(soundsOf(packets)).toEqual(['other']);
    expect(streamProblems(packets)).toEqual([]);
    expect(outcome).toMatchObject({ handling: 'silent', class: 'A', endCause: 'deadline' });
    expectSame(outcome.ringMs, answeredAtMs - progressAtMs, 'from the 183 to the answer');
  });
});
