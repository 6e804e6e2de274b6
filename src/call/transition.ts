/**
 * One call, as one table: what each event does in each state (DESIGN §3). No I/O, no clock, no log.
 *
 * A cell is a rule, `ignore` (a race or a repetition we expect) or `impossible` (our bug; the runner ends that call).
 * Deleting a cell is a compile error. A timer is not an effect: whoever runs the machine keeps one timer at the
 * state's `deadlineAt` and sends `deadline` when it comes.
 */
import { assert } from '../base/assert.ts';
import { addMs, type Instant } from '../base/clock.ts';
import {
  announced,
  announcementEnds,
  answered,
  bridge,
  givenUp,
  greeted,
  keyed,
  release,
  releases,
  wait,
  waitEnds,
} from './answered.ts';
import type { CallEvent, CallEventType } from './call-event.ts';
import { type CallFacts, type Disposition, isRelayed, type SipFinal } from './call-facts.ts';
import type { CallState, CallStateName, ConnectRules, StateNamed } from './call-state.ts';
import { cancel, end, endCancelled, LOST, LOST_REASON, RING_LIMIT, type Step } from './ending.ts';
import { isObserved, waitOf, wallTimed } from './wait.ts';

type EventTyped<E extends CallEventType> = Extract<CallEvent, { type: E }>;

/** What one event does in one state. */
export type Cell<N extends CallStateName, E extends CallEventType> =
  | 'ignore'
  | 'impossible'
  | ((state: StateNamed<N>, event: EventTyped<E>, rules: ConnectRules) => Step);

type Table = { readonly [N in CallStateName]: { readonly [E in CallEventType]: Cell<N, E> } };

/** The state and effects after one event. Total: every state answers every event, `ended` absorbs all. */
export function transition(state: CallState, event: CallEvent, rules: ConnectRules): Step {
  const cell = TABLE[state.name][event.type] as Cell<CallStateName, CallEventType>;
  assert(cell !== 'impossible', `a call that is ${state.name} had ${event.type}`);
  if (cell === 'ignore') return { state, effects: [] };
  return cell(state, event, rules);
}

/**
 * The state of a call whose INVITE is about to be placed.
 *
 * @param ringLimitMs from the INVITE to when it is given up; null: the dialer's patience decides
 */
export function dialing(facts: CallFacts, ringLimitMs: number | null = null): CallState {
  const deadlineAt = ringLimitMs === null ? null : addMs(facts.invitedAt.monotonicMs, ringLimitMs);
  return { name: 'dialing', facts, deadlineAt };
}

/** The state of a call that was never placed because an admission rule refused it. */
export function refusedAtOnce(facts: CallFacts, final: SipFinal, at: Instant = facts.invitedAt): StateNamed<'ended'> {
  return {
    name: 'ended',
    facts: { ...facts, carrierFinal: final, endedAt: at },
    cause: 'refused-by-guard',
    reason: final.reason,
    deadlineAt: null,
  };
}

/** What of the callee is heard only while nobody else is on the line; a report may cross what changes that. */
const NOT_WAITING = {
  'callee-speaks': 'ignore',
  'callee-quiet': 'ignore',
  'callee-key': 'ignore',
  announced: 'ignore',
} as const;

/** What is the same in every state of an answered call: repetitions, and the ways in which it ends. */
const ANSWERED = {
  'admission-refused': 'impossible',
  // It crossed the answer: what was placed was answered.
  'admission-withdrawn': 'ignore',
  'callee-ringing': 'ignore',
  'callee-answered': 'impossible',
  'callee-hung-up': (state, event) => end(state.facts, event, 'callee-hung-up', { reason: event.reason }),
  'carrier-refused': 'impossible',
  // The CANCEL crossed the 200 that is on its way to the dialer.
  'dialer-cancelled': (state, event) => end(state.facts, event, 'dialer-cancelled', { reason: event.reason }),
  'dialer-hung-up': (state, event) =>
    end(noteDisposition(state.facts, event.disposition), event, 'dialer-hung-up', { reason: event.reason }),
  'leg-lost': (state, event) => end(state.facts, event, LOST[event.leg], { reason: event.reason ?? LOST_REASON }),
  ...NOT_WAITING,
  'media-failed': (state, event) => end(state.facts, event, 'media-failed'),
  'internal-error': (state, event) => end(state.facts, event, 'internal-error'),
  'guard-stopping': (state, event) => end(state.facts, event, 'guard-stopping'),
  'guard-restarted': (state, event) => end(state.facts, event, 'guard-restarted'),
} as const satisfies {
  readonly [E in CallEventType]?: Cell<'waiting' | 'released' | 'overdue' | 'announcing' | 'bridged', E>;
};

