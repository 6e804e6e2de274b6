import { addMs, type MonotonicMs } from '../../base/clock.ts';
import { NEVER, type SipTimers, type Step, timeoutMs, timerDMs } from './sip-timers.ts';

/**
 * The INVITE client transaction (RFC 3261 §17.1.1, Figure 5, with the Accepted state of RFC 6026 §8.4).
 *
 *                 INVITE sent
 *                     |        Timer A: send INVITE, double A
 *                     v        Timer B or transport error: inform TU -> terminated
 *                 calling ----------------------------------------+
 *                  |  | 2xx: deliver --------------------+        | 300-699: ACK, deliver
 *              1xx |                                     |        |
 *                  v                                     v        v
 *             proceeding -- 2xx: deliver ----------> accepted   completed   300-699: ACK again; 2xx: deliver
 *                  |  (1xx: deliver)                 2xx: deliver   |
 *                  +-- 300-699: ACK, deliver -> completed           | Timer D
 *                                                       | Timer M   v
 *                                                       +------> terminated
 */
export type InviteClientState =
  | {
      readonly name: 'calling';
      readonly timerAAtMs: MonotonicMs;
      readonly timerAMs: number;
      readonly timerBAtMs: MonotonicMs;
    }
  | { readonly name: 'proceeding' }
  | { readonly name: 'accepted'; readonly timerMAtMs: MonotonicMs }
  | { readonly name: 'completed'; readonly timerDAtMs: MonotonicMs }
  | { readonly name: 'terminated' };

/** What a client transaction hears; `abandon` is the end of an INVITE whose CANCEL led to no final response (§9.1). */
export type ClientEvent = 'provisional' | 'success' | 'failure' | 'due' | 'transport-failed' | 'abandon';

/** What a client transaction wants done. */
export type ClientEffect =
  | 'send-request'
  | 'send-ack'
  | 'deliver-response'
  | 'report-timeout'
  | 'report-transport-failure';

type InviteClientStep = Step<InviteClientState, ClientEffect>;

const TERMINATED: InviteClientState = { name: 'terminated' };
const PROCEEDING: InviteClientState = { name: 'proceeding' };

/** The state right after the INVITE was sent for the first time. */
export function startInviteClient(nowMs: MonotonicMs, timers: SipTimers, reliable: boolean): InviteClientState {
  return {
    name: 'calling',
    timerAAtMs: reliable ? NEVER : addMs(nowMs, timers.t1Ms),
    timerAMs: timers.t1Ms,
    timerBAtMs: addMs(nowMs, timeoutMs(timers)),
  };
}

/** When the next timer of this state fires. */
export function inviteClientDueAtMs(state: InviteClientState): MonotonicMs {
  switch (state.name) {
    case 'calling':
      return state.timerAAtMs < state.timerBAtMs ? state.timerAAtMs : state.timerBAtMs;
    case 'accepted':
      return state.timerMAtMs;
    case 'completed':
      return state.timerDAtMs;
    default:
      return NEVER;
  }
}

/** One transition. */
export function stepInviteClient(
  state: InviteClientState,
  event: ClientEvent,
  nowMs: MonotonicMs,
  timers: SipTimers,
  reliable: boolean,
): InviteClientStep {
  if (event === 'abandon') return { state: TERMINATED, effects: [] };
  switch (state.name) {
    case 'calling':
    case 'proceeding':
      switch (event) {
        case 'provisional':
          return { state: PROCEEDING, effects: ['deliver-response'] };
        case 'success':
          return {
            state: { name: 'accepted', timerMAtMs: addMs(nowMs, timeoutMs(timers)) },
            effects: ['deliver-response'],
          };
        case 'failure':
          return {
            // Timer D is zero on reliable transports (§17.1.1.2).
            state: reliable ? TERMINATED : { name: 'completed', timerDAtMs: addMs(nowMs, timerDMs(timers)) },
            effects: ['send-ack', 'deliver-response'],
          };
        case 'transport-failed':
          return { state: TERMINATED, effects: ['report-transport-failure'] };
        case 'due':
          return state.name === 'calling' ? callingDue(state, nowMs) : { state, effects: [] };
      }
      break;
    case 'accepted':
      // Every 2xx is the TU's: repeated ones want the ACK again, those of other forks an ACK and a BYE (RFC 6026 §7.2).
      if (event === 'success') return { state, effects: ['deliver-response'] };
      if (event === 'due' && nowMs >= state.timerMAtMs) return { state: TERMINATED, effects: [] };
      break;
    case 'completed':
      if (event === 'failure') return { state, effects: ['send-ack'] };
      // Another fork's 2xx after one's failure: no proxy should let it through, but its callee waits (RFC 3261 §16.7).
      if (event === 'success') return { state, effects: ['deliver-response'] };
      if (event === 'transport-failed') return { state: TERMINATED, effects: [] };
      if (event === 'due' && nowMs >= state.timerDAtMs) return { state: TERMINATED, effects: [] };
      break;
    case 'terminated':
      break;
  }
  return { state, effects: [] };
}

function callingDue(state: Extract<InviteClientState, { name: 'calling' }>, nowMs: MonotonicMs): InviteClientStep {
  if (nowMs >= state.timerBAtMs) return { state: TERMINATED, effects: ['report-timeout'] };
  if (nowMs < state.timerAAtMs) return { state, effects: [] };
  const timerAMs = state.timerAMs * 2;
  return {
    state: { ...state, timerAMs, timerAAtMs: addMs(state.timerAAtMs, timerAMs) },
    effects: ['send-request'],
  };
}
