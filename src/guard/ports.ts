/**
 * Everything the guard asks of the world, and everything the world may ask of the guard. Edges implement these; they
 * never meet each other. A method that returns nothing is synchronous, takes effect in order and never throws: its
 * failure comes back as an event. A method that returns a promise says what its rejection means.
 */
import type { CodecName } from '../audio/codec.ts';
import type { Instant, MonotonicMs, WallMs } from '../base/clock.ts';
import type { HangUp } from '../call/call-effect.ts';
import type { CallEvent } from '../call/call-event.ts';
import type { Agent, CallId, CallKind, Disposition } from '../call/call-facts.ts';
import type { CallNetworks } from '../call/media-network.ts';
import type { RemoteMedia, RtpAddress } from '../call/remote-media.ts';
import type { DeclaredKind } from '../policy/call-kind.ts';
import type { Refusal } from '../policy/decision.ts';
import type { Outcome } from '../policy/outcome.ts';
import type { CorrectedOutcome, CorrectionRefusal, OutcomeCorrection } from '../policy/outcome-correction.ts';
import type { OutcomeRecord } from '../policy/outcome-record.ts';
import type { AgentSourceStatus } from './agent-source.ts';
import type { FreeAgents } from './free-agents.ts';
import type { CarrierAttempt, DialogRecord, JournalEntry, JournalledCall, LegName } from './journal.ts';

// ── Signaling ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An INVITE as the dialer sent it, read once at the edge. */
export type IncomingInvite = {
  readonly at: Instant;
  readonly dialerCallId: string;
  /** IP literal it came from. */
  readonly sourceAddress: string;
  /** Who sent it; null for nobody the settings know. */
  readonly caller: InviteCaller | null;
  /** Called number, E.164 where the number plan can place it. */
  readonly number: string;
  /** The same as it was dialled, without visual separators and the dialer's own prefix. */
  readonly dialledNumber: string;
  /** The number that the callee will see, as the dialer gave it. */
  readonly callerId: string;
  /** Its caller asks not to be shown (RFC 3323, RFC 3325 §9.3), or shows nobody. */
  readonly isAnonymous: boolean;
  /** The kind the INVITE says it is, unchecked, or null. */
  readonly declaredKind: string | null;
  readonly campaign: string | null;
  readonly reference: string | null;
  /** An agent already on the dialer's line (`state=connected`); a merely reserved one is null here. */
  readonly agent: Agent | null;
  /** It names an agent, on the line or only reserved. */
  readonly namesAgent: boolean;
  readonly disposition: Disposition | null;
  readonly offer: DialerOffer;
};

/** Who sends an INVITE. */
export type InviteCaller =
  | {
      readonly type: 'dialer';
      readonly name: string;
      readonly kind: CallKind;
      readonly mayDeclare: readonly DeclaredKind[];
    }
  | { readonly type: 'carrier'; readonly name: string };

/** What the dialer's INVITE says about audio. */
export type DialerOffer =
  | { readonly kind: 'sdp'; readonly media: RemoteMedia }
  /** No SDP: we offer in the 2xx and read the answer from the ACK (RFC 3264 §4, late offer). */
  | { readonly kind: 'none' }
  /** SDP, but no codec that ambience exists in; the names it offered. */
  | { readonly kind: 'no-common-codec'; readonly offered: readonly string[] }
  | { readonly kind: 'malformed'; readonly problem: string }
  /** SDP that asks for what we do not have (a transport, an address family); `warning` is the code that says so. */
  | { readonly kind: 'unsupported'; readonly warning: number; readonly problem: string };

/** Where Brusio sends and receives RTP for the two legs of a call. */
export type CallMediaAddresses = { readonly dialer: RtpAddress; readonly carrier: RtpAddress };

/** One carrier as the settings name it. */
export type Carrier = { readonly name: string; readonly uri: string };

/** The carriers one call may take, asked for one after the other. */
export type CarrierRoute = {
  /** The next carrier that has room, which it takes; null when there is none left. */
  next(): Carrier | null;
  /** The attempt at it failed: its room is free. `retryAfterMs`: it wants to be left alone for so long, or null. */
  failed(carrier: Carrier, retryAfterMs: number | null): void;
  /** The attempt at it ended without a failure of its own (cancelled, refused by the callee): its room is free. */
  released(carrier: Carrier): void;
};

/** Whether a carrier takes our registration; `none` when it needs none. */
export type RegistrationState = 'none' | 'pending' | 'registered' | 'failed';

