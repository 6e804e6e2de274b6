import { addMs, type MonotonicMs } from '../../base/clock.ts';
import { NEVER, type SipTimers, type Step, timeoutMs } from './sip-timers.ts';

/**
 * The INVITE server transaction (RFC 3261 §17.2.1, Figure 7, with the Accepted state of RFC 6026 §8.5).
 *
 *                  INVITE
 *                     v         INVITE again: send last 1xx
 *                proceeding     1xx from TU: send
 *                 |       | 2xx from TU: send --------> accepted   INVITE again: absorbed
 *     300-699:    |                                        |       2xx from TU: send again; ACK: deliver
 *     send        v                                        | Timer L
 *             completed   INVITE again, Timer G: send      v
 *                 |  \--- Timer H: inform TU -------> terminated
 *             ACK v                                        ^
 *             confirmed (absorbs ACKs) -- Timer I ---------+
 */
export type InviteServerState =
  | { readonly name: 'proceeding' }
  | {
      readonly name: 'completed';
      readonly timerGAtMs: MonotonicMs;
      readonly timerGMs: number;
      readonly timerHAtMs: MonotonicMs;
    }
  | { readonly name: 'confirmed'; readonly timerIAtMs: MonotonicMs }
  | { readonly name: 'accepted'; readonly timerLAtMs: MonotonicMs }
  | { readonly name: 'terminated' };

/**
 * What a server transaction hears: `request` is the same request again, `provisional`, `success` and `failure` are the
 * TU's responses, which become the last response.
 */
export type ServerEvent = 'request' | 'ack' | 'provisional' | 'success' | 'failure' | 'due';

/** What a server transaction wants done; `refuse-response` tells the TU that it is too late for this one. */
export type ServerEffect = 'send-response' | 'deliver-ack' | 'report-no-ack' | 'refuse-response';

type InviteServerStep = Step<InviteServerState, ServerEffect>;

const TERMINATED: InviteServerState = { name: 'terminated' };

/** The state right after the INVITE came. */
export const INVITE_SERVER_START: InviteServerState = { name: 'proceeding' };

/** When the next timer of this state fires. */
export function inviteServerDueAtMs(state: InviteServerState): MonotonicMs {
  switch (state.name) {
    case 'completed':
      return state.timerGAtMs < state.timerHAtMs ? state.timerGAtMs : state.timerHAtMs;
    case 'confirmed':
      return state.timerIAtMs;
    case 'accepted':
      return state.timerLAtMs;
    default:
      return NEVER;
  }
}

/** One transition. */
export function stepInviteServer(
  state: InviteServerState,
  event: ServerEvent,
  nowMs: MonotonicMs,
  timers: SipTimers,
  reliable: boolean,
): InviteServerStep {
  switch (state.name) {
    case 'proceeding':
      switch (event) {
        case 'request':
        case 'provisional':
          return { state, effects: ['send-response'] };
        case 'success':
          return {
            state: { name: 'accepted', timerLAtMs: addMs(nowMs, timeoutMs(timers)) },
            effects: ['send-response'],
          };
        case 'failure':
          return {
            state: {
              name: 'completed',
              timerGAtMs: reliable ? NEVER : addMs(nowMs, timers.t1Ms),
              timerGMs: timers.t1Ms,
              timerHAtMs: addMs(nowMs, timeoutMs(timers)),
            },
            effects: ['send-response'],
          };
        default:
          return { state, effects: [] };
      }
    case 'completed':
      switch (event) {
        case 'request':
          return { state, effects: ['send-response'] };
        case 'ack':
          // Timer I is zero on reliable transports (§17.2.1).
          return {
            state: reliable ? TERMINATED : { name: 'confirmed', timerIAtMs: addMs(nowMs, timers.t4Ms) },
            effects: [],
          };
        case 'due':
          return completedDue(state, nowMs, timers);
        default:
          return { state, effects: ['refuse-response'] };
      }
    case 'accepted':
      if (event === 'success') return { state, effects: ['send-response'] };
      if (event === 'ack') return { state, effects: ['deliver-ack'] };
      if (event === 'due') return { state: nowMs >= state.timerLAtMs ? TERMINATED : state, effects: [] };
      return { state, effects: event === 'request' ? [] : ['refuse-response'] };
    case 'confirmed':
      if (event === 'due' && nowMs >= state.timerIAtMs) return { state: TERMINATED, effects: [] };
      return {
        state,
        effects: event === 'provisional' || event === 'success' || event === 'failure' ? ['refuse-response'] : [],
      };
    case 'terminated':
      return {
        state,
        effects: event === 'provisional' || event === 'success' || event === 'failure' ? ['refuse-response'] : [],
      };
  }
}

function completedDue(
  state: Extract<InviteServerState, { name: 'completed' }>,
  nowMs: MonotonicMs,
  timers: SipTimers,
): InviteServerStep {
  if (nowMs >= state.timerHAtMs) return { state: TERMINATED, effects: ['report-no-ack'] };
  if (nowMs < state.timerGAtMs) return { state, effects: [] };
  const timerGMs = Math.min(state.timerGMs * 2, timers.t2Ms);
  return {
    state: { ...state, timerGMs, timerGAtMs: addMs(state.timerGAtMs, timerGMs) },
    effects: ['send-response'],
  };
}
