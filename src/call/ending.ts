/**
 * The ways in which a call ends, as steps of its table: what the legs are told, and what is left to wait for. Pure.
 */
import { addMs } from '../base/clock.ts';
import type { CallEffect, HangUp } from './call-effect.ts';
import type { CallEvent } from './call-event.ts';
import type { CallFacts, EndCause, SipFinal } from './call-facts.ts';
import type { CallState, StateNamed } from './call-state.ts';

/** The next state and what is to be done, in this order. */
export type Step = { readonly state: CallState; readonly effects: readonly CallEffect[] };

/**
 * How long a cancelled INVITE may stay without a final response: 64·T1 (RFC 3261 §9.1) and two seconds for the
 * engine's own timer to speak first. A real drachtio-server never reports this case.
 */
export const CANCEL_GIVE_UP_MS = 34_000;

/** Why a call ended whose peer fell silent. */
export const LOST = { dialer: 'dialer-lost', carrier: 'callee-lost' } as const satisfies Record<string, EndCause>;

/** Told to the other leg, and to one that may still hear it (Q.850 cause 102: recovery on timer expiry). */
export const LOST_REASON = 'Q.850;cause=102;text="the other leg no longer answers"';

/** Sent in both BYEs of a teardown: a normal clearing (Q.850 cause 16), with its reason in words. */
export const NO_AGENT_REASON = 'Q.850;cause=16;text="no agent within the wait limit"';

/** Sent in both BYEs after the message that says who called. */
export const ANNOUNCED_REASON = 'Q.850;cause=16;text="no agent within the wait limit, message played"';

/** Sent in both BYEs when the callee wants no more calls. */
export const OPTED_OUT_REASON = 'Q.850;cause=16;text="the called person opted out"';

/** Told when nobody picked up for as long as a call may ring (Q.850 cause 19: no answer from user, RFC 3398 §7.2.4.1). */
export const RING_LIMIT: SipFinal = {
  status: 480,
  phrase: 'Temporarily Unavailable',
  reason: 'Q.850;cause=19;text="not answered within the ring limit"',
};

/** Sent where Brusio ends a call and no peer gave a reason. */
const NORMAL_CLEARING = 'Q.850;cause=16;text="Normal call clearing"';

/** The dialer's final response when its INVITE is still open and the carrier gave none: our inability, not a refusal. */
const UNAVAILABLE: SipFinal = { status: 503, phrase: 'Service Unavailable', reason: null };

/** The carrier is asked to stop; the dialer is told at once. */
export function cancel(
  facts: CallFacts,
  event: CallEvent,
  cause: EndCause,
  reason: string | null,
  dialerFinal: SipFinal = UNAVAILABLE,
): Step {
  return {
    state: {
      name: 'cancelling',
      facts: { ...facts, cancelledAt: event.at },
      cause,
      deadlineAt: addMs(event.at.monotonicMs, CANCEL_GIVE_UP_MS),
    },
    effects: [hangUp(cause, dialerFinal, reason)],
  };
}

/** A call that was refused ended when it was refused, however long the rest took to be sure of. */
export function endCancelled(state: StateNamed<'cancelling'>, event: CallEvent, reason: string | null): Step {
  const step = end(state.facts, event, state.cause, { reason });
  if (state.cause !== 'carrier-refused') return step;
  return { ...step, state: { ...step.state, facts: { ...step.state.facts, endedAt: state.facts.cancelledAt } } };
}

/** Both legs hung up, and the call recorded. */
export function end(
  facts: CallFacts,
  event: CallEvent,
  cause: EndCause,
  told: { readonly dialerFinal?: SipFinal; readonly reason?: string | null } = {},
): Step {
  const effect = hangUp(cause, told.dialerFinal ?? UNAVAILABLE, told.reason ?? null);
  return {
    state: {
      name: 'ended',
      facts: { ...facts, endedAt: event.at },
      cause,
      reason: told.reason ?? (facts.answeredAt === null ? null : effect.hangUp.reason),
      deadlineAt: null,
    },
    effects: [effect, { type: 'finish' }],
  };
}

function hangUp(
  cause: EndCause,
  dialerFinal: SipFinal,
  reason: string | null,
): { readonly type: 'hang-up'; readonly hangUp: HangUp } {
  return { type: 'hang-up', hangUp: { cause, dialerFinal, reason: reason ?? NORMAL_CLEARING } };
}
