import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BrusioCall, createBrusioCalls, createCarrierCalls } from './call-columns.ts';
import type { CarrierCall } from './carrier-row.ts';
import { matchCalls } from './match.ts';
import type { Comparison } from './nearness.ts';

const BEGIN = Date.UTC(2026, 10, 20, 9);
const CALL_ID = '0192f0c1-7c1e-7c3a-9f44-000000000000';

/** A call as it was. */
type True = { readonly number: number; readonly at: number; readonly ringMs: number; readonly talkMs: number | null };

/**
 * Calls whose order nobody can mistake: to one number they begin further apart than clocks and rounding blur them.
 *
 * @param apartMs at least, begin to begin, of calls to one number
 */
const trueCalls = (apartMs: number) =>
  fc
    .array(
      fc.record({
        number: fc.nat({ max: 12 }),
        gapMs: fc.integer({ min: apartMs, max: apartMs + 400_000 }),
        ringMs: fc.integer({ min: 500, max: 40_000 }),
        talkMs: fc.option(fc.integer({ min: 200, max: 90_000 })),
      }),
      { minLength: 4, maxLength: 60 },
    )
    .map((drawn) => {
      const last = new Map<number, number>();
      return drawn.map(({ number, gapMs, ringMs, talkMs }): True => {
        const at = (last.get(number) ?? BEGIN) + gapMs;
        last.set(number, at);
        return { number, at, ringMs, talkMs };
      });
    });

const brusioCall = ({ number, at, ringMs, talkMs }: True): BrusioCall => ({
  ...{ callId: CALL_ID, number, invitedAt: at, answeredAt: talkMs === null ? null : at + ringMs },
  ...{ endedAt: at + ringMs + (talkMs ?? 0), network: talkMs === null ? 'no-answer' : 'answered' },
  ...{ guarded: true, class: talkMs === null ? null : 'A', agentAfterMs: null, campaign: 'c', day: null },
  carrierCallId: null,
});

type Blur = {
  readonly offsetMs: number;
  readonly jitterMs: number;
  readonly wholeSeconds: boolean;
  readonly stepS: number;
};

/** What a carrier makes of it: its clock ahead, late by up to the jitter, whole seconds, the duration rounded up to steps. */
function carrierCall({ at, ringMs, talkMs }: True, blur: Blur, late: number): CarrierCall {
  const seen = (moment: number) => {
    const shifted = moment + blur.offsetMs + late * blur.jitterMs;
    const shown = blur.wholeSeconds ? Math.floor(shifted / 1_000) * 1_000 : Math.round(shifted);
    return { at: shown as never, later: null };
  };
  const stepMs = blur.stepS * 1_000;
  return {
    ...{ number: '+390', start: seen(at), answer: talkMs === null ? null : seen(at + ringMs) },
    ...{
      end: seen(at + ringMs + (talkMs ?? 0)),
      durationMs: talkMs === null ? 0 : Math.ceil(talkMs / stepMs) * stepMs,
    },
    ...{ network: talkMs === null ? 'no-answer' : 'answered', callId: null, contradictory: false, unknownCode: null },
  };
}

const terms = (stepS: number): Pick<Comparison, 'matchMs' | 'duration'> & { offsetMs: null } => ({
  matchMs: 30_000,
  duration: { unit: 's', of: 'answered', stepS, rounded: 'up', minimumS: 0 },
  offsetMs: null,
});

const blurs = fc.record({
  offsetMs: fc.integer({ min: -3_600_000, max: 3_600_000 }),
  jitterMs: fc.integer({ min: 0, max: 1_500 }),
  wholeSeconds: fc.boolean(),
  stepS: fc.constantFrom(1, 6, 60),
});

describe('matching, over any clock, jitter and rounding', () => {
  it('pairs every call with itself, and leaves alone those that one side lacks', () => {
    fc.assert(
      fc.property(
        trueCalls(10_000),
        blurs,
        fc.array(fc.record({ late: fc.double({ min: 0, max: 1, noNaN: true }), who: fc.nat({ max: 9 }) }), {
          minLength: 60,
          maxLength: 60,
        }),
        fc.integer(),
        (calls, blur, fates, seed) => {
          // Every tenth call only one side has; numbers that are called once, and so tell the clocks, are all on both.
          const alone = (at: number) => {
            const { number } = calls[at] as True;
            const isOnly = calls.filter((call) => call.number === number).length === 1;
            // Of one number only one side lacks calls: two that lie close, one on each side, nobody could tell from one call.
            return isOnly || fates[at]?.who !== 0 ? 'both' : number % 2 === 0 ? 'brusio' : 'carrier';
          };
          fc.pre(calls.filter((_, at) => alone(at) === 'both').length >= 4);
          const carrier = createCarrierCalls();
          const brusio = createBrusioCalls();
          const placeInBrusio = new Map<number, number>();
          for (const [at, call] of calls.entries())
            if (alone(at) !== 'carrier') placeInBrusio.set(at, brusio.add(brusioCall(call)));
          const order = calls.map((_, at) => at).sort((one, other) => mixed(one, seed) - mixed(other, seed));
          const truth: number[] = [];
          for (const at of order.filter((one) => alone(one) !== 'brusio')) {
            const call = calls[at] as True;
            carrier.add(carrierCall(call, blur, fates[at]?.late ?? 0), call.number, at + 1);
            truth.push(placeInBrusio.get(at) ?? -1);
          }
          const told = matchCalls(carrier, brusio, 13, terms(blur.stepS));
          // A dozen calls may have too few that tell the clocks; then nothing is said of them.
          if (told.clock === null) return;
          expect(Math.abs(told.clock.offsetMs - blur.offsetMs)).toBeLessThan(2_600);
          expect([...told.brusioOf]).toEqual(truth);
        },
      ),
      { numRuns: 400, seed: 832_014 },
    );
  });

  it('is right with the clocks given, for calls that begin two seconds apart', () => {
    fc.assert(
      fc.property(trueCalls(2_000), fc.boolean(), (calls, wholeSeconds) => {
        const blur = { offsetMs: 0, jitterMs: 0, wholeSeconds, stepS: 1 };
        const carrier = createCarrierCalls();
        const brusio = createBrusioCalls();
        for (const call of calls) brusio.add(brusioCall(call));
        for (const call of calls.toReversed()) carrier.add(carrierCall(call, blur, 0), call.number, 1);
        const { brusioOf } = matchCalls(carrier, brusio, 13, { ...terms(1), offsetMs: 0 });
        expect([...brusioOf]).toEqual(calls.map((_, at) => calls.length - 1 - at));
      }),
      { numRuns: 200, seed: 832_014 },
    );
  });
});

function mixed(value: number, seed: number): number {
  return Math.imul(value + 1, 0x9e3779b1 ^ seed) >>> 0;
}