/** The table. */
export const TABLE: Table = {
  dialing: {
    'admission-refused': (state, event) => ({
      state: refusedAtOnce(state.facts, event.final, event.at),
      effects: [{ type: 'finish' }],
    }),
    'admission-withdrawn': (state, event) => cancel(state.facts, event, 'agent-lost', event.final.reason, event.final),
    'callee-ringing': (state, event) => ({
      state: withFacts(state, { ringingAt: state.facts.ringingAt ?? event.at }),
      effects:
        event.media === null
          ? []
          : [{ type: isRelayed(state.facts) ? 'relay-media' : 'relay-early-media', callee: event.media }],
    }),
    'callee-answered': (state, event, rules) =>
      answered({ ...state.facts, answeredAt: event.at, carrierFinal: event.final }, event, rules),
    'callee-hung-up': 'ignore',
    'carrier-refused': (state, event) => {
      const facts = { ...state.facts, carrierFinal: event.final };
      const { reason } = event.final;
      // The dialer is told now; whether somebody picks up at a carrier that was given up shows later.
      if (event.open === true) return cancel(facts, event, 'carrier-refused', reason, event.final);
      return end(facts, event, 'carrier-refused', { dialerFinal: event.final, reason });
    },
    'dialer-cancelled': (state, event) => cancel(state.facts, event, 'dialer-cancelled', event.reason),
    // A BYE in an early dialog (RFC 3261 §15) gives the call up just as a CANCEL does.
    'dialer-hung-up': (state, event) =>
      cancel(noteDisposition(state.facts, event.disposition), event, 'dialer-cancelled', event.reason),
    'leg-lost': (state, event) => cancel(state.facts, event, LOST[event.leg], LOST_REASON),
    ...NOT_WAITING,
    'agent-bridged': (state, event) => ({ state: withFacts(state, { agent: event.agent }), effects: [] }),
    'agent-left': (state) => ({ state: withFacts(state, { agent: null }), effects: [] }),
    'disposition-reported': (state, event) => ({
      state: withFacts(state, { disposition: event.disposition }),
      effects: [],
    }),
    deadline: (state, event) => cancel(state.facts, event, 'ring-limit', RING_LIMIT.reason, RING_LIMIT),
    'media-failed': (state, event) => cancel(state.facts, event, 'media-failed', null),
    'internal-error': (state, event) => cancel(state.facts, event, 'internal-error', null),
    'guard-stopping': (state, event) => cancel(state.facts, event, 'guard-stopping', null),
    // Whether it was ever answered nobody knows: what rang on is ended by the engine when it answers.
    'guard-restarted': (state, event) => end(state.facts, event, 'guard-restarted'),
  },
  cancelling: {
    // The dialer gave up while the rules were asked.
    'admission-refused': 'ignore',
    'admission-withdrawn': 'ignore',
    'callee-ringing': 'ignore',
    // A 2xx that crosses our CANCEL is an answered call: the callee picked up and hears nobody.
    'callee-answered': (state, event) =>
      end({ ...state.facts, answeredAt: event.at, carrierFinal: event.final }, event, state.cause),
    'callee-hung-up': 'ignore',
    'carrier-refused': (state, event) =>
      event.open === true
        ? { state: withFacts(state, { carrierFinal: event.final }), effects: [] }
        : endCancelled({ ...state, facts: { ...state.facts, carrierFinal: event.final } }, event, event.final.reason),
    'dialer-cancelled': 'ignore',
    'dialer-hung-up': 'ignore',
    'leg-lost': 'ignore',
    ...NOT_WAITING,
    'agent-bridged': 'ignore',
    'agent-left': 'ignore',
    'disposition-reported': (state, event) => ({
      state: withFacts(state, { disposition: event.disposition }),
      effects: [],
    }),
    deadline: (state, event) => endCancelled(state, event, state.facts.carrierFinal?.reason ?? null),
    'media-failed': 'ignore',
    'internal-error': (state, event) => end(state.facts, event, 'internal-error'),
    'guard-stopping': 'ignore',
    'guard-restarted': 'impossible',
  },
  waiting: {
    ...ANSWERED,
    'dialer-hung-up': givenUp,
    'callee-speaks': greeted,
    'callee-quiet': greeted,
    // Read before a timer that was due already: too late is too late, however busy we were.
    'agent-bridged': (state, event, rules) => {
      const facts = { ...state.facts, agent: event.agent };
      if (event.at.monotonicMs <= state.deadlineAt) return bridge(facts, event, null);
      // Who came too late is not the agent of a call that is torn down.
      if (!isObserved(facts)) return waitEnds(state.facts, event, state.deadlineAt, rules);
      return bridge({ ...facts, teardownDueAt: wallTimed(facts, state.deadlineAt) }, event, null);
    },
    'agent-left': 'ignore',
    'disposition-reported': (state, event, rules) => {
      const facts = { ...state.facts, disposition: event.disposition };
      if (!releases(event.disposition, rules)) return { state: { ...state, facts }, effects: [{ type: 'journal' }] };
      return release(facts, null);
    },
    deadline: (state, event, rules) => waitEnds(state.facts, event, state.deadlineAt, rules),
  },
  released: {
    ...ANSWERED,
    'agent-bridged': (state, event) => bridge({ ...state.facts, agent: event.agent }, event, null),
    'agent-left': 'ignore',
    'disposition-reported': (state, event, rules) => {
      const facts = { ...state.facts, disposition: event.disposition };
      if (releases(event.disposition, rules)) return { state: { ...state, facts }, effects: [{ type: 'journal' }] };
      // The dialer takes it back: a person after all. The wait began long ago, so it may be over already.
      const { deadlineAt } = waitOf(facts, rules);
      if (isObserved(facts) && event.at.monotonicMs >= deadlineAt) return waitEnds(facts, event, deadlineAt, rules);
      return wait(facts, null, rules);
    },
    deadline: 'impossible',
  },
  overdue: {
    ...ANSWERED,
    'agent-bridged': (state, event) => bridge({ ...state.facts, agent: event.agent }, event, null),
    'agent-left': 'ignore',
    'disposition-reported': (state, event) => ({
      state: withFacts(state, { disposition: event.disposition }),
      effects: [{ type: 'journal' }],
    }),
    deadline: 'impossible',
  },
  announcing: {
    ...ANSWERED,
    // The callee is told who called whether or not the dialer stays for it.
    'dialer-hung-up': (state, event) => ({
      state: { ...state, facts: noteDisposition(state.facts, event.disposition) },
      effects: [{ type: 'journal' }],
    }),
    'leg-lost': (state, event) =>
      event.leg === 'dialer'
        ? { state, effects: [] }
        : end(state.facts, event, LOST[event.leg], { reason: event.reason ?? LOST_REASON }),
    'callee-key': keyed,
    announced,
    // Too late: for the law the call is abandoned, and the message would break off.
    'agent-bridged': 'ignore',
    'agent-left': 'ignore',
    'disposition-reported': (state, event) => ({
      state: withFacts(state, { disposition: event.disposition }),
      effects: [{ type: 'journal' }],
    }),
    deadline: (state, event) => announcementEnds(state.facts, event),
  },
  bridged: {
    ...ANSWERED,
    'agent-bridged': (state, event) => ({
      state: withFacts(state, { agent: event.agent, agentLeftAt: null }),
      effects: [{ type: 'journal' }],
    }),
    // The relay stays: the dialer may play music or bring another agent. The media plane fills its silence.
    'agent-left': (state, event) => ({ state: withFacts(state, { agentLeftAt: event.at }), effects: [] }),
    'disposition-reported': (state, event) => ({
      state: withFacts(state, { disposition: event.disposition }),
      effects: [{ type: 'journal' }],
    }),
    deadline: 'impossible',
  },
  ended: {
    'admission-refused': 'ignore',
    'admission-withdrawn': 'ignore',
    'callee-ringing': 'ignore',
    'callee-answered': 'ignore',
    'callee-hung-up': 'ignore',
    'carrier-refused': 'ignore',
    'dialer-cancelled': 'ignore',
    'dialer-hung-up': 'ignore',
    'leg-lost': 'ignore',
    ...NOT_WAITING,
    'agent-bridged': 'ignore',
    'agent-left': 'ignore',
    'disposition-reported': 'ignore',
    deadline: 'ignore',
    'media-failed': 'ignore',
    'internal-error': 'ignore',
    'guard-stopping': 'ignore',
    'guard-restarted': 'ignore',
  },
};

function noteDisposition(facts: CallFacts, disposition: Disposition | null): CallFacts {
  return disposition === null ? facts : { ...facts, disposition };
}

function withFacts<S extends CallState>(state: S, changed: Partial<CallFacts>): S {
  return { ...state, facts: { ...state.facts, ...changed } };
}
