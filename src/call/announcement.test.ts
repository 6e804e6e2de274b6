import { describe, expect, it } from 'vitest';
import {
  CALLEE_MEDIA,
  eventOf,
  instantAt,
  invitedFacts,
  MACHINE,
  WAIT_THEN_DROP,
  WAIT_THEN_TELL,
} from '../testing/call-samples.ts';
import { ANNOUNCEMENT_HELD_MS_MAX } from './answered.ts';
import type { CallEvent } from './call-event.ts';
import type { CallState, ConnectRules } from './call-state.ts';
import { ANNOUNCED_REASON, OPTED_OUT_REASON } from './ending.ts';
import { dialing, transition } from './transition.ts';
import { ANNOUNCEMENT_LEAD_MS, waitOf } from './wait.ts';

/** From the answer at 1000. */
function play(rules: ConnectRules, ...events: CallEvent[]) {
  return playFrom(dialing(invitedFacts()), rules, eventOf('callee-answered', 1000), ...events);
}

function playFrom(first: CallState, rules: ConnectRules, ...events: CallEvent[]) {
  return events.reduce(
    ({ state, effects }, event) => {
      const step = transition(state, event, rules);
      return { state: step.state, effects: [...effects, ...step.effects.map(({ type }) => type)] };
    },
    { state: first, effects: [] as string[] },
  );
}

const speaks = (sinceMs: number): CallEvent =>
  ({ ...eventOf('callee-speaks', sinceMs + 60), since: instantAt(sinceMs) }) as CallEvent;
const quiet = (sinceMs: number): CallEvent =>
  ({ ...eventOf('callee-quiet', sinceMs + 600), since: instantAt(sinceMs) }) as CallEvent;
const FROM_START: ConnectRules = { ...WAIT_THEN_TELL, waitFrom: 'speech-start' };

describe('a wait that counts from the greeting', () => {
  it('counts from the answer while nothing is heard', () => {
    const { state } = play(WAIT_THEN_TELL);
    expect(state.deadlineAt).toBe(1000 + 2000 - ANNOUNCEMENT_LEAD_MS);
    expect(waitOf(state.facts, WAIT_THEN_TELL).from).toBe('answer');
  });

  it('counts from its beginning, which is not when that was found out', () => {
    const { state } = play(FROM_START, speaks(1700), quiet(2500));
    expect(state).toMatchObject({ name: 'waiting', deadlineAt: 1700 + 2000 - ANNOUNCEMENT_LEAD_MS });
    expect(waitOf(state.facts, FROM_START).from).toBe('speech-start');
  });

  it('counts from its end, and until that is known from its limit', () => {
    const begun = play(WAIT_THEN_TELL, speaks(1700));
    expect(begun.state.deadlineAt).toBe(1700 + 6000 + 2000 - ANNOUNCEMENT_LEAD_MS);
    const { state, effects } = playFrom(begun.state, WAIT_THEN_TELL, quiet(2900));
    expect(state.deadlineAt).toBe(2900 + 2000 - ANNOUNCEMENT_LEAD_MS);
    expect(effects).toEqual(['journal']);
    expect(waitOf(state.facts, WAIT_THEN_TELL).from).toBe('speech-end');
  });

  it('counts a greeting that was found to end after its limit as over at that', () => {
    const { state } = play(WAIT_THEN_TELL, speaks(1500), quiet(9000));
    expect(state.deadlineAt).toBe(1500 + 6000 + 2000 - ANNOUNCEMENT_LEAD_MS);
  });

  it('counts from the first greeting, whatever is said later', () => {
    const { state } = play(WAIT_THEN_TELL, speaks(1500), quiet(2000), speaks(3000), quiet(3500));
    expect(state.facts.greeting).toEqual({ startedAt: instantAt(1500), endedAt: instantAt(2000) });
    expect(play(WAIT_THEN_TELL, quiet(2000)).state.facts.greeting).toBe(null);
  });

  it('has its whole length where the call is torn down at its end', () => {
    const rules: ConnectRules = { ...WAIT_THEN_DROP, waitFrom: 'speech-end' };
    const { state } = play(rules, speaks(1500), quiet(2000));
    expect(state.deadlineAt).toBe(5000);
    expect(playFrom(state, rules, eventOf('deadline', 5000)).state).toMatchObject({ name: 'ended', cause: 'deadline' });
  });

  it('is as the answer says where the rules count from that', () => {
    expect(play(WAIT_THEN_DROP, speaks(1500), quiet(2000)).state.deadlineAt).toBe(4000);
  });

  it('that an agent ended is not taken up again', () => {
    const { state, effects } = play(WAIT_THEN_TELL, speaks(1500), eventOf('agent-bridged', 1800), quiet(2000));
    expect(state).toMatchObject({ name: 'bridged', deadlineAt: null });
    expect(effects).toEqual(['play-ambience', 'journal', 'journal', 'connect-media', 'journal']);
  });
});

