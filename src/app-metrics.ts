/** Every number of the program at one moment, pulled from its parts: what `GET /metrics` shows. */

import { agentMetrics } from './app-agent-metrics.ts';
import type { Live } from './app-live.ts';
import { rtpengineMetrics } from './app-rtpengine-metrics.ts';
import { LOOP_DELAY_BOUNDS_MS, type ThreadLoad, type ThreadWatch } from './base/thread-load.ts';
import type { Guard } from './guard/guard.ts';
import type { CallView } from './guard/guard-view.ts';
import {
  counter,
  gauge,
  histogramSamples,
  labelled,
  labelledBy,
  type Metric,
  type MetricsSnapshot,
  one,
} from './http/metrics.ts';
import type { MediaThreadStatus, ThreadedMedia } from './media/media-plane.ts';
import type { RtpenginePlane } from './media/rtpengine/rtpengine-plane.ts';
import type { Engine } from './sip/engine-thread.ts';
import type { DatabaseStore } from './store/store.ts';
import type { WebhookDispatcher } from './webhook/dispatcher.ts';

/** What is asked. `engine` is null with a real drachtio-server, which has metrics of its own. */
export type MetricsParts = {
  readonly guard: Pick<
    Guard,
    'agentSources' | 'authentications' | 'callStates' | 'counts' | 'freeAgents' | 'health' | 'signalDelays'
  >;
  readonly engine: Pick<Engine, 'stats' | 'load'> | null;
  readonly media: Pick<ThreadedMedia, 'threads' | 'restarts'>;
  /** Null when Brusio relays by itself. */
  readonly rtpengine: Pick<RtpenginePlane, 'status'> | null;
  readonly store: Pick<DatabaseStore, 'health' | 'stats'>;
  readonly dispatcher: Pick<WebhookDispatcher, 'stats'>;
  readonly live: Pick<Live, 'metrics'>;
  /** Over the main thread. */
  readonly watch: Pick<ThreadWatch, 'read'>;
};

/** One snapshot. An engine that does not answer is left out, the rest is told. */
export async function collectMetrics(parts: MetricsParts): Promise<MetricsSnapshot> {
  const { guard, engine, media, rtpengine, store, dispatcher, live, watch } = parts;
  const counts = guard.counts();
  const [engineStats = null, engineLoad = null, mediaThreads] = await Promise.all([
    engine?.stats().catch(() => null),
    engine?.load().catch(() => null),
    media.threads(),
  ]);
  return [
    gauge('brusio_calls_live', 'Calls that live, by state.', byState(guard)),
    gauge('brusio_accepting_calls', '1 when new calls are taken.', one(guard.health().acceptingCalls ? 1 : 0)),
    counter('brusio_invites_total', 'INVITEs that reached the guard.', one(counts.invites)),
    counter('brusio_refused_total', 'INVITEs refused, by rule.', labelled('rule', counts.refused)),
    counter(
      'brusio_rule_breaches_total',
      'Rules of law that INVITEs breached, refused (enforce) or not (observe).',
      labelledBy(['rule', 'mode'], counts.breaches),
    ),
    counter(
      'brusio_outcomes_total',
      'Calls with an outcome.',
      labelledBy(['network', 'handling', 'class'], counts.outcomes),
    ),
    counter(
      'brusio_teardowns_total',
      'Waits that ended without an agent: torn down (enforce), or only noted (observe).',
      labelled('mode', counts.teardowns),
    ),
    counter(
      'brusio_given_up_total',
      'Unanswered calls that the dialer or Brusio gave up, where the law has a shortest ringing: before it (short), after it (long), or before any ringing was heard (not-rung).',
      labelled('ringing', counts.givenUp),
    ),
    counter(
      'brusio_late_dispositions_total',
      'Dispositions that came after the end of their call, by what became of them.',
      labelled('result', counts.lateDispositions),
    ),
    counter(
      'brusio_outcome_corrections_total',
      'Corrections of outcomes, by class before and after; brusio_outcomes_total counts what was recorded first.',
      labelledBy(['from', 'to'], counts.corrections),
    ),
    counter(
      'brusio_recovered_total',
      'Calls of an earlier process that were ended at the start.',
      one(counts.recovered),
    ),
    counter(
      'brusio_sip_unlisted_source_total',
      'Requests from unlisted sources: dropped by the embedded engine, or refused by the guard.',
      one((engineStats?.unlistedSource ?? 0) + (counts.refused.source ?? 0)),
    ),
    counter(
      'brusio_dialer_authentications_total',
      'Digest credentials of dialers, by result; absent: challenged for the first time.',
      labelled('result', guard.authentications()),
    ),
    counter(
      'brusio_media_dropped_total',
      'Datagrams of ended calls that were dropped, by reason: foreign is a source that is not the peer.',
      labelled('reason', counts.mediaDrops),
    ),
    counter(
      'brusio_media_silences_total',
      'Peers that should have been heard and sent no RTP for too long, by leg.',
      labelled('leg', counts.silences),
    ),
    ...carrierMetrics(guard),
    ...agentMetrics(guard),
    ...storeMetrics(store),
    ...webhookMetrics(dispatcher),
    ...live.metrics(),
    ...mediaMetrics(mediaThreads, media.restarts()),
    ...(rtpengine === null ? [] : rtpengineMetrics(rtpengine.status())),
    ...threadMetrics([
      ['main', watch.read()],
      ...(engineLoad === null ? [] : [['sip-engine', engineLoad] as const]),
      ...mediaThreads.flatMap(({ name, load }) => (load === null ? [] : [[name, load] as const])),
    ]),
    ...(engineStats === null
      ? []
      : [
          gauge(
            'brusio_sip_engine',
            'The counters of the embedded SIP engine, by name.',
            labelled('counter', { ...engineStats }),
          ),
        ]),
  ];
}

