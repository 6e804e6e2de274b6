/** What an answered call comes to, as steps of its table: a wait, an agent, a machine, a message, another's call. Pure. */
import { addMs, elapsedMs, type Instant, type MonotonicMs } from '../base/clock.ts';
import type { CallEvent } from './call-event.ts';
import { type CallFacts, type Disposition, isRelayed } from './call-facts.ts';
import type { AnnouncementRule, ConnectRules, StateNamed } from './call-state.ts';
import { ANNOUNCED_REASON, end, NO_AGENT_REASON, OPTED_OUT_REASON, type Step } from './ending.ts';
import type { RemoteMedia } from './remote-media.ts';
import { isObserved, waitOf, wallTimed } from './wait.ts';

type EventTyped<E extends CallEvent['type']> = Extract<CallEvent, { type: E }>;

/** For how long a callee on hold may keep a message from going on: it waits until it is listened to. */
export const ANNOUNCEMENT_HELD_MS_MAX = 5_000;

/** The 2xx is there. */
export function answered(facts: CallFacts, event: EventTyped<'callee-answered'>, rules: ConnectRules): Step {
  // A 2xx without usable SDP is still an answer in law, and one in which nothing can be heard.
  if (event.media === null) return end(facts, event, 'media-failed');
  if (isRelayed(facts)) return relay(facts, event, event.media);
  if (facts.agent !== null) return bridge(facts, event, event.media);
  if (facts.disposition !== null && releases(facts.disposition, rules)) return release(facts, event.media);
  return wait(facts, event.media, rules);
}

/** Connected from the answer on, without an agent of which anybody would have to tell. */
function relay(facts: CallFacts, event: CallEvent, callee: RemoteMedia): Step {
  return {
    state: { name: 'bridged', facts: { ...facts, bridgedAt: event.at }, deadlineAt: null },
    effects: [{ type: 'relay-media', callee }, { type: 'journal' }],
  };
}

/** Ambience until an agent comes, or the wait ends. */
export function wait(facts: CallFacts, callee: RemoteMedia | null, rules: ConnectRules): Step {
  return {
    state: { name: 'waiting', facts, deadlineAt: waitOf(facts, rules).deadlineAt },
    effects: [{ type: 'play-ambience', callee }, { type: 'journal' }],
  };
}

/** The greeting began or ended: the wait may count from there. */
export function greeted(
  state: StateNamed<'waiting'>,
  event: EventTyped<'callee-speaks' | 'callee-quiet'>,
  rules: ConnectRules,
): Step {
  const known = state.facts.greeting ?? null;
  const greeting =
    event.type === 'callee-speaks'
      ? (known ?? { startedAt: event.since, endedAt: null })
      : known === null
        ? null
        : { ...known, endedAt: known.endedAt ?? endOf(known.startedAt, event.since, rules) };
  const facts = { ...state.facts, greeting };
  return {
    state: { name: 'waiting', facts, deadlineAt: waitOf(facts, rules).deadlineAt },
    effects: [{ type: 'journal' }],
  };
}

/** A greeting that went on beyond its limit counts as over at that: its end is no longer looked for. */
function endOf(startedAt: Instant, endedAt: Instant, { greetingLimitMs }: ConnectRules): Instant | null {
  return elapsedMs(startedAt.monotonicMs, endedAt.monotonicMs) > greetingLimitMs ? null : endedAt;
}

/** An agent and the callee are connected. */
export function bridge(facts: CallFacts, event: CallEvent, callee: RemoteMedia | null): Step {
  return {
    state: { name: 'bridged', facts: { ...facts, bridgedAt: event.at }, deadlineAt: null },
    effects: [{ type: 'connect-media', callee }, { type: 'journal' }],
  };
}

/** The dialer's call from here on: a machine. */
export function release(facts: CallFacts, callee: RemoteMedia | null): Step {
  return {
    state: { name: 'released', facts, deadlineAt: null },
    effects: [{ type: 'connect-media', callee }, { type: 'journal' }],
  };
}

