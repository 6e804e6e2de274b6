/** What the media plane tells, as events of the calls it is about. */
import { type Clock, elapsedMs, type Instant, type MonotonicMs, type WallMs } from '../base/clock.ts';
import type { CallId } from '../call/call-facts.ts';
import type { AgentDesk } from './agent-desk.ts';
import type { CallRegistry } from './call-registry.ts';
import type { OnGuardEvent } from './event-port.ts';
import type { GuardCounters } from './guard-counts.ts';
import type { MediaEvent } from './media-port.ts';

/** Who is told. */
export type MediaEventParts = {
  readonly clock: Clock;
  readonly registry: Pick<CallRegistry, 'get'>;
  readonly desk: Pick<AgentDesk, 'spliced'>;
  readonly counts: Pick<GuardCounters, 'silent'>;
  readonly onFatal: (detail: string) => void;
  readonly onEvent: OnGuardEvent;
};

/** Nobody told who speaks. */
const UNKNOWN_AGENT = 'unknown';

/** The listener of one guard. */
export function mediaEvents({
  clock,
  registry,
  desk,
  counts,
  onFatal,
  onEvent,
}: MediaEventParts): (event: MediaEvent) => void {
  return (event) => {
    switch (event.type) {
      case 'ambience-started':
        return tellComfortNoise(event.callId, event.afterMs);
      case 'failed':
        registry.get(event.callId)?.event({ type: 'media-failed', at: clock.now(), detail: event.detail });
        return;
      case 'dialer-speaks':
        return inferAgent(event.callId);
      case 'callee-speaks':
      case 'callee-quiet':
      case 'announced': {
        const at = clock.now();
        registry.get(event.callId)?.event({ type: event.type, at, since: wallTimed(event.at, at) });
        return;
      }
      case 'callee-key':
        registry.get(event.callId)?.event({ type: 'callee-key', at: clock.now(), digit: event.digit });
        return;
      case 'dialer-heard':
        return desk.spliced(event.callId);
      case 'silent':
        counts.silent(event.leg);
        registry.get(event.callId)?.silent(event.leg, event.forMs);
        return;
      case 'thread-died':
        return onFatal(event.detail);
    }
  };

  function tellComfortNoise(callId: CallId, afterMs: number): void {
    const campaign = registry.get(callId)?.view().campaign;
    if (campaign === undefined) return;
    const data = { callId, campaign, startedAfterMs: Math.round(afterMs * 100) / 100 };
    onEvent({ type: 'call.comfort_noise_started', at: clock.now().wallMs, data });
  }

  /** Whatever a dialer told of its agent is known better. */
  function inferAgent(callId: CallId): void {
    const runner = registry.get(callId);
    const agent = { id: UNKNOWN_AGENT, source: 'voice-activity' } as const;
    if (runner?.view().state === 'waiting') runner.event({ type: 'agent-bridged', at: clock.now(), agent });
  }
}

/** The media plane counts monotonic time alone; this moment is known by both clocks. */
function wallTimed(at: MonotonicMs, now: Instant): Instant {
  return { monotonicMs: at, wallMs: (now.wallMs - elapsedMs(at, now.monotonicMs)) as WallMs };
}
