/**
 * How long a callee waits for an agent, and from when on. The rules name a moment: the answer, or the beginning or the end of
 * what the callee says first. Where nothing is heard of that the answer stands for it, so that nobody waits longer for saying
 * nothing; a greeting that does not end counts as ended at its limit.
 */
import { assert } from '../base/assert.ts';
import { addMs, elapsedMs, type Instant, type MonotonicMs, type WallMs } from '../base/clock.ts';
import type { CallFacts, WaitStart } from './call-facts.ts';
import type { ConnectRules } from './call-state.ts';

/**
 * So long before the wait's end a message is asked for that must have begun by then: its first packet leaves with the next
 * frame of the stream, at most 60 ms later, and the thread that sends it must be told.
 */
export const ANNOUNCEMENT_LEAD_MS = 100;

/** The end of a wait, and the moment it counts from. */
export type Wait = { readonly from: WaitStart; readonly deadlineAt: MonotonicMs };

/** The wait of an answered call, as far as its greeting is known. */
export function waitOf(facts: CallFacts, rules: ConnectRules): Wait {
  const start = startOf(facts, rules);
  const leadMs = rules.announcement === null || isObserved(facts) ? 0 : ANNOUNCEMENT_LEAD_MS;
  return { from: start.from, deadlineAt: addMs(start.at, rules.waitLimitMs - leadMs) };
}

function startOf(facts: CallFacts, rules: ConnectRules): { readonly from: WaitStart; readonly at: MonotonicMs } {
  const { answeredAt, greeting = null } = facts;
  assert(answeredAt !== null, 'only an answered call waits');
  if (rules.waitFrom === 'answer' || greeting === null) return { from: 'answer', at: answeredAt.monotonicMs };
  const startedAt = greeting.startedAt.monotonicMs;
  if (rules.waitFrom === 'speech-start') return { from: 'speech-start', at: startedAt };
  return { from: 'speech-end', at: greeting.endedAt?.monotonicMs ?? addMs(startedAt, rules.greetingLimitMs) };
}

/** A moment after the answer by both clocks. */
export function wallTimed({ answeredAt }: CallFacts, monotonicMs: MonotonicMs): Instant {
  assert(answeredAt !== null, 'only an answered call waits');
  return { monotonicMs, wallMs: (answeredAt.wallMs + elapsedMs(answeredAt.monotonicMs, monotonicMs)) as WallMs };
}

/** What would be done at the wait's end is only noted. */
export function isObserved(facts: CallFacts): boolean {
  return facts.teardown === 'observe';
}
