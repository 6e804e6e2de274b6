import { describe, expect, it } from 'vitest';
import { type JudgedOutcome, judge, type Rules, type Seen } from './verdict.ts';

const ANSWERED_AT = 1_000_000;
const RULES: Rules = {
  server: 'pbx',
  upSpans: [{ from: 0, to: Number.POSITIVE_INFINITY }],
  dropLateMs: 100,
  stampToWireMs: 0,
};
const AGENT = { id: 'PJSIP/agent01', server: 'pbx' };
const B: JudgedOutcome = {
  class: 'B',
  network: 'answered',
  answeredBy: 'human',
  endCause: 'callee-hung-up',
  waitMs: 0,
  agent: AGENT,
};
const A: JudgedOutcome = {
  class: 'A',
  network: 'answered',
  answeredBy: 'human',
  endCause: 'deadline',
  waitMs: 3_000,
  agent: null,
};

function seen(bridgedMs: number | null, heldMs = 4_500): Seen {
  return {
    answeredAt: ANSWERED_AT,
    endedAt: ANSWERED_AT + heldMs,
    bridge: bridgedMs === null ? null : { at: ANSWERED_AT + bridgedMs, agent: AGENT.id },
    isMachine: false,
  };
}

const DROPPED_MS = 3_008;

describe('judging a call', () => {
  it('is right for class B with the agent who came within the wait', () => {
    expect(judge(seen(200), [B], RULES).kind).toBe('B');
    expect(judge(seen(2_969), [B], RULES).kind).toBe('B');
  });

  it('is right for class A with nobody, or with an agent after the wait, and the call dropped in time', () => {
    expect(judge(seen(null, DROPPED_MS), [A], RULES).kind).toBe('A');
    expect(judge(seen(3_040, DROPPED_MS), [A], RULES).kind).toBe('A');
  });

  it('takes either class within 30 ms of the end of the wait, but not the wrong agent', () => {
    for (const ms of [2_970, 3_000, 3_030]) {
      expect(judge(seen(ms), [B], RULES).kind).toBe('borderline');
      expect(judge(seen(ms, DROPPED_MS), [A], RULES).kind).toBe('borderline');
    }
    expect(judge(seen(3_000), [{ ...B, agent: { id: 'PJSIP/agent02', server: 'pbx' } }], RULES).kind).toBe('wrong');
  });

  it('begins the border earlier where the PBX takes its time from the stamp to the wire', () => {
    const late = { ...RULES, stampToWireMs: 40 };
    expect(judge(seen(2_930, DROPPED_MS), [A], late).kind).toBe('borderline');
    expect(judge(seen(2_929, DROPPED_MS), [A], late).kind).toBe('wrong');
    expect(judge(seen(3_031), [B], late).kind).toBe('wrong');
  });

  it.each<[string, Seen, readonly JudgedOutcome[]]>([
    ['class A for an agent within the wait', seen(2_900, DROPPED_MS), [A]],
    ['class B for an agent after the wait', seen(3_100), [B]],
    ['class B where the PBX knows of nobody', seen(null), [B]],
    ['another agent', seen(500), [{ ...B, agent: { id: 'PJSIP/agent02', server: 'pbx' } }]],
    ['no agent named', seen(500), [{ ...B, agent: null }]],
    ['an agent known by other means than the source', seen(500), [{ ...B, agent: { ...AGENT, server: null } }]],
    ['class A with an agent', seen(null, DROPPED_MS), [{ ...A, agent: AGENT }]],
    ['a callee dropped too early', seen(null, 2_900), [A]],
    ['a callee held too long', seen(null, 3_150), [A]],
    ['a callee who was never let go', { ...seen(null), endedAt: null }, [A]],
    ['no outcome', seen(500), []],
    ['two outcomes', seen(500), [B, B]],
    ['a call that was not answered', seen(500), [{ ...B, class: null, network: 'busy' }]],
    ['an answer that no callee gave', { ...seen(500), answeredAt: null }, [B]],
  ])('is wrong for %s', (_, saw, outcomes) => {
    expect(judge(saw, outcomes, RULES).kind).toBe('wrong');
  });

  it('wants a machine told as one, whatever its class, and without an agent', () => {
    const machine = { ...seen(null), isMachine: true };
    expect(judge(machine, [{ ...A, answeredBy: 'machine' }], RULES).kind).toBe('machine');
    expect(judge(machine, [A], RULES).kind).toBe('wrong');
    expect(judge(machine, [{ ...B, answeredBy: 'machine' }], RULES).kind).toBe('wrong');
    expect(judge(machine, [A], { ...RULES, upSpans: [] }).kind).toBe('blind');
  });

  describe('while the connection to the PBX was cut', () => {
    const cut = (from: number, to: number): Rules => ({
      ...RULES,
      upSpans: [
        { from: 0, to: ANSWERED_AT + from },
        { from: ANSWERED_AT + to, to: Number.POSITIVE_INFINITY },
      ],
    });

    it('is class A by rule when it was not back before the end of the wait', () => {
      expect(judge(seen(1_000, DROPPED_MS), [A], cut(500, 3_500)).kind).toBe('blind');
      expect(judge(seen(1_000, DROPPED_MS), [A], cut(500, 2_980)).kind).toBe('blind');
    });

    it('must be class B when it was back in time, or was cut only afterwards', () => {
      expect(judge(seen(1_000, DROPPED_MS), [A], cut(500, 2_900)).kind).toBe('wrong');
      expect(judge(seen(1_000), [B], cut(500, 2_900)).kind).toBe('B');
      expect(judge(seen(1_000, DROPPED_MS), [A], cut(1_400, 4_000)).kind).toBe('wrong');
      // Its event was still on the way.
      expect(judge(seen(1_000, DROPPED_MS), [A], cut(1_050, 4_000)).kind).toBe('blind');
    });
  });
});
