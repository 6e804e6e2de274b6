import { describe, expect, it } from 'vitest';
import type { MonotonicMs } from '../base/clock.ts';
import { AMBIENCE_REPORT } from '../testing/fake-ports.ts';
import type { MediaReport } from './media-port.ts';
import { FOREIGN_PACKETS_MIN, type NatHintCall, natHints } from './nat-hint.ts';

const CALL: NatHintCall = {
  answered: true,
  bridged: true,
  calleeBehindNat: false,
  dialerBehindNat: false,
  caller: 'named-dialer',
};

function unheard(foreign: number): MediaReport {
  const { drops } = AMBIENCE_REPORT;
  return { ...AMBIENCE_REPORT, firstFromCalleeAt: null, firstFromDialerAt: null, drops: { ...drops, foreign } };
}

describe('the hint at `nat`', () => {
  it('names the setting of each peer that was not heard while packets from elsewhere came', () => {
    const hints = natHints(unheard(FOREIGN_PACKETS_MIN), CALL);
    expect(hints).toHaveLength(2);
    expect(hints[0]).toContain('carriers[].nat');
    expect(hints[1]).toContain('dialers.named[].nat');
  });

  it('names those of whoever it is: a dialer without a name, a call that came in', () => {
    const unnamed = natHints(unheard(FOREIGN_PACKETS_MIN), { ...CALL, caller: 'unnamed-dialer' });
    expect(unnamed.map((one) => one.split('see ')[1])).toEqual(['carriers[].nat', 'dialers.nat']);
    const inbound = natHints(unheard(FOREIGN_PACKETS_MIN), { ...CALL, caller: 'carrier' });
    expect(inbound.map((one) => one.split('see ')[1])).toEqual(['inbound[].nat', 'carriers[].nat']);
  });

  it('is not given for a few packets, for a peer that was heard, or where the setting is on', () => {
    expect(natHints(unheard(FOREIGN_PACKETS_MIN - 1), CALL)).toEqual([]);
    expect(natHints(unheard(100), { ...CALL, calleeBehindNat: true, dialerBehindNat: true })).toEqual([]);
    const heard = { ...unheard(100), firstFromCalleeAt: 5 as MonotonicMs, firstFromDialerAt: 5 as MonotonicMs };
    expect(natHints(heard, CALL)).toEqual([]);
  });

  it('says nothing of a dialer that was not to be heard, nor of a call that nobody answered', () => {
    expect(natHints(unheard(100), { ...CALL, bridged: false })).toHaveLength(1);
    expect(natHints(unheard(100), { ...CALL, answered: false })).toEqual([]);
  });
});