/** Whether a reported machine or fax takes the wait away. */
export function releases(disposition: Disposition, rules: ConnectRules): boolean {
  return rules.machineReleases && disposition.answeredBy !== 'human';
}

/**
 * No agent within the wait: torn down, or told by a message who called; or the dialer's call from here on, whose agent may be
 * talking untold.
 */
export function waitEnds(facts: CallFacts, event: CallEvent, deadlineAt: MonotonicMs, rules: ConnectRules): Step {
  const due = { ...facts, teardownDueAt: wallTimed(facts, deadlineAt) };
  if (isObserved(facts)) {
    return {
      state: { name: 'overdue', facts: due, deadlineAt: null },
      effects: [{ type: 'connect-media', callee: null }, { type: 'journal' }],
    };
  }
  if (rules.announcement !== null) return announce(due, event, rules.announcement);
  return end(due, event, 'deadline', { reason: NO_AGENT_REASON });
}

/**
 * The dialer gives a waiting callee up, and reports no machine: nobody came, so that the callee is told who called, with the
 * dialer or without. Where the rules have no message the call is over.
 */
export function givenUp(state: StateNamed<'waiting'>, event: EventTyped<'dialer-hung-up'>, rules: ConnectRules): Step {
  const { disposition, reason } = event;
  const facts = disposition === null ? state.facts : { ...state.facts, disposition };
  const isMachine = disposition !== null && disposition.answeredBy !== 'human';
  if (rules.announcement === null || isMachine || isObserved(facts)) {
    return end(facts, event, 'dialer-hung-up', { reason });
  }
  return announce({ ...facts, teardownDueAt: event.at }, event, rules.announcement);
}

function announce(facts: CallFacts, event: CallEvent, { durationMs, optOut }: AnnouncementRule): Step {
  const longestMs = durationMs + ANNOUNCEMENT_HELD_MS_MAX + (optOut?.listenMs ?? 0);
  return {
    state: {
      name: 'announcing',
      facts: { ...facts, announcement: { startedAt: event.at, endedAt: null, optOut: null } },
      deadlineAt: addMs(event.at.monotonicMs, longestMs),
    },
    effects: [{ type: 'announce' }, { type: 'journal' }],
  };
}

/** The message is over: the callee has a moment left to press the key, if there is one. */
export function announced(state: StateNamed<'announcing'>, event: EventTyped<'announced'>, rules: ConnectRules): Step {
  const facts = announcing(state.facts, { endedAt: event.since });
  const listenMs = rules.announcement?.optOut?.listenMs ?? 0;
  if (listenMs === 0) return announcementEnds(facts, event);
  return {
    state: { name: 'announcing', facts, deadlineAt: addMs(event.since.monotonicMs, listenMs) },
    effects: [{ type: 'journal' }],
  };
}

/** Nothing is left to be said. */
export function announcementEnds(facts: CallFacts, event: CallEvent): Step {
  return end(facts, event, 'announced', { reason: ANNOUNCED_REASON });
}

/** A key: the one that says never again ends the call at once (47 CFR 64.1200(a)(7)(i)(B)), any other is nothing. */
export function keyed(state: StateNamed<'announcing'>, event: EventTyped<'callee-key'>, rules: ConnectRules): Step {
  if (event.digit !== rules.announcement?.optOut?.digit) return { state, effects: [] };
  const facts = announcing(state.facts, { optOut: { digit: event.digit, at: event.at } });
  return end(facts, event, 'opted-out', { reason: OPTED_OUT_REASON });
}

function announcing(facts: CallFacts, more: Partial<NonNullable<CallFacts['announcement']>>): CallFacts {
  const { announcement = null } = facts;
  return announcement === null ? facts : { ...facts, announcement: { ...announcement, ...more } };
}