/** What the SIP edge finds out about carriers between calls. */
export type CarrierReports = {
  /** An OPTIONS was answered, or not. */
  probed(name: string, alive: boolean): void;
  registration(name: string, state: RegistrationState): void;
};

/** One carrier as an operator sees it. */
export type CarrierStatus = {
  readonly name: string;
  /** Reachable, and registered where that is needed: else it is tried last. */
  readonly up: boolean;
  readonly reachable: boolean;
  readonly registration: RegistrationState;
  /** What is left of the pause it asked for, in ms. */
  readonly pausedMs: number;
  readonly callsLive: number;
  /** Since the start: INVITEs sent, those that failed over or could have, and times it was passed over at a limit. */
  readonly attempts: number;
  readonly failures: number;
  readonly limited: number;
};

/** What the guard may ask of a call's two SIP legs. */
export type CallLegs = {
  /**
   * Places the INVITE towards the first carrier of the route with our own SDP, and towards the next one when it fails
   * before the callee was reached. Relays 18x and the 2xx to the dialer by itself, after the event for each was taken.
   * `codecs`: those that either leg may agree to, of the dialer's offer or, where it made none, in this order.
   */
  dial(route: CarrierRoute, media: CallMediaAddresses, codecs: readonly CodecName[]): void;
  /** The final response of an INVITE that goes nowhere. */
  refuse(refusal: Refusal): void;
  /** The peers are on one line from now on: what either wanted before, a hold, the other is told. */
  couple(): void;
  /** Ends every leg that has not ended, both in this turn; `outcome` is told to the dialer in `X-Brusio-Outcome`. */
  hangUp(hangUp: HangUp, outcome: Outcome): void;
};

/** What a call's legs tell the guard, each synchronously at the moment it is seen. */
export type CallSink = {
  readonly callId: CallId;
  event(event: CallEvent): void;
  /** Whether an agent, or a machine's message, is on the line: what one peer changes then concerns the other. */
  coupled(): boolean;
  /** An attempt was placed, ended or answered; `carrying` is the one that answered, or else the latest. */
  attempted(attempts: readonly CarrierAttempt[], carrying: CarrierAttempt): void;
  /** A dialog was confirmed or its target changed. */
  dialogConfirmed(leg: LegName, dialog: DialogRecord): void;
  /** The dialer's media address or codec, when it came or changed after the INVITE (ACK of a late offer, re-INVITE). */
  dialerMedia(media: RemoteMedia): void;
  /** The callee's media address, when it changed after the answer (re-INVITE). */
  calleeMedia(media: RemoteMedia): void;
};

