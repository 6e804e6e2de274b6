/**
 * What is written down while a call lives, so that a crash loses neither its outcome nor the people on its line.
 * Plain JSON throughout.
 */
import type { CallId } from '../call/call-facts.ts';
import type { CallState } from '../call/call-state.ts';
import type { KindSource } from '../policy/call-kind.ts';

/** What does not change over a call's life. */
export type CallDossier = {
  readonly callId: CallId;
  /** The dialer's name; null for an inbound call. This and the next are absent in journals of version 0.1. */
  readonly dialer?: string | null;
  readonly kindSource?: KindSource;
  readonly campaign: string;
  /** The called number in clear: the store keeps it, nothing else shows it. */
  readonly number: string;
  readonly callerId: string;
  readonly dialerReference: string | null;
  readonly dialerCallId: string;
  /** Of the carrier that answered, or else of the latest one tried; null until an INVITE was placed. */
  readonly carrierCallId: string | null;
  readonly carrier: string | null;
  /** Every INVITE towards a carrier; absent in journals of version 0.1. */
  readonly attempts?: readonly CarrierAttempt[];
  /** The message its callee is told when nobody comes; absent: none. */
  readonly announcement?: { readonly name: string; readonly text: string; readonly sha256: string };
  /** {@link Jurisdiction.policy} the call was placed under. */
  readonly policy: string;
};

/** One INVITE towards a carrier, in the order in which they were sent. */
export type CarrierAttempt = {
  readonly carrier: string;
  readonly callId: string;
  /** Its final status; null while there is none. */
  readonly status: number | null;
  /** The `Reason` that came with it (RFC 3326), or null. */
  readonly reason: string | null;
};

/** Which peer a dialog is with. */
export type LegName = 'dialer' | 'carrier';

/** A confirmed SIP dialog, complete enough to end it from another process (RFC 3261 §12). */
export type DialogRecord = {
  /** drachtio's own id of it: a real drachtio-server still knows it after we restarted. */
  readonly drachtioDialogId: string;
  readonly callId: string;
  /** Name-addr without tag, as in our From when we send. */
  readonly localUri: string;
  readonly localTag: string;
  readonly remoteUri: string;
  readonly remoteTag: string;
  /** The peer's Contact URI: the request-URI of our requests. */
  readonly remoteTarget: string;
  /** Route header values in the order in which we send them. */
  readonly routeSet: readonly string[];
  /** The CSeq number of the last request we know we sent in it; 0 when we sent none. */
  readonly localCseq: number;
  /** Where the peer's messages came from: the next hop when there is no route, for peers behind NAT. */
  readonly peer: string;
};

/** One entry of the journal; a later entry of the same kind and call (and leg) replaces the earlier one. */
export type JournalEntry =
  | { readonly kind: 'call'; readonly dossier: CallDossier; readonly state: CallState }
  | { readonly kind: 'dialog'; readonly callId: CallId; readonly leg: LegName; readonly dialog: DialogRecord };

/** What a restart finds of one call that has no outcome yet. */
export type JournalledCall = {
  readonly dossier: CallDossier;
  readonly state: CallState;
  readonly dialogs: Readonly<Partial<Record<LegName, DialogRecord>>>;
};
