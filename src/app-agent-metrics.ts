/** What the agent sources have to say to `GET /metrics`. */
import { SIGNAL_DELAY_BOUNDS_MS } from './base/delay-histogram.ts';
import type { AgentSourceStatus } from './guard/agent-source.ts';
import type { Guard } from './guard/guard.ts';
import { counter, gauge, histogramSamples, type Metric } from './http/metrics.ts';

/** Every number of them at one moment; none without sources. */
export function agentMetrics(guard: Pick<Guard, 'agentSources' | 'signalDelays' | 'freeAgents'>): Metric[] {
  const free = gauge(
    'brusio_agents_free',
    'Agents that could take a call, by campaign, as PBXs and programs tell.',
    guard.freeAgents.all().map((one) => ({ value: one.free, labels: { campaign: one.campaign } })),
  );
  const sources = guard.agentSources();
  if (sources.length === 0) return [free];
  const samples = (read: (source: AgentSourceStatus) => number) =>
    sources.map((source) => ({ value: read(source), labels: { source: source.name, kind: source.kind } }));
  const total = (what: string, help: string, read: (source: AgentSourceStatus) => number) =>
    counter(`brusio_agent_source_${what}_total`, help, samples(read));
  const delays = guard.signalDelays();
  return [
    free,
    gauge(
      'brusio_agent_source_up',
      '1 while an agent source is connected and logged in; at 0 the agents it would tell of are not known.',
      samples(({ up }) => (up ? 1 : 0)),
    ),
    total('events', 'Events read from an agent source.', (one) => one.events),
    total('signals', 'Things that an agent source told of calls and queues.', (one) => one.signals),
    total('unknown_calls', 'Of these, about calls or queues that are not known here.', (one) => one.unknownCalls),
    total('malformed', 'What came from an agent source and could not be read.', (one) => one.malformed),
    total('reconnects', 'Connections to an agent source that were lost.', (one) => one.reconnects),
    {
      name: 'brusio_agent_event_delay_ms',
      help: "A bridge by the PBX's own clock to its event here, ms; as exact as both clocks agree.",
      type: 'histogram',
      samples: delays.flatMap(({ source, heard }) =>
        histogramSamples({ source }, SIGNAL_DELAY_BOUNDS_MS, heard.counts(), heard.sumMs()),
      ),
    },
    {
      name: 'brusio_agent_splice_delay_ms',
      help: "A bridge by the PBX's own clock to the agent's first packet towards the callee, ms.",
      type: 'histogram',
      samples: delays.flatMap(({ source, spliced }) =>
        histogramSamples({ source }, SIGNAL_DELAY_BOUNDS_MS, spliced.counts(), spliced.sumMs()),
      ),
    },
  ];
}