/** The SIP edge. */
export type Signaling = {
  /** Connects to the engine and hands every INVITE to `onInvite`. Rejects when the engine refuses or is not there. */
  start(onInvite: (invite: IncomingInvite, legs: CallLegs) => CallSink | null): Promise<void>;
  /**
   * Ends a dialog that an earlier process left behind. Resolves with the final status of the BYE.
   *
   * @param carrier whose credentials the peer may ask for; null when it is no carrier's
   */
  endDialog(dialog: DialogRecord, reason: string, carrier: string | null): Promise<number>;
  /** Null while INVITEs can come; else why not. */
  problem(): string | null;
  /** Digest authentications of dialers since the start, by result. */
  authentications(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
};

// ── Media ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the media plane says of a call while it lives. */
export type MediaCallEvent =
  | { readonly type: 'ambience-started'; readonly callId: CallId; readonly afterMs: number }
  /** Since `connect` the first packet of the dialer's went to the callee. */
  | { readonly type: 'dialer-heard'; readonly callId: CallId }
  /** Speech is heard on the dialer's side of a call that plays ambience; once. */
  | { readonly type: 'dialer-speaks'; readonly callId: CallId }
  /** A peer that should be heard has sent nothing for `forMs`; once for each silence. */
  | {
      readonly type: 'silent';
      readonly callId: CallId;
      readonly leg: 'dialer' | 'carrier';
      readonly forMs: number;
    }
  | { readonly type: 'failed'; readonly callId: CallId; readonly detail: string };

/** What the media plane says at all. */
export type MediaEvent =
  | MediaCallEvent
  /** After `failed` for each live call: the media plane is of no use any more. */
  | { readonly type: 'thread-died'; readonly detail: string };

/** What the media plane did for a call, told once at its end. */
export type MediaReport = {
  readonly ambience: {
    /** 2xx received → first packet handed to the kernel, in ms. */
    readonly startedAfterMs: number;
    readonly packets: number;
    readonly codec: CodecName;
    readonly clip: string;
    readonly clipSha256: string;
    /** What it was played at: the level asked for, or the nearest that the codec has. */
    readonly levelDbm0: number;
  } | null;
  /** RTP packets, all kinds. */
  readonly packetsToCallee: number;
  readonly packetsFromCallee: number;
  readonly packetsToDialer: number;
  readonly packetsFromDialer: number;
  /** Datagrams from a source that was not the peer's, or not RTP: dropped. */
  readonly packetsRejected: number;
  readonly drops: MediaDrops;
  /** First RTP packet of either peer: evidence that the path from it was open; null when none came. */
  readonly firstFromCalleeAt: MonotonicMs | null;
  readonly firstFromDialerAt: MonotonicMs | null;
  /** What the callee's side said last of our stream, by RTCP; null when it said nothing. */
  readonly calleeReport: StreamReport | null;
};

/** A peer's view of our stream (RFC 3550 §6.4.1). */
export type StreamReport = {
  /** Packets in all; negative when more came twice than were lost. */
  readonly lost: number;
  readonly jitterMs: number;
  /** Null when the peer had had no sender report of ours. */
  readonly roundTripMs: number | null;
};

/** Why datagrams of a call were not passed on. */
export type MediaDrops = {
  /** From an address that is not the peer's. */
  readonly foreign: number;
  /** Not RTP. */
  readonly malformed: number;
  /** Not protected under the peer's key, or not as it was protected (SRTP). */
  readonly unauthentic: number;
  /** Protected, and seen before or too old to tell (RFC 3711 §3.3.2). */
  readonly replayed: number;
  /** Of a codec that the other leg did not agree to. */
  readonly unroutable: number;
  /** After a newer packet had taken their place. */
  readonly late: number;
  /** Refused by the kernel. */
  readonly sendErrors: number;
};

/** What the calls of a campaign hear while they wait. */
export type Ambience = {
  /** Names clip and level to the media plane. */
  readonly id: string;
  readonly clip: string;
  readonly durationMs: number;
  /** Those it can be played in: a guarded call may use no other. */
  readonly codecs: readonly CodecName[];
};

/** What one call hears: the ambience by its id, from `startMs` on. */
export type CallAmbience = { readonly id: string; readonly startMs: number };

/** The media edge. */
export type MediaPlane = {
  /** Rejects with `media.no-clip` or `media.worker-failed` when nothing could be heard. */
  start(onEvent: (event: MediaEvent) => void): Promise<void>;
  /**
   * Reserves a port pair for each leg, at the address of its network (default: a dialer's call). Rejects with AppError
   * `media.ports-exhausted`, `media.bind-failed`, `media.worker-failed`, or `media.closed` when a close overtook it.
   */
  open(callId: CallId, ambience: CallAmbience, networks?: CallNetworks): Promise<CallMediaAddresses>;
  /** Where the dialer listens; replaces what was known and lets symmetric RTP latch again. */
  setDialer(callId: CallId, dialer: RemoteMedia): void;
  /** Where the callee listens, when that changed after the answer; symmetric RTP may latch again. */
  setCallee(callId: CallId, callee: RemoteMedia): void;
  /** Early media: the callee is heard by the dialer. Nothing is sent to the callee. */
  relayEarlyMedia(callId: CallId, callee: RemoteMedia): void;
  /** First packet on the message itself; `answeredAt` is what its delay is measured from. */
  playAmbience(callId: CallId, callee: RemoteMedia | null, answeredAt: MonotonicMs): void;
  /** Both ways; ambience fills whenever the dialer has sent nothing for 200 ms. */
  connect(callId: CallId, callee: RemoteMedia | null): void;
  /** Both ways, and nothing of ours: no ambience, whoever is silent. */
  relay(callId: CallId, callee: RemoteMedia): void;
  /** Stops everything and frees the ports. Resolves within a second; null when the media worker is gone. */
  close(callId: CallId): Promise<MediaReport | null>;
  /** Null while calls can be opened; else why not. */
  problem(): string | null;
  stop(): Promise<void>;
};

// ── Store and outbox ─────────────────────────────────────────────────────────────────────────────────────────────────

/** A webhook that waits to be delivered; written in the same transaction as the outcome it tells. */
export type WebhookRow = {
  /** `webhook-id`, the same for every attempt. */
  readonly id: string;
  readonly callId: CallId;
  readonly type: 'call.outcome' | 'call.outcome_corrected';
  /** Name of the endpoint in the settings. */
  readonly endpoint: string;
  /** The exact body, JSON. */
  readonly body: string;
};

/** A stored outcome, and the number in clear for the row alone. */
export type OutcomeEntry = {
  readonly record: OutcomeRecord;
  readonly number: string;
  readonly webhooks: readonly WebhookRow[];
};

/** A correction of a stored outcome. */
export type CorrectionEntry = {
  readonly callId: CallId;
  readonly correction: OutcomeCorrection;
  readonly webhooks: readonly WebhookRow[];
};

/** How to find a call: our id, or the dialer leg's Call-ID. */
export type CallRef = string;

/** Whether the store writes at the moment, and how much waits. */
export type StoreHealth = {
  readonly writable: boolean;
  /** Entries in memory that are not committed yet. */
  readonly pending: number;
  readonly problem: string | null;
};

/** The database edge. Its worker commits in groups; no call here waits for a disk. */
export type Store = {
  /** Opens or creates the database. Rejects with AppError `store.…` when it cannot be used. */
  start(): Promise<void>;
  /** Posted; committed with the next group. Kept in memory up to a named limit while the disk fails. */
  journal(entry: JournalEntry): void;
  /**
   * Outcome, webhook rows and the removal of the call's journal in one transaction. Resolves after the commit, however
   * long the disk fails; a second outcome for the same call is ignored.
   */
  recordOutcome(entry: OutcomeEntry): Promise<void>;
  /** Calls that were placed and have no outcome: read once, before the first call is taken. */
  openCalls(): Promise<readonly JournalledCall[]>;
  /** As it was recorded first, also before its commit. */
  findOutcome(ref: CallRef): Promise<OutcomeRecord | null>;
  /** The latest call with the dialer's own reference, once its outcome is committed. */
  findOutcomeByReference(reference: string): Promise<OutcomeRecord | null>;
  /**
   * Correction and webhook rows in one transaction, after the outcome's own. Resolves after the commit; rejects with
   * AppError `store.entry-rejected` for a call without an outcome; a second one of the same sequence is ignored.
   */
  recordCorrection(entry: CorrectionEntry): Promise<void>;
  /** In the order of their sequence; none for a call that is not known. */
  correctionsOf(callId: CallId): Promise<readonly OutcomeCorrection[]>;
  health(): StoreHealth;
  stop(): Promise<void>;
};

/** A webhook as the dispatcher takes it. */
export type DueWebhook = WebhookRow & { readonly attempts: number };

/** Webhooks that wait, kept by the store. */
export type Outbox = {
  /** Calls back, after a commit, that something is due. */
  onDue(wake: () => void): void;
  /**
   * The oldest due ones of an endpoint, at most `limit`, at most one per call: order is kept within a call. Asked per
   * endpoint, so that the backlog of a dead one never hides what is due elsewhere.
   */
  due(now: WallMs, limit: number, endpoint: string): Promise<readonly DueWebhook[]>;
  /** When the endpoint's next one that `due` would give falls due (in the past: now), or null when nothing waits. */
  nextDueAt(endpoint: string): Promise<WallMs | null>;
  delivered(id: string, at: WallMs): Promise<void>;
  failed(id: string, nextAttemptAt: WallMs, problem: string): Promise<void>;
  /** Given up: kept for replay. */
  dead(id: string, problem: string): Promise<void>;
};

// ── Agents and dispositions: what the world may tell the guard ────────────────────────────────────────────────────────

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
  readonly state: 'dialing' | 'cancelling' | 'waiting' | 'released' | 'overdue' | 'bridged' | 'ended';
  readonly kind: CallKind;
  readonly campaign: string;
  readonly number: string;
  readonly dialerReference: string | null;
  readonly dialerCallId: string;
  readonly agent: Agent | null;
  /** Null until the call has ended. */
  readonly class: 'A' | 'B' | null;
  readonly answeredAt: string | null;
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
  health(): GuardHealth;
};

/** Whether new calls are taken, and why not. */
export type GuardHealth = {
  readonly acceptingCalls: boolean;
  readonly problem: string | null;
  readonly callsLive: number;
  readonly carriers: readonly CarrierStatus[];
};

// ── Events to the outside ────────────────────────────────────────────────────────────────────────────────────────────

/** Turns an outcome into the webhook rows that tell it, one per endpoint; pure. */
export type OutcomeWebhooks = (record: OutcomeRecord, callId: CallId, at: WallMs) => readonly WebhookRow[];

/** The same for an outcome that was corrected, by its latest correction. */
export type CorrectionWebhooks = (outcome: CorrectedOutcome, callId: CallId, at: WallMs) => readonly WebhookRow[];
