import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { metricSum } from './brusio-api.ts';
import { byeToCarrier } from './dialog-check.ts';
import { DIALER_ADDRESS } from './engine-under-test.ts';
import { expectSame, LATE_MS_MAX, STAMP_LATE_MS_MAX, WAIT_LIMIT_MS } from './pace.ts';
import { between, lengthMs, soundsOf, streamProblems } from './rtp-stream.ts';
import { audioAddress, firstOf } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';
import { AGENT_FRAME, CALLEE_FRAME, soundOf } from './tone.ts';

const PCMA = 8;

describe('a dialer whose teardown is only observed', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open(
      {},
      { dialers: { sources: [], named: [{ name: 'new-dialer', sources: [DIALER_ADDRESS], teardown: 'observe' }] } },
    );
    return () => bed.close();
  });

  it('keeps a call whose wait ended without an agent: one stream past 3 s, no BYE of Brusio’s, and class A', async () => {
    const call = await bed.call({ dialer: 'dialer-talks-long-and-hangs-up', carrier: 'carrier-answers' });
    const [answer, invite] = await Promise.all([
      call.dialer.message('200 received', ({ status, direction }) => status === 200 && direction === 'received'),
      call.carrier.message('INVITE received', ({ method }) => method === 'INVITE'),
    ]);
    const [toDialerSide, toCarrierSide] = [audioAddress(answer), audioAddress(invite)];
    if (toDialerSide === null || toCarrierSide === null) throw new Error('Brusio sent no SDP');
    call.calleeRtp.talk(toCarrierSide, CALLEE_FRAME, PCMA);

    // Nobody told Brusio, and yet an agent speaks, somewhat after the wait.
    const heard = await call.calleeRtp.packet('ambience', () => true);
    await sleep(heard.atMs + WAIT_LIMIT_MS + 2 * LATE_MS_MAX - Date.now());
    expect((await bed.brusio.api.call(call.dialerCallId)).body).toMatchObject({ state: 'overdue', agent: null });
    call.dialerRtp.talk(toDialerSide, AGENT_FRAME, PCMA);
    await sleep(1_000);
    const toldAtMs = Date.now();
    const told = await bed.brusio.api.agentConnected(call.dialerCallId, '1001');
    expect(told.body).toMatchObject({ state: 'bridged' });
    const { dialer, carrier, outcome } = await call.ended();

    const answeredAtMs = firstOf(carrier.sent(200, 'INVITE'), '200').atMs;
    const hungUp = firstOf(dialer.sent('BYE'), 'BYE sent');
    expect(dialer.received('BYE'), 'a BYE to the dialer').toEqual([]);
    expect(carrier.received('BYE'), 'the BYE to the callee').toEqual([byeToCarrier(carrier)]);
    expect(byeToCarrier(carrier).atMs, 'after the dialer’s own').toBeGreaterThan(hungUp.atMs - STAMP_LATE_MS_MAX);

    const { packets } = call.calleeRtp;
    expect(streamProblems(packets)).toEqual([]);
    expectSame(lengthMs(packets), outcome.waitMs + outcome.talkMs, 'the stream to the callee, and the call');
    const around = between(packets, answeredAtMs, answeredAtMs + WAIT_LIMIT_MS + LATE_MS_MAX);
    expect(soundsOf(around), 'ambience goes on while nobody speaks').toEqual(['other']);
    const firstWord = packets.findIndex(({ payload }) => soundOf(payload) === 'agent');
    expect(packets[firstWord]?.atMs ?? 0, 'the agent is heard before Brusio is told').toBeLessThan(toldAtMs);
    expect(soundsOf(call.dialerRtp.packets), 'the dialer hears the callee').toEqual(['callee']);
    expect(streamProblems(call.dialerRtp.packets)).toEqual([]);

    expect(outcome).toMatchObject({
      dialer: 'new-dialer',
      handling: 'agent',
      class: 'A',
      endedBy: 'dialer',
      endCause: 'dialer-hung-up',
      teardown: { mode: 'observe' },
      agent: { id: '1001', source: 'http' },
    });
    expect(outcome.waitMs, 'the wait as it was').toBeGreaterThan(WAIT_LIMIT_MS + 1_000);
    const dueAfterMs = Date.parse(outcome.teardown?.dueAt ?? '') - Date.parse(outcome.times.answered ?? '');
    expect(Math.round(dueAfterMs / 10) * 10, 'from the answer to when it was due').toBe(WAIT_LIMIT_MS);
    expect(metricSum(await bed.brusio.api.metrics(), /^brusio_teardowns_total\{mode="observe"\}/)).toBe(1);
    expect(bed.brusio.output()).toContain('the teardown is only observed');
  });
});
