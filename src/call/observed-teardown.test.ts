import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { italy } from '../policy/jurisdictions/italy.ts';
import { outcomeOf } from '../policy/outcome.ts';
import { AGENT, eventOf, instantAt, invitedFacts, MACHINE, WAIT_THEN_DROP } from '../testing/call-samples.ts';
import type { CallEffect } from './call-effect.ts';
import type { CallEvent, CallEventType } from './call-event.ts';
import { newCallFacts, type TeardownMode } from './call-facts.ts';
import type { CallState, ConnectRules } from './call-state.ts';
import { dialing, TABLE, transition } from './transition.ts';

const RULES: ConnectRules = WAIT_THEN_DROP;

/** Feeds events in order to a call whose teardown is only observed; returns the last state and the last event's effects. */
function observe(...events: CallEvent[]): { state: CallState; effects: readonly CallEffect['type'][] } {
  let state = dialing({ ...invitedFacts(), teardown: 'observe' });
  let effects: readonly CallEffect['type'][] = [];
  for (const event of events) {
    const step = transition(state, event, RULES);
    state = step.state;
    effects = step.effects.map(({ type }) => type);
  }
  return { state, effects };
}

const answered = eventOf('callee-answered', 1000);
const due = eventOf('deadline', 4000);
const HUMAN = { answeredBy: 'human', method: null, source: 'http' } as const;

describe('a call whose teardown is only observed', () => {
  it('plays ambience from the answer and is bridged within the wait, as any other', () => {
    expect(observe(answered)).toMatchObject({ state: { name: 'waiting', deadlineAt: 4000 } });
    expect(observe(answered).effects).toEqual(['play-ambience', 'journal']);
    const { state } = observe(answered, eventOf('agent-bridged', 2000));
    expect(state).toMatchObject({ name: 'bridged', facts: { bridgedAt: instantAt(2000), teardownDueAt: null } });
  });

  it('is connected both ways and hung up by nobody when the wait ends', () => {
    const { state, effects } = observe(answered, { ...due, at: instantAt(4012) });
    expect(state).toMatchObject({ name: 'overdue', deadlineAt: null, facts: { teardownDueAt: instantAt(4000) } });
    expect(effects).toEqual(['connect-media', 'journal']);
  });

  it('is bridged by an agent who comes afterwards, with the wait as it was', () => {
    const late = eventOf('agent-bridged', 5200);
    for (const events of [
      [answered, due, late],
      // The signal was read before a timer that was due already.
      [answered, late],
    ]) {
      const { state, effects } = observe(...events);
      expect(state).toMatchObject({
        name: 'bridged',
        facts: { agent: AGENT, bridgedAt: instantAt(5200), teardownDueAt: instantAt(4000) },
      });
      expect(effects).toEqual(['connect-media', 'journal']);
    }
  });

  it('is class A for an agent after a wait that the settings made shorter than the law', () => {
    const short: ConnectRules = { ...WAIT_THEN_DROP, waitLimitMs: 2000 };
    const play = (...events: CallEvent[]) =>
      events.reduce<CallState>((state, event) => transition(state, event, short).state, {
        ...dialing({ ...invitedFacts(), teardown: 'observe' }),
      });
    const classOf = (bridgedMs: number) => {
      const state = play(answered, eventOf('agent-bridged', bridgedMs), eventOf('callee-hung-up', 9000));
      return state.name === 'ended' ? outcomeOf(state, italy).class : null;
    };
    expect([classOf(3000), classOf(3001)]).toEqual(['B', 'A']);
  });

  it('keeps what the dialer found after the wait, and waits no second time', () => {
    const found = (disposition: typeof HUMAN | typeof MACHINE, ms: number): CallEvent => {
      return { type: 'disposition-reported', at: instantAt(ms), disposition };
    };
    expect(observe(answered, due, found(MACHINE, 5000))).toMatchObject({
      state: { name: 'overdue', facts: { disposition: MACHINE } },
      effects: ['journal'],
    });
    // A machine, taken back when the wait was over.
    expect(observe(answered, found(MACHINE, 2000), found(HUMAN, 9000)).state).toMatchObject({
      name: 'overdue',
      facts: { disposition: HUMAN, teardownDueAt: instantAt(4000) },
    });
    expect(observe(answered, found(MACHINE, 2000), found(HUMAN, 2500)).state.name).toBe('waiting');
  });

  it('ends as any answered call does', () => {
    for (const type of ['callee-hung-up', 'dialer-hung-up', 'leg-lost', 'guard-restarted', 'guard-stopping'] as const) {
      const { state, effects } = observe(answered, due, eventOf(type, 9000));
      expect(state).toMatchObject({
        name: 'ended',
        facts: { endedAt: instantAt(9000), teardownDueAt: instantAt(4000) },
      });
      expect(effects).toEqual(['hang-up', 'finish']);
    }
  });

  it('is torn down where the journal of an earlier version says nothing of the mode', () => {
    const { teardown: _, teardownDueAt: __, ...facts } = newCallFacts(instantAt(0), null, null);
    const waiting = transition(dialing(facts), answered, RULES).state;
    expect(transition(waiting, due, RULES).state).toMatchObject({ name: 'ended', cause: 'deadline' });
  });
});

