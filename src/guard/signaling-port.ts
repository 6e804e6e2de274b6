/**
 * The SIP edge: what it tells the guard, and what the guard asks of it. Edges implement the ports of this folder and never
 * meet each other. In every port a method that returns nothing is synchronous, takes effect in order and never throws:
 * its failure comes back as an event. A method that returns a promise says what its rejection means.
 */
import type { CodecName } from '../audio/codec.ts';
import type { Instant } from '../base/clock.ts';
import type { HangUp } from '../call/call-effect.ts';
import type { CallEvent } from '../call/call-event.ts';
import type { Agent, CallId, CallKind, Disposition } from '../call/call-facts.ts';
import type { RemoteMedia } from '../call/remote-media.ts';
import type { DeclaredKind } from '../policy/call-kind.ts';
import type { Refusal } from '../policy/decision.ts';
import type { Outcome } from '../policy/outcome.ts';
import type { SipExchange } from '../policy/outcome-record.ts';
import type { AgentPromise, ScreeningException } from '../policy/rules/ruling.ts';
import type { CarrierAttempt, DialogRecord, LegName } from './journal.ts';
import type { CallMediaAddresses } from './media-port.ts';

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
  /** What it says of an agent. */
  readonly agentPromise: AgentPromise;
  /** Why its number may be called although the register does not clear it, as it says; null: it does not say. */
  readonly exception: ScreeningException | null;
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
  /** What was said on both legs so far. */
  exchange(): SipExchange;
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
