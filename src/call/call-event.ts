/** What can happen to a call (DESIGN §3). Every event carries the moment it was seen. */
import type { Instant } from '../base/clock.ts';
import type { Agent, Disposition, SipFinal } from './call-facts.ts';
import type { RemoteMedia } from './remote-media.ts';

export type CallEvent = { readonly at: Instant } & (
  | {
      readonly type: 'callee-ringing';
      /** Early media's SDP, or null for a plain 180. */
      readonly media: RemoteMedia | null;
    }
  | {
      readonly type: 'callee-answered';
      readonly final: SipFinal;
      /** Null when the 2xx carried no SDP we can use: the call cannot be heard and ends. */
      readonly media: RemoteMedia | null;
    }
  /** The rules of law refuse a call that is not placed yet; the dialer was told. */
  | { readonly type: 'admission-refused'; readonly final: SipFinal }
  /** The agent it was admitted for has left while it rings, and without one it would have been refused. */
  | { readonly type: 'admission-withdrawn'; readonly final: SipFinal }
  | { readonly type: 'callee-hung-up'; readonly reason: string | null }
  | {
      readonly type: 'carrier-refused';
      readonly final: SipFinal;
      /** An INVITE that was cancelled meanwhile (failover) may still be answered; the event comes again when none can. */
      readonly open?: boolean;
    }
  | { readonly type: 'dialer-cancelled'; readonly reason: string | null }
  | { readonly type: 'dialer-hung-up'; readonly reason: string | null; readonly disposition: Disposition | null }
  /** A peer no longer answers inside its dialog (408, 481, session expired): there is nobody on that leg. */
  | { readonly type: 'leg-lost'; readonly leg: 'dialer' | 'carrier'; readonly reason: string | null }
  /** The callee's greeting began, or was over, at `since`. */
  | { readonly type: 'callee-speaks' | 'callee-quiet'; readonly since: Instant }
  /** The callee pressed a key while or after the announcement played. */
  | { readonly type: 'callee-key'; readonly digit: string }
  /** The announcement was played to its end, at `since`. */
  | { readonly type: 'announced'; readonly since: Instant }
  | { readonly type: 'agent-bridged'; readonly agent: Agent }
  | { readonly type: 'agent-left' }
  | { readonly type: 'disposition-reported'; readonly disposition: Disposition }
  /** The moment in the state's `deadlineAt` has come. */
  | { readonly type: 'deadline' }
  | { readonly type: 'media-failed'; readonly detail: string }
  /** An assertion failed while this call was handled: it ends, no other does. */
  | { readonly type: 'internal-error'; readonly detail: string }
  | { readonly type: 'guard-stopping' }
  /** The process was restarted and found this call in its journal. */
  | { readonly type: 'guard-restarted' }
);

/** The names of all events. */
export type CallEventType = CallEvent['type'];
