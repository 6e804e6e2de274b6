import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AGENT,
  BUSY_FINAL,
  CALLEE_MEDIA,
  eventOf,
  instantAt,
  invitedFacts,
  MACHINE,
  OK_FINAL,
  TERMINATED_FINAL,
  WAIT_THEN_DROP,
} from '../testing/call-samples.ts';
import type { CallEvent, CallEventType } from './call-event.ts';
import { newCallFacts } from './call-facts.ts';
import type { CallState, ConnectRules } from './call-state.ts';
import { CANCEL_GIVE_UP_MS } from './ending.ts';
import { dialing, refusedAtOnce, TABLE, transition } from './transition.ts';

const RULES: ConnectRules = WAIT_THEN_DROP;
const EVENT_TYPES = Object.keys(TABLE.ended) as CallEventType[];

/** Feeds events in order; returns the last state and all effects. */
function play(...events: CallEvent[]) {
  return events.reduce(
    ({ state, effects }, event) => {
      const step = transition(state, event, RULES);
      return { state: step.state, effects: [...effects, ...step.effects] };
    },
    { state: dialing(invitedFacts()), effects: [] as ReturnType<typeof transition>['effects'] },
  );
}

const answered = eventOf('callee-answered', 1000);

describe('a dialing call', () => {
  it('plays ambience and waits from the 2xx when no agent is there', () => {
    const { state, effects } = play(answered);
    expect(state).toMatchObject({ name: 'waiting', deadlineAt: 4000 });
    expect(effects.map((effect) => effect.type)).toEqual(['play-ambience', 'journal']);
    expect(effects[0]).toEqual({ type: 'play-ambience', callee: CALLEE_MEDIA });
  });

  it('is bridged at the answer, without ambience, when the agent is already on the line', () => {
    const first = dialing(newCallFacts(instantAt(0), AGENT, null));
    const { state, effects } = transition(first, answered, RULES);
    expect(state).toMatchObject({ name: 'bridged', facts: { bridgedAt: instantAt(1000), agent: AGENT } });
    expect(effects.map((effect) => effect.type)).toEqual(['connect-media', 'journal']);
  });

  it('is bridged at the answer when the agent came while it rang, and waits when that agent left again', () => {
    expect(play(eventOf('agent-bridged', 500), answered).state.name).toBe('bridged');
    expect(play(eventOf('agent-bridged', 500), eventOf('agent-left', 600), answered).state.name).toBe('waiting');
  });

  it('relays early media and plays nothing before the answer', () => {
    const { effects } = play({ type: 'callee-ringing', at: instantAt(200), media: CALLEE_MEDIA });
    expect(effects).toEqual([{ type: 'relay-early-media', callee: CALLEE_MEDIA }]);
  });

  it("ends with the carrier's own status", () => {
    const { state, effects } = play(eventOf('carrier-refused', 300));
    expect(state).toMatchObject({ name: 'ended', cause: 'carrier-refused', facts: { carrierFinal: BUSY_FINAL } });
    expect(effects[0]).toMatchObject({ type: 'hang-up', hangUp: { dialerFinal: BUSY_FINAL } });
    expect(effects[1]).toEqual({ type: 'finish' });
  });

  it('ends as answered when the 2xx brings no audio that can be used', () => {
    const { state } = play({ type: 'callee-answered', at: instantAt(1000), final: OK_FINAL, media: null });
    expect(state).toMatchObject({ name: 'ended', cause: 'media-failed', facts: { answeredAt: instantAt(1000) } });
  });
});

describe('a cancelled call', () => {
  it('waits for the final response of the carrier', () => {
    const cancelled = play(eventOf('dialer-cancelled', 500));
    expect(cancelled.state).toMatchObject({ name: 'cancelling', deadlineAt: 500 + CANCEL_GIVE_UP_MS });
    const { state } = transition(
      cancelled.state,
      { type: 'carrier-refused', at: instantAt(520), final: TERMINATED_FINAL },
      RULES,
    );
    expect(state).toMatchObject({ name: 'ended', cause: 'dialer-cancelled', facts: { answeredAt: null } });
  });

  it('is an answered call when a 2xx crosses the CANCEL, and is hung up', () => {
    const { state, effects } = play(eventOf('dialer-cancelled', 500), eventOf('callee-answered', 510));
    expect(state).toMatchObject({ name: 'ended', facts: { answeredAt: instantAt(510), bridgedAt: null } });
    expect(effects.filter((effect) => effect.type === 'hang-up')).toHaveLength(2);
    expect(effects.some((effect) => effect.type === 'play-ambience')).toBe(false);
  });

  it('is given up when the carrier never answers', () => {
    const { state } = play(eventOf('dialer-cancelled', 500), eventOf('deadline', 500 + CANCEL_GIVE_UP_MS));
    expect(state).toMatchObject({ name: 'ended', cause: 'dialer-cancelled' });
  });
});