describe('an announcing call', () => {
  const begun = () => play(WAIT_THEN_TELL, speaks(1500), quiet(2000), eventOf('deadline', 3900));
  const then = (...events: CallEvent[]) => playFrom(begun().state, WAIT_THEN_TELL, ...events);

  it('begins where the wait ends, and waits no longer for the message than it may take', () => {
    const { state, effects } = begun();
    expect(effects.slice(-2)).toEqual(['announce', 'journal']);
    expect(state).toMatchObject({
      name: 'announcing',
      deadlineAt: 3900 + 4000 + 3000 + ANNOUNCEMENT_HELD_MS_MAX,
      facts: {
        teardownDueAt: instantAt(3900),
        announcement: { startedAt: instantAt(3900), endedAt: null, optOut: null },
      },
    });
    expect(then(eventOf('deadline', 20_000)).state).toMatchObject({ name: 'ended', cause: 'announced' });
  });

  it('listens for the key after the message, then hangs both legs up', () => {
    const over = then(eventOf('announced', 7900));
    expect(over.state).toMatchObject({ name: 'announcing', deadlineAt: 10_900 });
    const { state, effects } = playFrom(over.state, WAIT_THEN_TELL, eventOf('deadline', 10_900));
    expect(state).toMatchObject({
      ...{ name: 'ended', cause: 'announced', reason: ANNOUNCED_REASON },
      facts: { announcement: { endedAt: instantAt(7900), optOut: null } },
    });
    expect(effects).toEqual(['hang-up', 'finish']);
  });

  it('hangs up with the message’s last word where there is no key to press', () => {
    const rules: ConnectRules = { ...WAIT_THEN_TELL, announcement: { durationMs: 1500, optOut: null } };
    const { state } = play(rules, eventOf('deadline', 2900), eventOf('callee-key', 3000), eventOf('announced', 4400));
    expect(state).toMatchObject({ name: 'ended', cause: 'announced', facts: { announcement: { optOut: null } } });
  });

  it('ends at once when the callee presses the key, while it plays and after it, and for no other key', () => {
    const other = { ...eventOf('callee-key', 5000), digit: '1' } as CallEvent;
    expect(then(other).state.name).toBe('announcing');
    for (const events of [[eventOf('callee-key', 5000)], [eventOf('announced', 7900), eventOf('callee-key', 8500)]]) {
      const { state } = then(...events);
      expect(state).toMatchObject({ name: 'ended', cause: 'opted-out', reason: OPTED_OUT_REASON });
      expect(state.facts.announcement?.optOut?.digit).toBe('9');
    }
  });

  it('has no agent any more: one who comes is too late', () => {
    const { state, effects } = then(eventOf('agent-bridged', 4500));
    expect(state).toMatchObject({ name: 'announcing', facts: { agent: null, bridgedAt: null } });
    expect(effects).toEqual([]);
  });

  it('begins for an agent who comes when the wait is over and its timer is late', () => {
    const { state } = play(WAIT_THEN_TELL, eventOf('agent-bridged', 2950));
    expect(state).toMatchObject({ name: 'announcing', facts: { agent: null } });
  });

  it('goes on when the dialer goes, and ends when the callee does', () => {
    const lost = { ...eventOf('leg-lost', 4500), leg: 'dialer' } as CallEvent;
    const { state, effects } = then(eventOf('dialer-hung-up', 4000), lost);
    expect(state.name).toBe('announcing');
    expect(effects).toEqual(['journal']);
    expect(then(eventOf('callee-hung-up', 4200)).state).toMatchObject({ name: 'ended', cause: 'callee-hung-up' });
    expect(then(eventOf('leg-lost', 4200)).state).toMatchObject({ name: 'ended', cause: 'callee-lost' });
  });

  it.each(['media-failed', 'internal-error', 'guard-stopping', 'guard-restarted', 'dialer-cancelled'] as const)(
    'ends at %s',
    (type) => {
      const { state, effects } = then(eventOf(type, 5000));
      expect(state).toMatchObject({ name: 'ended', cause: type });
      expect(effects).toEqual(['hang-up', 'finish']);
    },
  );

  it('comes when the dialer gives a waiting callee up, unless it says that it is a machine', () => {
    const { state, effects } = play(WAIT_THEN_TELL, eventOf('dialer-hung-up', 2000));
    expect(state).toMatchObject({ name: 'announcing', facts: { teardownDueAt: instantAt(2000) } });
    expect(effects.slice(-2)).toEqual(['announce', 'journal']);
    const machine = { ...eventOf('dialer-hung-up', 2000), disposition: MACHINE } as CallEvent;
    expect(play(WAIT_THEN_TELL, machine).state).toMatchObject({ name: 'ended', cause: 'dialer-hung-up' });
    expect(play(WAIT_THEN_DROP, eventOf('dialer-hung-up', 2000)).state.name).toBe('ended');
  });

  it('is none where the teardown is only observed: the call is the dialer’s', () => {
    const observed = dialing({ ...invitedFacts(), teardown: 'observe' });
    const { state } = playFrom(
      observed,
      WAIT_THEN_TELL,
      { ...eventOf('callee-answered', 1000), media: CALLEE_MEDIA } as CallEvent,
      eventOf('deadline', 3000),
    );
    expect(state).toMatchObject({ name: 'overdue', facts: { teardownDueAt: instantAt(3000) } });
  });
});
