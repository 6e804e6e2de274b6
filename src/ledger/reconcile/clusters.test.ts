import { describe, expect, it } from 'vitest';
import { createBrusioCalls, createCarrierCalls } from './call-columns.ts';
import { matchCalls } from './match.ts';

const BEGIN = Date.UTC(2026, 10, 20, 9);
const CALLS = 1_200;

/** Calls to one number of which both sides have all; `atOf` and, at the carrier, `lagOf` of each by its place, ms. */
function matched(atOf: (call: number) => number, lagOf: (call: number) => number = () => 0) {
  const carrier = createCarrierCalls();
  const brusio = createBrusioCalls();
  for (let call = 0; call < CALLS; call++) {
    const at = BEGIN + atOf(call);
    const seen = (moment: number) => ({ at: (moment + lagOf(call)) as never, later: null });
    brusio.add({
      ...{ callId: '0192f0c1-7c1e-7c3a-9f44-000000000000', number: 0, invitedAt: at, answeredAt: at + 8_000 },
      ...{ endedAt: at + 11_000, network: 'answered', guarded: true, class: 'A', agentAfterMs: null, campaign: 'c' },
      ...{ day: null, carrierCallId: null },
    });
    carrier.add(
      {
        ...{ number: '+390', start: seen(at), answer: seen(at + 8_000), end: seen(at + 11_000), durationMs: 3_000 },
        ...{ network: 'answered', callId: null, contradictory: false, unknownCode: null },
      },
      0,
      call + 2,
    );
  }
  const duration = { unit: 's', of: 'answered', stepS: 1, rounded: 'up', minimumS: 0 } as const;
  return matchCalls(carrier, brusio, 1, { matchMs: 30_000, duration, offsetMs: 0 });
}

describe('a crowd of calls to one number', () => {
  it.each<[string, (call: number) => number, (call: number) => number]>([
    ['at one instant', () => 0, () => 0],
    ['at one instant, the carrier a little earlier', () => 0, () => -300],
    ['twenty a second, the carrier in whole seconds', (call) => call * 50, (call) => -((call * 50) % 1_000)],
    [
      'one a second, the carrier up to ten seconds off',
      (call) => call * 1_000,
      (call) => ((call * 7_919) % 20_000) - 10_000,
    ],
  ])('%s is parted, and nobody loses their counterpart by it', (_, atOf, lagOf) => {
    const { brusioOf, parted } = matched(atOf, lagOf);
    expect(parted).toBeGreaterThan(2);
    expect([...brusioOf].filter((other) => other === -1)).toEqual([]);
  });
});
