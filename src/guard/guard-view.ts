/** What the world may ask and tell the guard: calls as they are seen from outside, agents and dispositions. */
import type { Agent, CallId, CallKind, Disposition } from '../call/call-facts.ts';
import type { CorrectedOutcome, CorrectionRefusal } from '../policy/outcome-correction.ts';
import type { AgentSourceStatus } from './agent-source.ts';
import type { FreeAgents } from './free-agents.ts';
import type { CarrierStatus } from './signaling-port.ts';

/** How to find a call: our id, or the dialer leg's Call-ID. */
export type CallRef = string;

/** Where a report found its call. */
export type ReportResult =
  | { readonly result: 'taken'; readonly call: CallView }
  | { readonly result: 'unknown-call' }
  | { readonly result: 'already-ended'; readonly call: CallView };

/** What became of a disposition: the call lives and has it; or it is over, and what comes of it takes the store's time. */
export type DispositionResult =
  | { readonly result: 'taken'; readonly call: CallView }
  | { readonly result: 'late'; readonly settled: Promise<LateDisposition> };

/** What became of a disposition of a call that is over. */
export type LateDisposition =
  /** Committed; or nothing new was said. */
  | { readonly result: 'corrected' | 'unchanged'; readonly outcome: CorrectedOutcome }
  | { readonly result: CorrectionRefusal; readonly outcome: CorrectedOutcome }
  | { readonly result: 'unknown-call' }
  /** The store cannot be read, or too many wait for it: worth another try. */
  | { readonly result: 'unavailable'; readonly problem: string };

/** A call as a person or a program may see it from outside. */
export type CallView = {
  readonly callId: CallId;
  readonly state: 'dialing' | 'cancelling' | 'waiting' | 'released' | 'overdue' | 'announcing' | 'bridged' | 'ended';
  readonly kind: CallKind;
  readonly campaign: string;
  readonly number: string;
  readonly dialerReference: string | null;
  readonly dialerCallId: string;
  readonly agent: Agent | null;
  /** Null until the call has ended. */
  readonly class: 'A' | 'B' | null;
  readonly answeredAt: string | null;
  /** When it is over unless an agent comes, ISO 8601; null: it does not wait. */
  readonly waitEndsAt: string | null;
};

/** The guard as agent sources see it (HTTP today; event sockets later). Synchronous for calls that live. */
export type AgentReports = {
  agentBridged(ref: CallRef, agent: Agent): ReportResult;
  agentLeft(ref: CallRef): ReportResult;
  /** After the call's end it may correct its outcome; that promise never rejects. */
  dispositionReported(ref: CallRef, disposition: Disposition): DispositionResult;
};

/** The guard as the HTTP edge sees it. */
export type GuardView = AgentReports & {
  /** How many agents could take a call, as far as it is known. */
  readonly freeAgents: FreeAgents;
  agentSources(): readonly AgentSourceStatus[];
  liveCall(ref: CallRef): CallView | null;
  liveCalls(): readonly CallView[];
  /** How many of them are in each state; costs little however many they are. */
  callStates(): Readonly<Partial<Record<CallView['state'], number>>>;
  /** Of those that wait at most so many, in the order of their INVITEs. */
  waitingCalls(max: number): readonly CallView[];
  health(): GuardHealth;
};

/** Whether new calls are taken, and why not. */
export type GuardHealth = {
  readonly acceptingCalls: boolean;
  readonly problem: string | null;
  readonly callsLive: number;
  readonly carriers: readonly CarrierStatus[];
};
