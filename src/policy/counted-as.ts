/**
 * Whether and how an answered call is counted: class A or B of decision 83/2014 point 1 (elsewhere an abandoned call and one
 * that was not), and why. One pure function per jurisdiction decides it from the three axes and the two times that they cannot tell; a live call is judged as an ended one.
 */
import { elapsedMs, type Instant } from '../base/clock.ts';
import { type CallFacts, type EndCause, isRelayed } from '../call/call-facts.ts';
import type { CallState } from '../call/call-state.ts';
import type { CountedAs } from '../ledger/ledger-entry.ts';
import type { ClassOption, Jurisdiction, JurisdictionName } from './jurisdictions/jurisdiction.ts';
import type { AnsweredByAxis, HandlingAxis } from './outcome.ts';

/** What an answered call is judged by. */
export type AnsweredCall = {
  /** Not a predictive call. */
  readonly relayed: boolean;
  readonly answeredBy: AnsweredByAxis;
  /** What the callee said first, ms after the answer; null: nothing was heard or listened for. */
  readonly greeting: { readonly startedMs: number; readonly endedMs: number | null } | null;
  /** A message told the callee who called, since nobody came. */
  readonly announced: boolean;
  /** Answer to agent, in ms; null when none came. */
  readonly agentAfterMs: number | null;
  /** The wait ended without an agent, whoever came afterwards: where the teardown is only observed. */
  readonly wasOverdue: boolean;
  /** Answer to the callee's hanging up, in ms; null when it goes on or somebody else ended it. */
  readonly calleeHungUpAfterMs: number | null;
};

/** The three axes of an answered call (its network axis is `answered`), and what the times add to them. */
export type CountAxes = {
  readonly answeredBy: AnsweredByAxis;
  readonly handling: HandlingAxis;
  /** An agent was connected within the wait: one after it does not undo that nobody was there when the callee said hello. */
  readonly agentInTime: boolean;
  /** The callee ended it before the wait was over, without an agent. */
  readonly calleeHungUpFirst: boolean;
};

/** One jurisdiction's function from the axes to the class; null: not counted. */
type CountingRule = (axes: CountAxes, options: Jurisdiction['options']) => CountedAs | null;

/** Decision 83/2014 point 1 with its premises; where they leave room the options decide. */
const italianCount: CountingRule = (axes, { machineAnswered, calleeHangUp }) => {
  // Not a predictive call: the decision counts none of these.
  if (axes.handling === 'relayed') return null;
  if (axes.agentInTime) return { class: 'B', as: 'agent' };
  // Before the hang-up: a machine that hangs up is a machine.
  if (axes.answeredBy === 'machine' || axes.answeredBy === 'fax') return asChosen(machineAnswered, 'machine');
  if (axes.calleeHungUpFirst) return asChosen(calleeHangUp, 'callee-hung-up');
  return { class: 'A', as: 'silent' };
};

/**
 * United Kingdom, United States and, as long as nobody has looked, Canada: of the calls that a person answered those that
 * were abandoned (A), and those that were not (B). A machine is no such call, whoever listened to it; one that an agent was
 * connected to is told apart from one that detection found.
 */
const liveCount: CountingRule = (axes, options) => {
  if (axes.handling === 'relayed') return null;
  const { machineAnswered, calleeHangUp } = options;
  if (axes.answeredBy === 'machine' || axes.answeredBy === 'fax')
    return asChosen(machineAnswered, axes.handling === 'agent' ? 'machine-heard' : 'machine');
  if (axes.agentInTime) return { class: 'B', as: 'agent' };
  if (axes.calleeHungUpFirst) return asChosen(calleeHangUp, 'callee-hung-up');
  return { class: 'A', as: 'silent' };
};

function asChosen({ value }: ClassOption, as: CountedAs['as']): CountedAs {
  return { class: value === 'none' ? null : value, as };
}

