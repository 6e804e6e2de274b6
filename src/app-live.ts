/** What people watch: events, the last outcomes, health, first packets; put together from the program's parts. */
import { type Clock, toIso } from './base/clock.ts';
import { randomToken } from './base/random.ts';
import type { GuardEvent } from './guard/event-port.ts';
import { createFirstPackets, FIRST_PACKET_BOUNDS_MS } from './guard/first-packets.ts';
import type { Guard } from './guard/guard.ts';
import type { MediaPlane } from './guard/media-port.ts';
import type { Store } from './guard/store-port.ts';
import { createEventHub, type EventHub } from './http/events/event-hub.ts';
import { type LiveHealth, type LiveRefusals, watchLiveState } from './http/events/live-state.ts';
import { counter, gauge, histogramSamples, labelled, type Metric, one } from './http/metrics.ts';
import type { Moment } from './http/overview/overview.ts';
import { createRecentOutcomes } from './http/overview/recent-outcomes.ts';
import type { WebhookDispatcher } from './webhook/dispatcher.ts';

/** What is looked at. */
export type LiveParts = {
  readonly clock: Clock;
  /** Null before it is started. */
  readonly guard: () => Pick<Guard, 'health' | 'counts' | 'agentSources'> | null;
  readonly media: Pick<MediaPlane, 'problem'>;
  readonly store: Pick<Store, 'health'>;
  readonly dispatcher: Pick<WebhookDispatcher, 'stats'>;
  readonly callsMax: number;
  readonly version: string;
};

/** Takes what happens, and shows it. */
export type Live = {
  tell(event: GuardEvent): void;
  readonly events: EventHub;
  moment(): Moment;
  metrics(): Metric[];
};

/** Nothing has happened yet. */
export function createLive(parts: LiveParts): Live {
  const { clock, callsMax, version } = parts;
  const startedAt = toIso(clock.now().wallMs);
  const outcomes = createRecentOutcomes();
  const firstPackets = createFirstPackets();
  const state = () => ({ health: healthOf(parts), refusals: refusalsOf(parts) });
  const events = createEventHub(clock, watchLiveState(state), randomToken(4));

  return {
    tell(event) {
      if (event.type === 'call.comfort_noise_started') firstPackets.record(event.data.startedAfterMs);
      outcomes.note(event);
      events.tell(event);
    },
    events,
    moment: () => ({
      ...{ startedAt, version, callsMax, ...state() },
      ...{ firstPacket: firstPackets.recent(), outcomes: outcomes.all() },
    }),
    metrics() {
      const { readers, events: told, slow, refused } = events.stats();
      const { counts, sumMs } = firstPackets.all;
      return [
        {
          name: 'brusio_first_packet_delay_ms',
          help: "The callee's 2xx to the first packet of ambience sent, ms.",
          type: 'histogram',
          samples: histogramSamples({}, FIRST_PACKET_BOUNDS_MS, counts(), sumMs()),
        },
        gauge('brusio_event_readers', 'Who reads GET /v1/events at the moment.', one(readers)),
        counter('brusio_events_total', 'Events kept for them; none while nobody reads.', one(told)),
        counter(
          'brusio_event_readers_dropped_total',
          'Readers cut off because they did not keep up, and those sent away at the limit.',
          labelled('reason', { slow, limit: refused }),
        ),
      ];
    },
  };
}

function healthOf({ guard, media, store, dispatcher }: LiveParts): LiveHealth {
  const running = guard();
  const { acceptingCalls = false, problem = 'starting', carriers = [] } = running?.health() ?? {};
  const { writable, problem: storeProblem } = store.health();
  return {
    ...{ acceptingCalls, problem },
    store: { writable, problem: storeProblem },
    media: { problem: media.problem() },
    carriers: carriers.map(({ name, up, reachable, registration, pausedMs }) => ({
      ...{ name, up, reachable, registration, paused: pausedMs > 0 },
    })),
    agentSources: (running?.agentSources() ?? []).map(({ name, kind, up, problem }) => ({ name, kind, up, problem })),
    webhooks: dispatcher.stats().map(({ endpoint, state, dead }) => ({ endpoint, state, dead })),
  };
}

function refusalsOf({ guard }: LiveParts): LiveRefusals {
  const { refused = {}, breaches = {} } = guard()?.counts() ?? {};
  return {
    refused,
    breaches: Object.entries(breaches).map(([key, count]) => {
      const [rule = '', mode = ''] = key.split('|');
      return { rule, mode, count };
    }),
  };
}
