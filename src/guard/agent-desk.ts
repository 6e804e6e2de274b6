/**
 * Takes what PBXs tell and gives it to the calls it is about; knows which dialers nobody watches at the moment; measures
 * how long a bridge in the PBX takes to reach the callee's ear.
 */
import { type Clock, elapsedMs, type Instant, type MonotonicMs } from '../base/clock.ts';
import { createDelayHistogram, type DelayHistogram } from '../base/delay-histogram.ts';
import type { Agent, CallId, Disposition } from '../call/call-facts.ts';
import type { AgentSource, AgentSourceStatus, PbxSignal, SignalResult, WatchedCall } from './agent-source.ts';
import type { CallRunner } from './call-runner.ts';
import type { FreeAgents } from './free-agents.ts';

/** What the desk needs of the guard. */
export type AgentDeskParts = {
  readonly clock: Clock;
  readonly sources: readonly AgentSource[];
  /** Campaigns of a source's queues, by source and queue; null for a queue that has none. */
  readonly campaignOf: (source: string, queue: string) => string | null;
  readonly freeAgents: FreeAgents;
  /** The live call that a source means, of these dialers (none: of all). */
  readonly find: (call: WatchedCall, dialers: readonly string[]) => CallRunner | null;
  /** Takes a disposition of a call that does not live, or no longer. */
  readonly late: (call: WatchedCall, dialers: readonly string[], disposition: Disposition, at: Instant) => void;
};

/** How long signals take, by source; ms. */
export type SignalDelays = {
  readonly source: string;
  /** The PBX's own stamp of a bridge → its event came in: as exact as both clocks agree. */
  readonly heard: DelayHistogram;
  /** The same stamp (or, without one, the event's arrival) → the first packet of the agent's side went to the callee. */
  readonly spliced: DelayHistogram;
};

/** The desk. */
export type AgentDesk = {
  start(): void;
  stop(): Promise<void>;
  status(): readonly AgentSourceStatus[];
  /** False when sources watch this dialer's calls and none of them is up: its agents are not known. */
  isInformed(dialer: string | null): boolean;
  /** The dialer's audio has begun to reach the callee. */
  spliced(callId: CallId): void;
  /** The call is over. */
  forget(callId: CallId): void;
  delays(): readonly SignalDelays[];
};

/** Puts the desk between sources and calls; nothing is connected yet. */
export function createAgentDesk(parts: AgentDeskParts): AgentDesk {
  const { clock, sources, freeAgents } = parts;
  const delays = new Map(
    sources.map(({ name }) => [name, { source: name, heard: createDelayHistogram(), spliced: createDelayHistogram() }]),
  );
  /** Bridged, and the first packet is still to come: from when it counts. */
  const unspliced = new Map<CallId, { readonly source: string; readonly since: MonotonicMs }>();

  return {
    start() {
      for (const source of sources) {
        source.start({
          watches(call) {
            const runner = parts.find(call, source.dialers);
            return runner !== null && !runner.ended() && runner.isGuarded;
          },
          signal: (signal, receivedAt) => take(source, signal, receivedAt),
        });
      }
    },
    async stop() {
      await Promise.all(sources.map((source) => source.stop()));
    },
    status: () => sources.map((source) => source.status()),
    isInformed(dialer) {
      const watching = sources.filter(({ dialers }) => dialers.length === 0 || dialers.includes(dialer ?? ''));
      return watching.length === 0 || watching.some((source) => source.status().up);
    },
    spliced(callId) {
      const waiting = unspliced.get(callId);
      if (waiting === undefined) return;
      unspliced.delete(callId);
      delays.get(waiting.source)?.spliced.record(elapsedMs(waiting.since, clock.monotonicMs()));
    },
    forget: (callId) => void unspliced.delete(callId),
    delays: () => [...delays.values()],
  };

  function take(source: AgentSource, signal: PbxSignal, receivedAt: Instant): SignalResult {
    if (signal.type === 'agents-free') {
      const campaign = parts.campaignOf(source.name, signal.queue);
      if (campaign === null) return 'unknown-call';
      freeAgents.report(source.name, signal.queue, campaign, signal.free, receivedAt);
      return 'taken';
    }
    const runner = parts.find(signal.call, source.dialers);
    if (signal.type === 'disposition') {
      const { answeredBy, method } = signal;
      const disposition: Disposition = { answeredBy, method, source: source.kind };
      if (runner === null || runner.ended()) parts.late(signal.call, source.dialers, disposition, receivedAt);
      else runner.event({ type: 'disposition-reported', at: receivedAt, disposition });
      return 'taken';
    }
    if (runner === null) return 'unknown-call';
    if (runner.ended()) return 'already-ended';
    if (signal.type === 'agent-left') {
      runner.event({ type: 'agent-left', at: receivedAt });
      return 'taken';
    }
    const { agent, bridgedAt } = signal;
    const lateMs = bridgedAt === null ? 0 : Math.max(0, receivedAt.wallMs - bridgedAt);
    if (bridgedAt !== null) delays.get(source.name)?.heard.record(lateMs);
    const wasBridged = runner.coupled();
    const known: Agent = { ...agent, source: source.kind, server: source.name, bridgedAtMs: bridgedAt };
    runner.event({ type: 'agent-bridged', at: receivedAt, agent: known });
    if (!wasBridged && runner.coupled()) {
      unspliced.set(runner.callId, {
        source: source.name,
        since: (receivedAt.monotonicMs - lateMs) as MonotonicMs,
      });
    }
    return 'taken';
  }
}
