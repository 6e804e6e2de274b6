import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { byeToCarrier, byeToDialer } from './dialog-check.ts';
import { CARRIER, DIALER_ADDRESS } from './engine-under-test.ts';
import { header } from './sip-trace.ts';
import { TestBed } from './test-bed.ts';

const WAITING = 50;
const BRIDGED = 20;

/** A second delivery of any outcome would be here by then. */
const SETTLED_AFTER_MS = 1_500;

describe('a crash (SIGKILL) in the middle of calls, and a new start', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('while telephones ring leaves no call without an outcome', async () => {
    const carrier = await bed.carrier('carrier-rings', await bed.rtpEnd(CARRIER.address));
    const dialer = bed.dialer('dialer-cancels', await bed.rtpEnd(DIALER_ADDRESS), bed.newNumber());
    const [callId = ''] = dialer.callIds;
    await dialer.message('180', ({ status }) => status === 180);
    await bed.committed();
    await bed.brusio.crash();
    dialer.kill();
    carrier.kill();
    await bed.brusio.start();
    expect(await bed.webhooks.outcome(callId)).toMatchObject({
      network: 'unknown',
      handling: 'none',
      class: null,
      endedBy: 'guard',
      endCause: 'guard-restarted',
      sip: { carrier: 'primary', status: null, attempts: [{ carrier: 'primary', status: null }] },
      times: { answered: null },
    });
    bed.webhooks.deliveries.length = 0;
  });

  it('gives every call exactly one outcome, the bridged ones not silent, and every leg its BYE', async () => {
    const done = await bed.call({
      dialer: 'dialer-is-refused',
      carrier: 'carrier-is-busy',
    });
    await done.ended();

    const dialerRtp = await bed.rtpEnd(DIALER_ADDRESS);
    const calleeRtp = await bed.rtpEnd(CARRIER.address);
    const carrier = await bed.carrier('carrier-answers', calleeRtp, WAITING + BRIDGED);
    const bridged = bed.dialer('dialer-has-agent-and-waits-for-bye', dialerRtp, bed.newNumber(), { calls: BRIDGED });
    await bridged.message('last INFO answered', () => bridged.trace().received(200, 'INFO').length === BRIDGED);
    const waiting = bed.dialer('dialer-waits-for-bye', dialerRtp, bed.newNumber(), { calls: WAITING });
    await waiting.message('last ACK', () => waiting.trace().sent('ACK').length === WAITING);
    await bed.committed();

    await bed.brusio.crash();
    expect(bed.webhooks.deliveries, 'outcomes before the crash').toHaveLength(1);
    await bed.brusio.start();

    const [waitingTrace, bridgedTrace, carrierTrace] = await Promise.all([
      waiting.finished(),
      bridged.finished(),
      carrier.finished(),
    ]);
    for (const callId of waiting.callIds) {
      const outcome = await bed.webhooks.outcome(callId);
      expect(outcome).toMatchObject({
        network: 'answered',
        handling: 'silent',
        class: 'A',
        endedBy: 'guard',
        endCause: 'guard-restarted',
        agent: null,
      });
      expect(header(byeToDialer(waitingTrace.call(callId)), 'Reason')).not.toBeNull();
      expect(header(byeToCarrier(carrierTrace.call(outcome.sip.carrierCallId ?? '')), 'Reason')).not.toBeNull();
    }
    for (const callId of bridged.callIds) {
      const outcome = await bed.webhooks.outcome(callId);
      expect(outcome).toMatchObject({
        network: 'answered',
        handling: 'agent',
        class: 'B',
        endedBy: 'guard',
        endCause: 'guard-restarted',
        agent: { id: '1001', source: 'sip-info' },
      });
      byeToDialer(bridgedTrace.call(callId));
      byeToCarrier(carrierTrace.call(outcome.sip.carrierCallId ?? ''));
    }

    await sleep(SETTLED_AFTER_MS);
    for (const callId of [...waiting.callIds, ...bridged.callIds, done.dialerCallId])
      expect(bed.webhooks.outcomesOf(callId), `outcomes of ${callId}`).toBe(1);

    const next = await bed.call({ dialer: 'dialer-hangs-up', carrier: 'carrier-answers' });
    expect((await next.ended()).outcome, 'the next call').toMatchObject({ class: 'A', endedBy: 'dialer' });
  });
});
