import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WallMs } from '../../base/clock.ts';
import { italy } from '../../policy/jurisdictions/italy.ts';
import { MONDAY_MORNING } from '../../testing/ruling-facts.ts';
import { createCallsInFlight } from './calls-in-flight.ts';
import type { CallNotice, HeldCall } from './held-calls.ts';
import { reservedDays } from './reserved-days.ts';

const IDS = ['a', 'b', 'c', 'd'];
const CAMPAIGNS = ['luce', 'gas'];

const calls = fc.record({
  callId: fc.constantFrom(...IDS),
  campaign: fc.constantFrom(...CAMPAIGNS),
  digest: fc.constantFrom('1', '2'),
  agent: fc.constantFrom('none', 'reserved', 'connected'),
  // Around midnight in Rome.
  at: fc.integer({ min: 0, max: 20 }).map((hours) => (MONDAY_MORNING + hours * 3_600_000) as WallMs),
});
const notices = fc.oneof(
  ...(['counted', 'released', 'without-agent'] as const).map((type) =>
    fc.constantFrom(...IDS).map((callId): CallNotice => ({ type, callId })),
  ),
  fc.constantFrom(...IDS).map((callId): CallNotice => ({ type: 'answered', callId, at: MONDAY_MORNING })),
);

function heldCall(call: Pick<HeldCall, 'callId' | 'campaign' | 'digest' | 'agent' | 'at'>): HeldCall {
  return {
    ...call,
    ...{ lockScope: 'acme', controller: 'acme', ringLimitMs: 60_000, policy: italy.policy },
    ...{ answeredAt: null, counted: false },
  };
}

describe('the calls in flight of a process', () => {
  it('are counted as a look through all of them would count them, whatever came', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(calls.map(heldCall), notices), { maxLength: 30 }), (steps) => {
        const inFlight = createCallsInFlight();
        for (const step of steps) {
          if ('type' in step) inFlight.heard(step);
          else inFlight.hold(step);
        }
        const except = ['a'];
        const told = inFlight
          .counts(CAMPAIGNS, except)
          .flatMap(({ calls: count, ...row }) => Array.from({ length: count }, () => JSON.stringify(row)));
        const looked = inFlight
          .all()
          .filter(({ callId }) => !except.includes(callId))
          .map((call) => {
            const { day, lastDay, answeredDay } = reservedDays(call);
            const { campaign, agent, counted } = call;
            const row = { campaign, day, last_day: lastDay, answered_day: answeredDay, agent };
            return JSON.stringify({ ...row, counted: counted ? 1 : 0 });
          });
        expect(told.sort()).toEqual(looked.sort());
        for (const digest of ['1', '2']) {
          const there = inFlight.all().filter((call) => call.digest === digest);
          const ids = inFlight.toNumbers([digest]).map(({ callId }) => callId);
          expect(ids.sort()).toEqual(there.map(({ callId }) => callId).sort());
        }
      }),
    );
  });

  it('are there from the start where an earlier process left them', () => {
    const left = heldCall({ callId: 'a', campaign: 'luce', digest: '1', agent: 'none', at: MONDAY_MORNING });
    const inFlight = createCallsInFlight([left]);
    expect(inFlight.counts(['luce'], [])).toMatchObject([{ campaign: 'luce', calls: 1 }]);
    expect(inFlight.toNumbers(['1'])).toMatchObject([{ callId: 'a', lockScope: 'acme' }]);
    inFlight.heard({ type: 'released', callId: 'a' });
    expect(inFlight.counts(['luce'], [])).toEqual([]);
  });
});
