import { addMs, type MonotonicMs } from '../../base/clock.ts';
import type { ServerEffect, ServerEvent } from './invite-server.ts';
import { NEVER, type SipTimers, type Step, timeoutMs } from './sip-timers.ts';

/**
 * The non-INVITE server transaction (RFC 3261 §17.2.2, Figure 8).
 *
 *     request -> trying -- 1xx from TU: send --> proceeding -- 200-699 from TU: send --> completed -- Timer J --> terminated
 *     (again: absorbed)  \                  (again: send last)                      (again: send last)
 *                         +-- 200-699 from TU: send -> completed
 */
export type NonInviteServerState =
  | { readonly name: 'trying' | 'proceeding' | 'terminated' }
  | { readonly name: 'completed'; readonly timerJAtMs: MonotonicMs };

type NonInviteServerStep = Step<NonInviteServerState, ServerEffect>;

/** The state right after the request came. */
export const NON_INVITE_SERVER_START: NonInviteServerState = { name: 'trying' };

const TERMINATED: NonInviteServerState = { name: 'terminated' };
const PROCEEDING: NonInviteServerState = { name: 'proceeding' };

/** When the next timer of this state fires. */
export function nonInviteServerDueAtMs(state: NonInviteServerState): MonotonicMs {
  return state.name === 'completed' ? state.timerJAtMs : NEVER;
}

/** One transition. */
export function stepNonInviteServer(
  state: NonInviteServerState,
  event: ServerEvent,
  nowMs: MonotonicMs,
  timers: SipTimers,
  reliable: boolean,
): NonInviteServerStep {
  switch (state.name) {
    case 'trying':
    case 'proceeding':
      if (event === 'request') return { state, effects: state.name === 'proceeding' ? ['send-response'] : [] };
      if (event === 'provisional') return { state: PROCEEDING, effects: ['send-response'] };
      if (event === 'success' || event === 'failure') {
        return {
          // Timer J is zero on reliable transports (§17.2.2).
          state: reliable ? TERMINATED : { name: 'completed', timerJAtMs: addMs(nowMs, timeoutMs(timers)) },
          effects: ['send-response'],
        };
      }
      return { state, effects: [] };
    case 'completed':
      if (event === 'request') return { state, effects: ['send-response'] };
      if (event === 'due') return { state: nowMs >= state.timerJAtMs ? TERMINATED : state, effects: [] };
      return { state, effects: event === 'ack' ? [] : ['refuse-response'] };
    case 'terminated':
      return {
        state,
        effects: event === 'provisional' || event === 'success' || event === 'failure' ? ['refuse-response'] : [],
      };
  }
}
