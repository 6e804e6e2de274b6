import { addMs, type MonotonicMs } from '../../base/clock.ts';
import type { ClientEffect, ClientEvent } from './invite-client.ts';
import { NEVER, type SipTimers, type Step, timeoutMs } from './sip-timers.ts';

/**
 * The non-INVITE client transaction (RFC 3261 §17.1.2, Figure 6).
 *
 *     request sent -> trying -- 1xx: deliver --> proceeding -- 200-699: deliver --> completed -- Timer K --> terminated
 *                        |                            |                              (absorbs repetitions)
 *                        +-- Timer E: send again, interval doubles up to T2 (in proceeding: T2 at once)
 *                        +-- Timer F or transport error: inform TU -> terminated
 *                        +-- 200-699: deliver -> completed
 */
export type NonInviteClientState =
  | {
      readonly name: 'trying' | 'proceeding';
      readonly timerEAtMs: MonotonicMs;
      readonly timerEMs: number;
      readonly timerFAtMs: MonotonicMs;
    }
  | { readonly name: 'completed'; readonly timerKAtMs: MonotonicMs }
  | { readonly name: 'terminated' };

type NonInviteClientStep = Step<NonInviteClientState, ClientEffect>;

const TERMINATED: NonInviteClientState = { name: 'terminated' };

/** The state right after the request was sent for the first time. */
export function startNonInviteClient(nowMs: MonotonicMs, timers: SipTimers, reliable: boolean): NonInviteClientState {
  return {
    name: 'trying',
    timerEAtMs: reliable ? NEVER : addMs(nowMs, timers.t1Ms),
    timerEMs: timers.t1Ms,
    timerFAtMs: addMs(nowMs, timeoutMs(timers)),
  };
}

/** When the next timer of this state fires. */
export function nonInviteClientDueAtMs(state: NonInviteClientState): MonotonicMs {
  if (state.name === 'terminated') return NEVER;
  if (state.name === 'completed') return state.timerKAtMs;
  return state.timerEAtMs < state.timerFAtMs ? state.timerEAtMs : state.timerFAtMs;
}

/** One transition. */
export function stepNonInviteClient(
  state: NonInviteClientState,
  event: ClientEvent,
  nowMs: MonotonicMs,
  timers: SipTimers,
  reliable: boolean,
): NonInviteClientStep {
  if (event === 'abandon') return { state: TERMINATED, effects: [] };
  if (state.name === 'terminated') return { state, effects: [] };
  if (state.name === 'completed') {
    return event === 'due' && nowMs >= state.timerKAtMs ? { state: TERMINATED, effects: [] } : { state, effects: [] };
  }
  switch (event) {
    case 'provisional':
      return { state: { ...state, name: 'proceeding' }, effects: ['deliver-response'] };
    case 'success':
    case 'failure':
      return {
        // Timer K is zero on reliable transports (§17.1.2.2).
        state: reliable ? TERMINATED : { name: 'completed', timerKAtMs: addMs(nowMs, timers.t4Ms) },
        effects: ['deliver-response'],
      };
    case 'transport-failed':
      return { state: TERMINATED, effects: ['report-transport-failure'] };
    case 'due': {
      if (nowMs >= state.timerFAtMs) return { state: TERMINATED, effects: ['report-timeout'] };
      if (nowMs < state.timerEAtMs) return { state, effects: [] };
      const timerEMs = state.name === 'proceeding' ? timers.t2Ms : Math.min(state.timerEMs * 2, timers.t2Ms);
      return {
        state: { ...state, timerEMs, timerEAtMs: addMs(state.timerEAtMs, timerEMs) },
        effects: ['send-request'],
      };
    }
  }
}
