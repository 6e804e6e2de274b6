/**
 * What a finished call is called: three independent axes and the class of the law, from the facts alone (DESIGN §3).
 */
import type { CallFacts, EndCause } from '../call/call-facts.ts';
import type { EndedCall } from '../call/call-state.ts';
import { type AnsweredCall, answeredCallOf, judged } from './counted-as.ts';
import type { Jurisdiction } from './jurisdictions/jurisdiction.ts';
import { type NetworkAxis, networkAxisOf } from './network-axis.ts';

/** What was at the other end. */
export type AnsweredByAxis = 'human' | 'machine' | 'fax' | 'not-classified';

/** What became of the person or machine that answered. */
export type HandlingAxis = 'agent' | 'silent' | 'machine-dropped' | 'message' | 'relayed' | 'none';

/** Decision 83/2014 point 1: A is silent (no agent within the wait), B every other answered call; null when nobody answered. */
export type OutcomeClass = 'A' | 'B' | null;

/** Who ended the call. */
export type EndedBy = 'guard' | 'callee' | 'dialer' | 'network';

/** The verdict on one call. */
export type Outcome = {
  readonly network: NetworkAxis;
  readonly answeredBy: AnsweredByAxis;
  readonly handling: HandlingAxis;
  readonly class: OutcomeClass;
  readonly endedBy: EndedBy;
};

/** Decides the outcome of an ended call under one jurisdiction's rules. Pure and total. */
export function outcomeOf(call: EndedCall, jurisdiction: Jurisdiction): Outcome {
  const { facts, cause } = call;
  const common = { network: networkOf(facts, cause), endedBy: ENDED_BY[cause] };
  const answered = answeredCallOf(facts, cause);
  if (answered === null) return { ...common, answeredBy: 'not-classified', handling: 'none', class: null };
  return { ...common, answeredBy: answered.answeredBy, ...verdictOn(answered, jurisdiction) };
}

/** Handling and class of an answered call. */
export function verdictOn(call: AnsweredCall, jurisdiction: Jurisdiction): Pick<Outcome, 'handling' | 'class'> {
  const { handling, counted } = judged(call, jurisdiction);
  return { handling, class: counted?.class ?? null };
}

const ENDED_BY: Readonly<Record<EndCause, EndedBy>> = {
  deadline: 'guard',
  'callee-hung-up': 'callee',
  'dialer-hung-up': 'dialer',
  'dialer-cancelled': 'dialer',
  'callee-lost': 'network',
  'dialer-lost': 'network',
  'carrier-refused': 'network',
  'refused-by-guard': 'guard',
  'media-failed': 'guard',
  'internal-error': 'guard',
  announced: 'guard',
  'opted-out': 'guard',
  'ring-limit': 'guard',
  'agent-lost': 'guard',
  'guard-stopping': 'guard',
  'guard-restarted': 'guard',
};

function networkOf(facts: CallFacts, cause: EndCause): NetworkAxis {
  if (facts.answeredAt !== null) return 'answered';
  if (cause === 'refused-by-guard') return 'blocked';
  // A carrier's verdict that crossed our CANCEL (a 486, say) tells more than that we gave up.
  if (facts.carrierFinal !== null && facts.carrierFinal.status !== 487) return networkAxisOf(facts.carrierFinal);
  // It rang and nobody answered, or it did not even ring before the dialer gave up.
  if (facts.cancelledAt !== null) return facts.ringingAt === null ? 'cancelled' : 'no-answer';
  if (facts.carrierFinal !== null) return 'cancelled';
  return 'unknown';
}