describe('a call that is not guarded', () => {
  const relayed = dialing(newCallFacts(instantAt(0), null, null, 'manual'));

  it('is connected both ways from the first description on, and bridged at the answer, without ambience or deadline', () => {
    const ringing = transition(relayed, { type: 'callee-ringing', at: instantAt(200), media: CALLEE_MEDIA }, RULES);
    expect(ringing.effects).toEqual([{ type: 'relay-media', callee: CALLEE_MEDIA }]);
    const { state, effects } = transition(ringing.state, answered, RULES);
    expect(state).toMatchObject({ name: 'bridged', deadlineAt: null, facts: { bridgedAt: instantAt(1000) } });
    expect(effects).toEqual([{ type: 'relay-media', callee: CALLEE_MEDIA }, { type: 'journal' }]);
  });

  it('whose dialer reported an agent or a machine is relayed all the same', () => {
    for (const type of ['agent-bridged', 'disposition-reported'] as const) {
      const { state } = transition(relayed, eventOf(type, 500), RULES);
      expect(transition(state, answered, RULES).effects[0]?.type).toBe('relay-media');
    }
  });
});

describe('a call that its last carrier refused while an earlier one may still be answered', () => {
  const refused: CallEvent = { type: 'carrier-refused', at: instantAt(900), final: BUSY_FINAL, open: true };

  it('is told to the dialer at once, and ended when nothing is open any more, as of the refusal', () => {
    const first = play(refused);
    expect(first.state).toMatchObject({ name: 'cancelling', cause: 'carrier-refused' });
    expect(first.effects).toMatchObject([{ type: 'hang-up', hangUp: { dialerFinal: BUSY_FINAL } }]);
    const last: CallEvent = { type: 'carrier-refused', at: instantAt(9000), final: BUSY_FINAL };
    const { state, effects } = transition(first.state, last, RULES);
    expect(state).toMatchObject({ name: 'ended', cause: 'carrier-refused', facts: { endedAt: instantAt(900) } });
    expect(effects.map(({ type }) => type)).toEqual(['hang-up', 'finish']);
  });

  it('and is answered after all is an answered call', () => {
    expect(play(refused, eventOf('callee-answered', 2000)).state).toMatchObject({
      name: 'ended',
      facts: { answeredAt: instantAt(2000) },
    });
  });
});

describe('a call found in the journal before it was answered', () => {
  it('ends without an answer', () => {
    expect(play(eventOf('guard-restarted', 500)).state).toMatchObject({
      name: 'ended',
      cause: 'guard-restarted',
      facts: { answeredAt: null },
    });
  });
});

describe('a waiting call', () => {
  it('is hung up at the deadline when no agent came', () => {
    const { state, effects } = play(answered, eventOf('deadline', 4000));
    expect(state).toMatchObject({ name: 'ended', cause: 'deadline', facts: { endedAt: instantAt(4000) } });
    expect(effects.slice(-2).map((effect) => effect.type)).toEqual(['hang-up', 'finish']);
  });

  it('is bridged when an agent comes, and has no deadline from then on', () => {
    const { state } = play(answered, eventOf('agent-bridged', 2000));
    expect(state).toMatchObject({ name: 'bridged', deadlineAt: null, facts: { bridgedAt: instantAt(2000) } });
  });

  it('is not bridged by an agent who comes after the deadline, though its timer was late', () => {
    const { state } = play(answered, eventOf('agent-bridged', 4000.5));
    expect(state).toMatchObject({ name: 'ended', cause: 'deadline', facts: { bridgedAt: null } });
    expect(play(answered, eventOf('agent-bridged', 4000)).state.name).toBe('bridged');
  });

  it('is released when the dialer reports a machine', () => {
    const { state, effects } = play(answered, eventOf('disposition-reported', 1500));
    expect(state).toMatchObject({ name: 'released', deadlineAt: null });
    expect(effects.slice(-2).map((effect) => effect.type)).toEqual(['connect-media', 'journal']);
  });

  it('keeps its deadline when the profile counts machines as class A', () => {
    const strict: ConnectRules = { ...WAIT_THEN_DROP, machineReleases: false };
    const waiting = transition(dialing(invitedFacts()), answered, strict).state;
    expect(transition(waiting, eventOf('disposition-reported', 1500), strict).state).toMatchObject({
      name: 'waiting',
      deadlineAt: 4000,
      facts: { disposition: MACHINE },
    });
  });

  it("keeps the disposition of the dialer's BYE", () => {
    const bye: CallEvent = { type: 'dialer-hung-up', at: instantAt(1500), reason: null, disposition: MACHINE };
    expect(play(answered, bye).state).toMatchObject({ name: 'ended', facts: { disposition: MACHINE } });
  });
});

