/** What the HTTP server shows of the moment, in tests. */
import { systemClock } from '../../base/clock.ts';
import { createEventHub } from '../events/event-hub.ts';
import { type LiveState, watchLiveState } from '../events/live-state.ts';
import type { HttpServerOptions } from '../http-server.ts';

/** All is well. */
export const SAMPLE_STATE: LiveState = {
  health: {
    ...{ acceptingCalls: true, problem: null },
    store: { writable: true, problem: null },
    media: { problem: null },
    carriers: [{ name: 'primary', up: true, reachable: true, registration: 'none', paused: false }],
    agentSources: [],
    webhooks: [{ endpoint: 'crm', state: 'up', dead: 0 }],
  },
  refusals: { refused: { campaign: 1 }, breaches: [{ rule: 'calling-hours', mode: 'observe', count: 2 }] },
};

/** A hub by the system's clock, and a moment of nothing. */
export function sampleLive(): HttpServerOptions['live'] {
  return {
    events: createEventHub(
      systemClock,
      watchLiveState(() => SAMPLE_STATE),
      'test',
    ),
    moment: () => ({
      ...{ startedAt: '2026-11-20T09:00:00.000Z', version: '0.0.1', callsMax: 2_000, ...SAMPLE_STATE },
      firstPacket: { calls: 10, p50Ms: 0.8, p99Ms: 1.4, maxMs: 1.4 },
      outcomes: [],
    }),
  };
}
