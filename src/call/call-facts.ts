/**
 * What happened in a call, as plain data that can be written to the journal and read back. Facts only: what the law
 * calls them is decided by `policy/outcome.ts`.
 */
import type { Instant } from '../base/clock.ts';

/** A call's own identifier, a UUID version 7 given by Brusio. */
export type CallId = string & { readonly __callId: unique symbol };

/** How Brusio learned that an agent is on the line (DESIGN §6), most trusted first in the documentation. */
export type AgentSignal =
  | PbxKind
  | 'invite-header'
  | 'sip-info'
  | 'sip-re-invite'
  | 'sip-update'
  | 'sip-replaces'
  | 'sip-display'
  | 'http'
  | 'voice-activity';

/** What a dialer is made of, where Brusio watches it from inside. */
export type PbxKind = 'freeswitch' | 'asterisk-ari' | 'asterisk-ami' | 'vicidial';

/** The agent who took the call, by the name the dialer gives; what else is known of them where the source tells it. */
export type Agent = {
  readonly id: string;
  readonly source: AgentSignal;
  /** What a person calls them, or null. */
  readonly name?: string | null;
  /** Their telephone, or null. */
  readonly extension?: string | null;
  /** The agent source in the settings that told it, or null. */
  readonly server?: string | null;
  /** When they were bridged by the PBX's own clock, wall-clock ms, or null. */
  readonly bridgedAtMs?: number | null;
};

/** What the dialer found at the other end, and how it says it knows. */
export type Disposition = {
  readonly answeredBy: 'human' | 'machine' | 'fax';
  /** The dialer's own word for its method, such as `amd`; null when it gave none. */
  readonly method: string | null;
  readonly source: 'invite-header' | 'bye-header' | 'sip-info' | 'sip-re-invite' | 'sip-update' | 'http' | PbxKind;
};

/** A final SIP response as it was received: SIP to Q.850 cannot be inverted, so the raw facts are kept (RFC 3398). */
export type SipFinal = {
  /** 200–699. */
  readonly status: number;
  readonly phrase: string;
  /** The `Reason` header as received (RFC 3326, RFC 6432), or null. */
  readonly reason: string | null;
};

/** Why a call ended; a cause, not a verdict. */
export type EndCause =
  | 'deadline'
  | 'callee-hung-up'
  | 'dialer-hung-up'
  | 'dialer-cancelled'
  | 'callee-lost'
  | 'dialer-lost'
  | 'carrier-refused'
  | 'refused-by-guard'
  | 'media-failed'
  | 'internal-error'
  /** Nobody came, and the message that says who called was played. */
  | 'announced'
  /** The callee pressed the key that says never again. */
  | 'opted-out'
  /** It rang for longer than it may. */
  | 'ring-limit'
  /** Its promised agent left while it rang, and no more calls may become silent ones. */
  | 'agent-lost'
  | 'guard-stopping'
  | 'guard-restarted';

/**
 * Whether the law's rules for predictive calls apply (`guarded`), or the call is relayed whole: placed by a person, agreed
 * with the called one, a transfer, or one that came in.
 */
export type CallKind = 'guarded' | 'inbound' | 'manual' | 'callback' | 'transfer';

/**
 * What happens when the wait ends without an agent: both legs are hung up, or it is only noted and the dialer may go on.
 * The law knows the first alone; the second is for an engineer who first watches what would be done.
 */
export type TeardownMode = 'enforce' | 'observe';

/** What the wait for an agent counts from; where nothing is heard of the callee it is the answer. */
export type WaitStart = 'answer' | 'speech-start' | 'speech-end';

/** Everything that was seen of one call. Times are null until the thing happened. */
export type CallFacts = {
  /** Absent in journals of version 0.1: guarded. */
  readonly kind?: CallKind;
  /** Of its dialer when the call was placed. Absent in journals of version 0.1: enforce. */
  readonly teardown?: TeardownMode;
  readonly invitedAt: Instant;
  /** First 18x. */
  readonly ringingAt: Instant | null;
  /** First 2xx received from the carrier: the moment the law calls the answer. */
  readonly answeredAt: Instant | null;
  /** First moment at which an agent and an answered callee were connected. */
  readonly bridgedAt: Instant | null;
  readonly agentLeftAt: Instant | null;
  /** When the wait ended, if it ended without an agent; absent in journals of version 0.1. */
  readonly teardownDueAt?: Instant | null;
  /** What the callee said first; absent or null: nothing was heard, or listened for. */
  readonly greeting?: { readonly startedAt: Instant; readonly endedAt: Instant | null } | null;
  /** Of the message that says who called, since nobody came; absent or null: none was begun. */
  readonly announcement?: {
    readonly startedAt: Instant;
    readonly endedAt: Instant | null;
    /** The key that says never again. */
    readonly optOut: { readonly digit: string; readonly at: Instant } | null;
  } | null;
  readonly cancelledAt: Instant | null;
  readonly endedAt: Instant | null;
  readonly agent: Agent | null;
  readonly disposition: Disposition | null;
  readonly carrierFinal: SipFinal | null;
};

/** Relayed whole: no ambience, no deadline, no class. */
export function isRelayed(facts: CallFacts): boolean {
  return facts.kind !== undefined && facts.kind !== 'guarded';
}

/** The facts of a call of which only the INVITE is known. */
export function newCallFacts(
  invitedAt: Instant,
  agent: Agent | null,
  disposition: Disposition | null,
  kind: CallKind = 'guarded',
  teardown: TeardownMode = 'enforce',
): CallFacts {
  return {
    kind,
    teardown,
    invitedAt,
    ringingAt: null,
    answeredAt: null,
    bridgedAt: null,
    agentLeftAt: null,
    teardownDueAt: null,
    cancelledAt: null,
    endedAt: null,
    agent,
    disposition,
    carrierFinal: null,
  };
}