describe('a released call', () => {
  it('waits again, from the answer, when the dialer takes the machine back', () => {
    const human: CallEvent = {
      type: 'disposition-reported',
      at: instantAt(9000),
      disposition: { answeredBy: 'human', method: null, source: 'http' },
    };
    const { state, effects } = play(answered, eventOf('disposition-reported', 1500), human);
    expect(state).toMatchObject({ name: 'waiting', deadlineAt: 4000 });
    expect(effects.slice(-2)).toEqual([{ type: 'play-ambience', callee: null }, { type: 'journal' }]);
  });
});

describe('a bridged call', () => {
  it('stays bridged when the agent leaves', () => {
    const { state, effects } = play(answered, eventOf('agent-bridged', 2000), eventOf('agent-left', 5000));
    expect(state).toMatchObject({ name: 'bridged', facts: { agentLeftAt: instantAt(5000) } });
    expect(effects.at(-1)).toEqual({ type: 'journal' });
  });
});

describe('the table', () => {
  const anyEvents = fc.array(
    fc.record({ type: fc.constantFrom(...EVENT_TYPES), stepMs: fc.integer({ min: 0, max: 5000 }) }),
    { maxLength: 30 },
  );

  /** Plays only events that can happen: an `impossible` cell is our bug, and what it does is tested by itself. */
  function walk(
    events: readonly { type: CallEventType; stepMs: number }[],
    visit: (before: CallState, event: CallEvent, after: CallState) => void,
  ) {
    let state: CallState = dialing(invitedFacts());
    let nowMs = 0;
    for (const { type, stepMs } of events) {
      nowMs += stepMs;
      if (TABLE[state.name][type] === 'impossible') continue;
      const event = eventOf(type, nowMs);
      const after = transition(state, event, RULES).state;
      visit(state, event, after);
      state = after;
    }
  }

  it('answers every event in every state', () => {
    for (const [name, row] of Object.entries(TABLE)) {
      for (const type of EVENT_TYPES) {
        const cell = row[type];
        expect(cell === 'ignore' || cell === 'impossible' || typeof cell === 'function', `${name} × ${type}`).toBe(
          true,
        );
      }
    }
  });

  it('has a wait deadline exactly while waiting, and it is the answer plus the limit', () => {
    fc.assert(
      fc.property(anyEvents, (events) =>
        walk(events, (_before, _event, after) => {
          if (after.name === 'waiting')
            expect(after.deadlineAt).toBe((after.facts.answeredAt?.monotonicMs ?? 0) + 3000);
          else if (after.name !== 'cancelling') expect(after.deadlineAt).toBeNull();
        }),
      ),
    );
  });

  it('never leaves ended, and changes nothing there', () => {
    fc.assert(
      fc.property(anyEvents, (events) =>
        walk(events, (before, _event, after) => {
          if (before.name === 'ended') expect(after).toBe(before);
        }),
      ),
    );
  });

  it('finishes exactly once, with a hang-up of both legs in the same turn', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        let finishes = 0;
        walk(events, (before, event, after) => {
          const { effects } = transition(before, event, RULES);
          const types = effects.map((effect) => effect.type);
          finishes += types.filter((type) => type === 'finish').length;
          if (before.name === 'ended' || after.name !== 'ended') return;
          // The dialer was told already, and no carrier was asked.
          expect(types).toEqual(event.type === 'admission-refused' ? ['finish'] : ['hang-up', 'finish']);
        });
        expect(finishes).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('never forgets an answer or a bridge, and bridges only answered calls', () => {
    fc.assert(
      fc.property(anyEvents, (events) =>
        walk(events, (before, _event, after) => {
          if (before.facts.answeredAt !== null) expect(after.facts.answeredAt).toEqual(before.facts.answeredAt);
          if (before.facts.bridgedAt !== null) expect(after.facts.bridgedAt).not.toBeNull();
          if (after.facts.bridgedAt !== null) expect(after.facts.answeredAt).not.toBeNull();
        }),
      ),
    );
  });

  it('is left only through an assertion where an event is impossible', () => {
    const { state } = transition(dialing(invitedFacts()), eventOf('callee-answered', 1), RULES);
    expect(() => transition(state, eventOf('callee-answered', 2), RULES)).toThrow('waiting had callee-answered');
  });

  it('takes a refused call as ended', () => {
    expect(refusedAtOnce(invitedFacts(), { status: 488, phrase: 'Not Acceptable Here', reason: null })).toMatchObject({
      name: 'ended',
      cause: 'refused-by-guard',
    });
  });
});