function byState(guard: MetricsParts['guard']): Metric['samples'] {
  const states: Record<CallView['state'], number> = {
    ...{ dialing: 0, cancelling: 0, waiting: 0, released: 0, overdue: 0, announcing: 0, bridged: 0, ended: 0 },
  };
  return labelled('state', { ...states, ...guard.callStates() });
}

function carrierMetrics(guard: MetricsParts['guard']): Metric[] {
  const { carriers } = guard.health();
  const samples = (read: (one: (typeof carriers)[number]) => number) =>
    carriers.map((one) => ({ value: read(one), labels: { carrier: one.name } }));
  return [
    gauge(
      'brusio_carrier_up',
      '1 when a carrier is reachable, and registered where that is needed.',
      samples((one) => (one.up ? 1 : 0)),
    ),
    gauge(
      'brusio_carrier_paused',
      '1 while a carrier has asked to be left alone (503 with Retry-After).',
      samples((one) => (one.pausedMs > 0 ? 1 : 0)),
    ),
    gauge(
      'brusio_carrier_calls_live',
      'Calls that take room at a carrier.',
      samples((one) => one.callsLive),
    ),
    counter(
      'brusio_carrier_attempts_total',
      'INVITEs sent to a carrier.',
      samples((one) => one.attempts),
    ),
    counter(
      'brusio_carrier_failures_total',
      'Of these, those after which another carrier may be tried.',
      samples((one) => one.failures),
    ),
    counter(
      'brusio_carrier_limited_total',
      'Times a carrier was passed over at its limit.',
      samples((one) => one.limited),
    ),
  ];
}

function storeMetrics(store: MetricsParts['store']): Metric[] {
  const { pending, writable } = store.health();
  const stats = store.stats();
  return [
    gauge('brusio_store_writable', '1 when the database takes writes.', one(writable ? 1 : 0)),
    gauge('brusio_store_pending_entries', 'Entries in memory, not committed yet.', one(pending)),
    counter('brusio_store_commits_total', 'Groups committed.', one(stats.commits)),
    counter(
      'brusio_store_commits_failed_total',
      'Groups that could not be committed and were tried again.',
      one(stats.commitsFailed),
    ),
    counter('brusio_store_entries_total', 'Entries committed.', one(stats.entriesCommitted)),
    counter(
      'brusio_store_journal_dropped_total',
      'Journal entries given up at the limit.',
      one(stats.journalEntriesDropped),
    ),
    counter(
      'brusio_campaign_alerts_total',
      'Thresholds of the limits on silent calls that were told, in per cent of a limit, and limits passed.',
      labelled('threshold', stats.campaignAlerts),
    ),
    gauge('brusio_store_last_commit_ms', 'Post to answer of the last group, ms.', one(stats.lastCommitMs)),
  ];
}

function mediaMetrics(threads: readonly MediaThreadStatus[], restarts: number): Metric[] {
  return [
    gauge(
      'brusio_media_calls_live',
      'Calls that have ports, by media thread.',
      threads.map(({ name, callsLive }) => ({ value: callsLive, labels: { thread: name } })),
    ),
    counter('brusio_media_restarts_total', 'Media threads that were started in place of dead ones.', one(restarts)),
  ];
}

function webhookMetrics(dispatcher: MetricsParts['dispatcher']): Metric[] {
  const stats = dispatcher.stats();
  const samples = (read: (one: (typeof stats)[number]) => number) =>
    stats.map((one) => ({ value: read(one), labels: { endpoint: one.endpoint } }));
  return [
    counter(
      'brusio_webhooks_delivered_total',
      'Webhooks that got a 2xx.',
      samples((one) => one.delivered),
    ),
    counter(
      'brusio_webhooks_failed_total',
      'Attempts that failed.',
      samples((one) => one.attemptsFailed),
    ),
    counter(
      'brusio_webhooks_dead_total',
      'Webhooks given up.',
      samples((one) => one.dead),
    ),
  ];
}

function threadMetrics(threads: readonly (readonly [name: string, load: ThreadLoad])[]): Metric[] {
  const each = (read: (load: ThreadLoad) => number) =>
    threads.map(([thread, load]) => ({ value: read(load), labels: { thread } }));
  return [
    {
      name: 'brusio_event_loop_delay_ms',
      help: 'How late the event loops of the threads come by, ms.',
      type: 'histogram',
      samples: threads.flatMap(([thread, { delayCounts, delaySumMs }]) =>
        histogramSamples({ thread }, LOOP_DELAY_BOUNDS_MS, delayCounts, delaySumMs),
      ),
    },
    gauge(
      'brusio_heap_octets',
      "Octets in use on the threads' JavaScript heaps.",
      each((load) => load.heapOctets),
    ),
    gauge(
      'brusio_external_octets',
      'Octets of buffers outside of those heaps.',
      each((load) => load.externalOctets),
    ),
  ];
}
