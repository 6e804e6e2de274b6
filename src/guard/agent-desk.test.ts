import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../call/call-event.ts';
import type { CallId } from '../call/call-facts.ts';
import { fakeClock } from '../testing/fake-clock.ts';
import { fakeAgentSource } from '../testing/fake-ports.ts';
import { createAgentDesk } from './agent-desk.ts';
import type { PbxSignal } from './agent-source.ts';
import type { CallRunner } from './call-runner.ts';
import { createFreeAgents } from './free-agents.ts';

const CALL: PbxSignal & { call: unknown } = { type: 'agent-left', call: { by: 'call-id', value: 'c1' } };

/** A desk between two sources and one call, which a signal about `c1` means. */
function desk(ended = false) {
  const clock = fakeClock();
  const told: CallEvent[] = [];
  const late: unknown[] = [];
  let coupled = false;
  const runner = {
    callId: 'id-1' as CallId,
    ended: () => ended,
    coupled: () => coupled,
    event(event: CallEvent) {
      told.push(event);
      if (event.type === 'agent-bridged') coupled = true;
    },
  } as CallRunner;
  const ones = fakeAgentSource('ones', ['vicidial']);
  const freeAgents = createFreeAgents(clock, 60_000, () => true);
  const under = createAgentDesk({
    clock,
    sources: [ones],
    campaignOf: (source, queue) => (source === 'ones' && queue === 'sales' ? 'luce' : null),
    freeAgents,
    late: (...all) => void late.push(all),
    find: (call, dialers) => (call.value === 'c1' && dialers.includes('vicidial') ? runner : null),
  });
  under.start();
  return { clock, told, late, ones, under, freeAgents };
}

describe('what a PBX tells', () => {
  it('reaches the call it is about, at the moment it came in, with who told it', () => {
    const { clock, told, ones } = desk();
    clock.advance(500);
    const at = clock.now();
    const agent = { id: '1001', name: 'Anna', extension: 'PJSIP/1001' };
    const bridgedAt = at.wallMs;
    expect(ones.signal({ ...CALL, type: 'agent-bridged', agent, bridgedAt }, at)).toBe('taken');
    expect(ones.signal(CALL, at)).toBe('taken');
    expect(ones.signal({ ...CALL, type: 'disposition', answeredBy: 'machine', method: 'AMD' }, at)).toBe('taken');
    expect(told).toEqual([
      { type: 'agent-bridged', at, agent: { ...agent, source: 'freeswitch', server: 'ones', bridgedAtMs: bridgedAt } },
      { type: 'agent-left', at },
      {
        type: 'disposition-reported',
        at,
        disposition: { answeredBy: 'machine', method: 'AMD', source: 'freeswitch' },
      },
    ]);
  });

  it('is not for a call that nobody knows, nor for one that is over', () => {
    const { told, ones } = desk();
    expect(ones.signal({ type: 'agent-left', call: { by: 'call-id', value: 'c2' } })).toBe('unknown-call');
    const over = desk(true);
    expect(over.ones.signal(CALL)).toBe('already-ended');
    expect([...told, ...over.told]).toEqual([]);
  });

  it('of a call that is over, or that nobody knows, may be what was found at the other end', () => {
    const found = { type: 'disposition', answeredBy: 'machine', method: 'AMD' } as const;
    const over = desk(true);
    for (const value of ['c1', 'c2'])
      expect(over.ones.signal({ ...found, call: { by: 'call-id', value } }, over.clock.now())).toBe('taken');
    const disposition = { answeredBy: 'machine', method: 'AMD', source: 'freeswitch' };
    expect(over.late).toEqual(
      ['c1', 'c2'].map((value) => [{ by: 'call-id', value }, ['vicidial'], disposition, over.clock.now()]),
    );
    expect(over.told).toEqual([]);
  });

  it('counts free agents for the campaign of a queue, and of no queue without one', () => {
    const { ones, freeAgents } = desk();
    expect(ones.signal({ type: 'agents-free', queue: 'sales', free: 3 })).toBe('taken');
    expect(ones.signal({ type: 'agents-free', queue: 'other', free: 3 })).toBe('unknown-call');
    expect(freeAgents.all()).toMatchObject([{ campaign: 'luce', free: 3 }]);
  });
});

describe('a dialer', () => {
  it('is informed while a source of its own is up, and when none watches it', () => {
    const { ones, under } = desk();
    expect(under.isInformed('vicidial')).toBe(false);
    expect(under.isInformed('other')).toBe(true);
    ones.up = true;
    expect(under.isInformed('vicidial')).toBe(true);
  });
});

describe('the delay of a bridge', () => {
  it("counts from the PBX's stamp to the event, and to the first packet that the callee hears", () => {
    const { clock, ones, under } = desk();
    clock.advance(1_000);
    const bridgedAt = clock.now().wallMs;
    clock.advance(12);
    const agent = { id: '1001', name: null, extension: null };
    ones.signal({ ...CALL, type: 'agent-bridged', agent, bridgedAt }, clock.now());
    clock.advance(20);
    under.spliced('id-1' as CallId);
    under.spliced('id-1' as CallId);
    const [delays] = under.delays();
    expect([delays?.heard.sumMs(), delays?.spliced.sumMs()]).toEqual([12, 32]);
    expect(delays?.spliced.counts().reduce((sum, one) => sum + one, 0)).toBe(1);
  });

  it('is not told of a call that ended before anything was heard', () => {
    const { ones, under } = desk();
    ones.signal({ ...CALL, type: 'agent-bridged', agent: { id: '1', name: null, extension: null }, bridgedAt: null });
    under.forget('id-1' as CallId);
    under.spliced('id-1' as CallId);
    expect(under.delays()[0]?.spliced.sumMs()).toBe(0);
  });
});