const RULES: Readonly<Record<JurisdictionName, CountingRule>> = {
  it: italianCount,
  gb: liveCount,
  us: liveCount,
  ca: liveCount,
  // Nothing is held against it: Italy's words are as good as any.
  de: italianCount,
};

/** What became of an answered call, and how it counts. Pure and total. */
export function judged(
  call: AnsweredCall,
  jurisdiction: Jurisdiction,
): { readonly handling: HandlingAxis; readonly counted: CountedAs | null } {
  const axes = axesOf(call, jurisdiction.wait);
  return { handling: axes.handling, counted: RULES[jurisdiction.name](axes, jurisdiction.options) };
}

/**
 * How a call counts in the state it is in; null: not, or not yet. A guard writes a ledger entry where this differs from
 * what it was in the state before: class B counts at the bridge or at the reported machine, class A at the end of the wait.
 */
export function countOf(state: CallState, jurisdiction: Jurisdiction): CountedAs | null {
  if (state.name === 'dialing' || state.name === 'cancelling' || state.name === 'waiting') return null;
  const call = answeredCallOf(state.facts, state.name === 'ended' ? state.cause : null);
  return call === null ? null : judged(call, jurisdiction).counted;
}

/** What a call is judged by; null when nobody answered. */
export function answeredCallOf(facts: CallFacts, cause: EndCause | null): AnsweredCall | null {
  const { answeredAt, bridgedAt, endedAt } = facts;
  if (answeredAt === null) return null;
  const hungUpAt = cause === 'callee-hung-up' ? endedAt : null;
  return {
    relayed: isRelayed(facts),
    answeredBy: facts.disposition?.answeredBy ?? 'not-classified',
    greeting: greetingOf(facts, answeredAt),
    announced: (facts.announcement ?? null) !== null,
    agentAfterMs: bridgedAt === null ? null : elapsedMs(answeredAt.monotonicMs, bridgedAt.monotonicMs),
    wasOverdue: (facts.teardownDueAt ?? null) !== null,
    calleeHungUpAfterMs: hungUpAt === null ? null : elapsedMs(answeredAt.monotonicMs, hungUpAt.monotonicMs),
  };
}

function greetingOf({ greeting = null }: CallFacts, answeredAt: Instant): AnsweredCall['greeting'] {
  if (greeting === null) return null;
  const after = (at: Instant) => asRecorded(Math.max(0, elapsedMs(answeredAt.monotonicMs, at.monotonicMs)));
  return {
    startedMs: after(greeting.startedAt),
    endedMs: greeting.endedAt === null ? null : after(greeting.endedAt),
  };
}

function axesOf(call: AnsweredCall, wait: Jurisdiction['wait']): CountAxes {
  const { relayed, answeredBy, agentAfterMs, wasOverdue, calleeHungUpAfterMs } = call;
  const waitEndsMs = startMs(call, wait) + wait.limitMs.value;
  const isMachine = answeredBy === 'machine' || answeredBy === 'fax';
  const withoutAgent = isMachine ? 'machine-dropped' : call.announced ? 'message' : 'silent';
  return {
    answeredBy,
    handling: relayed ? 'relayed' : agentAfterMs === null ? withoutAgent : 'agent',
    agentInTime: agentAfterMs !== null && !wasOverdue && agentAfterMs <= waitEndsMs,
    calleeHungUpFirst:
      agentAfterMs === null &&
      !wasOverdue &&
      calleeHungUpAfterMs !== null &&
      asRecorded(calleeHungUpAfterMs) < waitEndsMs,
  };
}

/** What the wait counts from, ms after the answer; for a greeting that goes on it has not begun. */
function startMs({ greeting }: AnsweredCall, { from }: Jurisdiction['wait']): number {
  if (from.value === 'answer' || greeting === null) return 0;
  return from.value === 'speech-start' ? greeting.startedMs : (greeting.endedMs ?? Number.POSITIVE_INFINITY);
}

/** Records keep tenths of a millisecond: a call is counted alike from its facts and from its record. */
function asRecorded(durationMs: number): number {
  return Math.round(durationMs * 10) / 10;
}
