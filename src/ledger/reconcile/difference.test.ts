import { describe, expect, it } from 'vitest';
import { type BrusioCall, createBrusioCalls, createCarrierCalls } from './call-columns.ts';
import type { CarrierCall } from './carrier-row.ts';
import { reconcile } from './reconciliation.ts';

/** 00:30 in Rome, 23:30 the day before in London. */
const LATE = Date.UTC(2026, 10, 20, 23, 30);

const ours = (campaign: string, number: number): BrusioCall => ({
  ...{ callId: '0192f0c1-7c1e-7c3a-9f44-000000000000', number, invitedAt: LATE, answeredAt: LATE + 8_000 },
  ...{ endedAt: LATE + 60_000, network: 'answered', guarded: true, class: 'B', agentAfterMs: 1_500 },
  ...{ campaign, day: null, carrierCallId: null },
});
/** One second before Brusio had it. */
const theirs: CarrierCall = {
  ...{
    number: '+390',
    start: { at: LATE as never, later: null },
    answer: { at: (LATE + 7_000) as never, later: null },
  },
  ...{ end: { at: (LATE + 60_000) as never, later: null }, durationMs: null, network: 'answered', callId: null },
  ...{ contradictory: false, unknownCode: null },
};

describe('a difference', () => {
  it('is judged by the law of its campaign: its longest wait, and the clocks that its day goes by', () => {
    const carrier = createCarrierCalls();
    const brusio = createBrusioCalls();
    for (const [number, campaign] of ['italian', 'british'].entries()) {
      carrier.add(theirs, number, number + 2);
      brusio.add(ours(campaign, number));
    }
    const { effects } = reconcile(carrier, brusio, 2, {
      timeZone: 'Europe/Rome',
      termsOf: (campaign) =>
        campaign === 'british'
          ? { timeZone: 'Europe/London', waitLimitMs: 2_000 }
          : { timeZone: 'Europe/Rome', waitLimitMs: 2_400 },
      ...{ matchMs: 30_000, duration: null, answerMs: 500, durationMs: 2_000, offsetMs: 0, onlyAnswered: false },
      ...{ period: { from: LATE - 1, to: LATE + 1 }, placedBy: 'start' },
    });
    expect(effects.moved()).toEqual(
      new Map([
        ['italian', new Map([['2026-11-21', { silent: 1, handled: -1 }]])],
        ['british', new Map([['2026-11-20', { silent: 1, handled: -1 }]])],
      ]),
    );
  });
});
