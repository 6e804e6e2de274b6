/**
 * What a PBX may tell of the calls that it places over Brusio (DESIGN §6): the port that every source in `agents/`
 * implements, and where its signals go.
 */
import type { Instant, WallMs } from '../base/clock.ts';
import type { Disposition, PbxKind } from '../call/call-facts.ts';

/** How a source names a call. */
export type WatchedCall =
  /** The Call-ID of the dialer's INVITE to Brusio. */
  | { readonly by: 'call-id'; readonly value: string }
  /** The dialer's own reference, as Brusio read it in the INVITE: a call code, a uuid, a lead. */
  | { readonly by: 'reference'; readonly value: string };

/** The agent as the PBX names them. */
export type SeenAgent = {
  readonly id: string;
  /** The name a person goes by; null when the PBX tells none. */
  readonly name: string | null;
  /** The telephone; null when the PBX tells none. */
  readonly extension: string | null;
};

/** One thing that a PBX tells. */
export type PbxSignal =
  | {
      readonly type: 'agent-bridged';
      readonly call: WatchedCall;
      readonly agent: SeenAgent;
      /** When it happened by the PBX's own clock; null when it does not say. */
      readonly bridgedAt: WallMs | null;
    }
  | { readonly type: 'agent-left'; readonly call: WatchedCall }
  | {
      readonly type: 'disposition';
      readonly call: WatchedCall;
      readonly answeredBy: Disposition['answeredBy'];
      /** The dialer's own word for how it knows; null when there is none. */
      readonly method: string | null;
    }
  /** How many agents of a queue could take a call at this moment. */
  | { readonly type: 'agents-free'; readonly queue: string; readonly free: number };

/** What became of a signal. A disposition is always taken: whether its call is known, or over too long, shows later. */
export type SignalResult = 'taken' | 'unknown-call' | 'already-ended';

/** Where a source's signals go. Synchronous, never throws. */
export type AgentSink = {
  /**
   * Whether this is a call that waits for an agent, or has one: guarded, alive, of a dialer that the source watches. Of a
   * bridge's two legs it is the customer's.
   */
  watches(call: WatchedCall): boolean;
  /** @param receivedAt when the octets that told it came in */
  signal(signal: PbxSignal, receivedAt: Instant): SignalResult;
};

/** One source as an operator sees it. */
export type AgentSourceStatus = {
  /** As the settings name it. */
  readonly name: string;
  readonly kind: PbxKind;
  /** Connected, logged in, and in the know of what went before. */
  readonly up: boolean;
  /** Why it is not up; null while it is. */
  readonly problem: string | null;
  /** Since when it is up or down; null before its first connection was tried. */
  readonly since: WallMs | null;
  /** The dialers whose calls it watches; none: all. */
  readonly dialers: readonly string[];
  /** Since the start: events read, signals made of them, signals for calls that are not Brusio's, unreadable input, connections lost. */
  readonly events: number;
  readonly signals: number;
  readonly unknownCalls: number;
  readonly malformed: number;
  readonly reconnects: number;
};

/** One PBX that is watched. */
export type AgentSource = {
  readonly name: string;
  readonly kind: PbxKind;
  readonly dialers: readonly string[];
  /** Connects, and connects again whenever the connection is lost. */
  start(sink: AgentSink): void;
  stop(): Promise<void>;
  status(): AgentSourceStatus;
};
