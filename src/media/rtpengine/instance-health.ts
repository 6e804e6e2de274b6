/** Whether an rtpengine answers, from what it was asked. Pure: time is an argument. */
import type { MonotonicMs } from '../../base/clock.ts';

/** The verdict on one instance. */
export type InstanceHealth = {
  /** It takes new calls. */
  readonly up: boolean;
  /** When it last answered; null: never. */
  readonly heardAt: MonotonicMs | null;
  /** When the first of the requests was sent that have had no answer since; null while it answers. */
  readonly silentSince: MonotonicMs | null;
  /** Requests in a row without an answer. */
  readonly unanswered: number;
};

/** How often an instance that answers is asked whether it does. */
export const PROBE_MS = 1000;

/** An instance that does not answer is asked less and less often, down to this. */
export const PROBE_BACK_OFF_MAX_MS = 10_000;

/** Nobody was asked yet: no call is given to it before its first answer. */
export const NEW_INSTANCE: InstanceHealth = { up: false, heardAt: null, silentSince: null, unanswered: 0 };

/** After an answer, whatever it said. */
export function afterAnswer(now: MonotonicMs): InstanceHealth {
  return { up: true, heardAt: now, silentSince: null, unanswered: 0 };
}

/**
 * After a request had no answer. It was sent several times, so one is enough to give the instance no more calls, unless
 * another was answered meanwhile.
 */
export function afterSilence(health: InstanceHealth, sentAt: MonotonicMs): InstanceHealth {
  if (health.heardAt !== null && health.heardAt > sentAt) return health;
  return { ...health, up: false, silentSince: health.silentSince ?? sentAt, unanswered: health.unanswered + 1 };
}

/** When it is asked next, from the end of the last question. */
export function nextProbeMs(health: InstanceHealth): number {
  if (health.unanswered < 2) return PROBE_MS;
  return Math.min(PROBE_MS * 2 ** (health.unanswered - 1), PROBE_BACK_OFF_MAX_MS);
}
