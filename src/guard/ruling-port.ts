/**
 * The law's rules over what the store knows, as the guard asks for them. Facts are read and room is reserved in one step:
 * of two INVITEs that come at once, in whatever processes on one database, the second is judged with the first in flight.
 */
import type { WallMs } from '../base/clock.ts';
import type { CallId } from '../call/call-facts.ts';
import type { CampaignTerms } from '../policy/rules/campaign-terms.ts';
import type { AgentPromise, Ruling, ScreeningException } from '../policy/rules/ruling.ts';

/** One INVITE of a guarded call. */
export type RulingRequest = {
  readonly callId: CallId;
  readonly at: WallMs;
  readonly number: string;
  readonly callerId: string;
  /** Of the number, under every key that is still looked up by, newest first; at least one. */
  readonly digests: readonly string[];
  readonly agent: AgentPromise;
  readonly exception: ScreeningException | null;
  readonly terms: CampaignTerms;
  /** Stamp of the rules that it is placed under. */
  readonly policy: string;
};

/** A call that may still become a silent one, for a process that starts again. */
export type CallAtRisk = Pick<RulingRequest, 'callId' | 'at' | 'digests' | 'agent' | 'policy'> & {
  readonly campaign: string;
  readonly lockScope: string;
  readonly answeredAt: WallMs | null;
};

/** Judges, and keeps what is in flight. What is asked and told of one call takes effect in that order, though a ruling may take its time. */
export type Rulings = {
  /** Opens it; calls of an earlier process take their room again. Rejects with AppError `store.cannot-open`. */
  start(left: readonly CallAtRisk[]): Promise<void>;
  /** An allowed call has its room from here on. Rejects with AppError `store.cannot-read`: the call must not be placed. */
  rule(request: RulingRequest): Promise<Ruling>;
  /** The promised agent has left while it rings: whether it may go on. Same room, same rejections. */
  withoutAgent(callId: CallId): Promise<Ruling>;
  /** Answered: it counts in that local day and no other. */
  answered(callId: CallId, at: WallMs): void;
  /** Its class is committed to the counts, and it may take no more room: bridged, or its outcome is committed. */
  counted(callId: CallId): void;
  /**
   * Its class may change once more: it takes room again. Resolves when every ruling knows, never rejects, and may take the time of a
   * ruling: the change is committed behind it, and is seen nowhere before it.
   */
  uncounted(callId: CallId): Promise<void>;
  /** Over and committed (or never placed): a call to the same number is judged without it. */
  released(callId: CallId): void;
  stop(): Promise<void>;
};