describe('observing beside enforcing', () => {
  const EVENT_TYPES = Object.keys(TABLE.ended) as CallEventType[];
  const anyEvents = fc
    .array(fc.record({ type: fc.constantFrom(...EVENT_TYPES), stepMs: fc.integer({ min: 0, max: 2500 }) }), {
      maxLength: 30,
    })
    .map((events) => [{ type: 'callee-answered' as CallEventType, stepMs: 1000 }, ...events]);

  /** Every state the call goes through; the deadline comes when it is due, and then alone. */
  function play(mode: TeardownMode, events: readonly { type: CallEventType; stepMs: number }[]): readonly CallState[] {
    let state: CallState = dialing({ ...invitedFacts(), teardown: mode });
    const states = [state];
    const feed = (event: CallEvent): void => {
      if (TABLE[state.name][event.type] === 'impossible') return;
      state = transition(state, event, RULES).state;
      states.push(state);
    };
    let nowMs = 0;
    for (const { type, stepMs } of events) {
      nowMs += stepMs;
      if (state.deadlineAt !== null && state.deadlineAt <= nowMs) feed(eventOf('deadline', state.deadlineAt));
      if (type !== 'deadline') feed(eventOf(type, nowMs));
    }
    feed(eventOf('internal-error', nowMs));
    feed(eventOf('deadline', nowMs));
    return states;
  }

  const without = (state: CallState | undefined) =>
    state === undefined ? undefined : { ...state, facts: { ...state.facts, teardown: undefined } };

  it('goes the same way until the wait ends without an agent', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const [enforced, observed] = [play('enforce', events), play('observe', events)];
        const cut = observed.findIndex(({ facts }) => facts.teardownDueAt !== null);
        const common = cut < 0 ? observed.length : cut;
        expect(observed.slice(0, common).map(without)).toEqual(enforced.slice(0, common).map(without));
        if (cut >= 0) expect(enforced[cut]).toMatchObject({ name: 'ended', cause: 'deadline' });
      }),
    );
  });

  it('gives the class that the law would give, whoever came later: only a machine found then makes a difference', () => {
    const classOf = (states: readonly CallState[]) => {
      const last = states.at(-1);
      return last?.name === 'ended' ? outcomeOf(last, italy).class : expect.fail('it goes on');
    };
    fc.assert(
      fc.property(anyEvents, (events) => {
        const observed = play('observe', events);
        const foundLater = observed.at(-1)?.facts.disposition !== play('enforce', events).at(-1)?.facts.disposition;
        if (!foundLater) expect(classOf(observed)).toBe(classOf(play('enforce', events)));
      }),
    );
  });

  it('never hangs up by itself because nobody came', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        expect(play('observe', events).some((state) => state.name === 'ended' && state.cause === 'deadline')).toBe(
          false,
        );
      }),
    );
  });
});
