import { beforeAll, describe, expect, it } from 'vitest';
import { metricSum } from './brusio-api.ts';
import { TestBed } from './test-bed.ts';

describe('what a dialer reports after the end of a call', () => {
  let bed: TestBed;
  beforeAll(async () => {
    bed = await TestBed.open();
    return () => bed.close();
  });

  it('corrects the outcome by a new entry each time, told after the outcome, and over a crash', async () => {
    const call = await bed.call({ dialer: 'dialer-waits-for-bye', carrier: 'carrier-answers' });
    const { outcome } = await call.ended();
    expect(outcome).toMatchObject({ sequence: 1, handling: 'silent', class: 'A', endCause: 'deadline' });

    const machine = { answeredBy: 'machine', method: 'amd' };
    const both = await Promise.all([
      bed.brusio.api.disposition(call.dialerCallId, machine),
      bed.brusio.api.disposition(outcome.callId, machine),
    ]);
    const { comfortNoise: _, media: __, ...same } = outcome;
    for (const { status, body } of both) {
      expect(status, 'a repetition makes nothing new').toBe(200);
      expect(body).toMatchObject({
        ...same,
        ...{ sequence: 2, answeredBy: 'machine', answeredByMethod: 'amd', handling: 'machine-dropped', class: 'B' },
        recallLock: null,
        corrections: [{ sequence: 2, source: 'http', from: { class: 'A' }, to: { class: 'B' } }],
      });
    }
    const told = await bed.webhooks.correction(outcome.callId, 2);
    expect(told.outcome).toEqual(both[0].body);

    await bed.brusio.crash();
    await bed.brusio.start();
    const human = await bed.brusio.api.disposition(outcome.callId, { answeredBy: 'human' });
    expect(human).toMatchObject({ status: 200, body: { sequence: 3, class: 'A', answeredByMethod: null } });
    const { outcome: last } = await bed.webhooks.correction(outcome.callId, 3);
    expect(last.corrections.map(({ sequence, from, to }) => [sequence, from.class, to.class])).toEqual([
      [2, 'A', 'B'],
      [3, 'B', 'A'],
    ]);
    expect((await bed.brusio.api.call(call.dialerCallId)).body).toEqual(last);

    const agent = await bed.brusio.api.agentConnected(outcome.callId, '1001');
    expect(agent, 'an agent is no correction').toMatchObject({ status: 409, body: { class: 'A' } });
    expect(bed.webhooks.outcomesOf(call.dialerCallId), 'the outcome itself').toBe(1);
    expect(bed.webhooks.eventsOf(outcome.callId), 'in this order').toEqual([1, 2, 3]);
    // One silent call of one answered call: beyond every threshold of its day and of its window, told once each over the crash.
    await expect.poll(() => new Set(bed.webhooks.alerts.map(({ webhookId }) => webhookId)).size).toBe(8);
    const metrics = await bed.brusio.api.metrics();
    expect(metricSum(metrics, /^brusio_outcome_corrections_total\{from="B",to="A"\}/)).toBe(1);
  });

  it('corrects nothing where nobody answered', async () => {
    const call = await bed.call({ dialer: 'dialer-is-refused', carrier: 'carrier-is-busy' });
    const { outcome } = await call.ended();
    const answer = await bed.brusio.api.disposition(outcome.callId, { answeredBy: 'machine' });
    expect(answer).toMatchObject({
      status: 409,
      body: { class: null, detail: expect.stringContaining('Nobody answered') },
    });
    expect((await bed.brusio.api.call(outcome.callId)).body).toMatchObject({ network: 'busy', corrections: [] });
  });
});
