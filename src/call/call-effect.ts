/** What the call machine asks for. The runner performs each in the event's own turn of the event loop, in order. */
import type { EndCause, SipFinal } from './call-facts.ts';
import type { RemoteMedia } from './remote-media.ts';

export type CallEffect =
  /** The callee is heard by the dialer; nothing goes to the callee yet (183). */
  | { readonly type: 'relay-early-media'; readonly callee: RemoteMedia }
  /** Ambience to the callee from this very moment; `callee` null when the media plane knows it already. */
  | { readonly type: 'play-ambience'; readonly callee: RemoteMedia | null }
  /** The message that says who called takes the ambience's place, which comes back after it. */
  | { readonly type: 'announce' }
  /** Both ways from now on; ambience fills where the dialer is not sending. */
  | { readonly type: 'connect-media'; readonly callee: RemoteMedia | null }
  /** Both ways from now on, from the first description on, and nothing of ours: a call that is not guarded. */
  | { readonly type: 'relay-media'; readonly callee: RemoteMedia }
  /** The state is to survive a crash from here on. */
  | { readonly type: 'journal' }
  /** End every leg that has not ended: BYE, CANCEL or a final response, as its own state demands. */
  | { readonly type: 'hang-up'; readonly hangUp: HangUp }
  /** The call is over: close its media, decide and record its outcome. */
  | { readonly type: 'finish' };

/** How the legs are told. */
export type HangUp = {
  readonly cause: EndCause;
  /** The final response for the dialer when its INVITE is still open. */
  readonly dialerFinal: SipFinal;
  /** The `Reason` value of both BYEs (RFC 3326): the peer's own where one leg ended by itself. */
  readonly reason: string;
};
