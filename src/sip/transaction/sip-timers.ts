import type { MonotonicMs } from '../../base/clock.ts';

/** The three base values from which all transaction timers follow (RFC 3261 §17.1.1.1, Table 4). */
export type SipTimers = {
  /** Round-trip time estimate. */
  readonly t1Ms: number;
  /** Longest interval between retransmissions of anything but an INVITE. */
  readonly t2Ms: number;
  /** Longest time a message stays in the network. */
  readonly t4Ms: number;
};

/** The values of RFC 3261. */
export const DEFAULT_SIP_TIMERS: SipTimers = { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000 };

/** Timers B, F, H, J, L and M, and how long a 2xx is repeated: 64*T1 (RFC 3261 §17, RFC 6026 §8). */
export function timeoutMs(timers: SipTimers): number {
  return 64 * timers.t1Ms;
}

/** Timer D: how long a client INVITE transaction absorbs repeated failures; at least 32 s on UDP (RFC 3261 §17.1.1.2). */
export function timerDMs(timers: SipTimers): number {
  return Math.max(32_000, timeoutMs(timers));
}

/** Never: the due time of a state without timers. */
export const NEVER = Number.POSITIVE_INFINITY as MonotonicMs;

/** What a step of a machine gives: the next state, and what to do now, in order. */
export type Step<State, Effect> = { readonly state: State; readonly effects: readonly Effect[] };
