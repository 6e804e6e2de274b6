/**
 * A call's two offer/answer exchanges until both legs are up: our offer to the carrier, the forks that answer it, and our
 * one answer to the dialer. What happens to them afterwards is `renegotiation.ts`.
 */
import type { CodecName } from '../audio/codec.ts';
import type { RemoteMedia, RtpAddress } from '../call/remote-media.ts';
import type { CallMediaAddresses } from '../guard/media-port.ts';
import { answerTo, namesOf, offerOf, openOffer, passes } from './codec-choice.ts';
import { BOTH_WAYS } from './direction.ts';
import { createEarlyForks, type EarlyForks } from './early-forks.ts';
import { createLegSession, type LegSession } from './leg-session.ts';
import { ALL_SERVED, type PeerDescription, type SdpRules } from './peer-description.ts';
import type { SrtpMode } from './sdes.ts';

/** Which peer. */
export type Side = 'dialer' | 'carrier';

/** The peer at the other end. */
export const OTHER_SIDE: Readonly<Record<Side, Side>> = { dialer: 'carrier', carrier: 'dialer' };

/** The sessions of one call. */
export type CallSessions = {
  /** Null until the media plane has given its addresses. */
  session(side: Side): LegSession | null;
  /** What may be agreed on each leg. */
  readonly rules: CallSdpRules;
  /** Whether the INVITE of the dialer's dialog carried an offer. */
  readonly dialerOffered: boolean;
  /** The forks of the INVITE that is under way. */
  forks(): EarlyForks;
  /** Before the first offer: the codecs that may be agreed on either leg from now on. */
  serve(codecs: readonly CodecName[]): void;
  /** Our offer, the same for every carrier that is tried, but for whether its stream must be protected. */
  offerToCarrier(addresses: CallMediaAddresses, srtp?: SrtpMode): string;
  /** A 18x described fork `tag`; what is heard now, or null when the description cannot be used. */
  calleeProgressed(tag: string, sdp: string): RemoteMedia | null;
  /** The fork is gone; what is heard instead, null when that is nobody or has not changed. */
  calleeGone(tag: string): RemoteMedia | null;
  /** An UPDATE before the answer: our answer and what the fork says now; null when the offer cannot be used. */
  calleeUpdated(
    tag: string,
    sdp: string,
  ): { readonly sdp: string; readonly media: RemoteMedia; readonly isHeard: boolean } | null;
  /** The 2xx of fork `tag`, with `sdp` or ''; null when there is no description that can be used. */
  calleeAnswered(tag: string, sdp: string): RemoteMedia | null;
  /**
   * Our answer to the dialer, or our offer where it made none. The first text stays: an answer given in a 18x is the answer
   * (RFC 6337 §2.1), whatever fork speaks later.
   */
  answerToDialer(): string;
  /** What the dialer agreed to, once answered. */
  dialerMedia(): RemoteMedia | null;
  /** A new offer of the dialer's before the 200 (UPDATE, PRACK); null when it cannot be used. */
  dialerUpdated(sdp: string): { readonly sdp: string; readonly media: RemoteMedia } | null;
  /**
   * What we say in a new dialog that takes the place of the dialer's: our answer, or our offer where it made none. It is in
   * force with `take`; null when the callee's stream as it is could not pass to it.
   */
  dialerReplaced(offer: PeerDescription | null): { readonly sdp: string; take(): void } | null;
  /** The answer to our offer, in ACK or PRACK; null when it cannot be used. */
  dialerAnswered(sdp: string): RemoteMedia | null;
};

/** What may be agreed on each leg. */
export type CallSdpRules = Readonly<Record<Side, SdpRules>>;

/**
 * The sessions of a call whose INVITE was just received.
 *
 * @param invited the dialer's offer, null when it made none
 */
export function createCallSessions(
  invited: PeerDescription | null,
  newSessionId: () => string,
  invitedRules: CallSdpRules = { dialer: ALL_SERVED, carrier: ALL_SERVED },
): CallSessions {
  /** The dialer's offer as far as it may be agreed to. */
  let offer = invited;
  let rules = invitedRules;
  let dialer: LegSession | null = null;
  let carrier: LegSession | null = null;
  const forks = createEarlyForks();
  let answer = '';
  let dialerOffered = invited !== null;
  let dialerRtp: RtpAddress | null = null;

  return {
    session: (side) => (side === 'dialer' ? dialer : carrier),
    get rules() {
      return rules;
    },
    get dialerOffered() {
      return dialerOffered;
    },
    forks: () => forks,
    serve(codecs) {
      rules = { dialer: { ...invitedRules.dialer, codecs }, carrier: { ...invitedRules.carrier, codecs } };
      offer = invited === null ? null : servedOf(invited, codecs);
    },
    offerToCarrier(addresses, srtp = rules.carrier.srtp) {
      dialerRtp = addresses.dialer;
      dialer ??= createLegSession(newSessionId(), addresses.dialer, rules.dialer);
      carrier ??= createLegSession(newSessionId(), addresses.carrier, rules.carrier);
      return carrier.offer(offerOf(offer, rules.carrier.codecs), BOTH_WAYS, srtp);
    },
    calleeProgressed(tag, sdp) {
      const description = read(sdp);
      if (description === null || forks.isUpdated(tag)) return null;
      forks.described(tag, description);
      return carrier?.takeAnswer(description).media ?? null;
    },
    calleeGone(tag) {
      if (!forks.ended(tag)) return null;
      const heard = forks.heard();
      return heard === null ? null : (carrier?.takeAnswer(heard.description).media ?? null);
    },
    calleeUpdated(tag, sdp) {
      const before = forks.descriptionOf(tag);
      if (carrier === null || before === null) return null;
      carrier.takeAnswer(before);
      const update = carrier.readOffer(sdp);
      const other = dialer?.peer() ?? offer;
      const taken =
        update.ok && fits(update.value, other)
          ? carrier.answer(update.value, answerTo(update.value, other), BOTH_WAYS)
          : null;
      if (taken !== null) forks.updated(tag, taken.peer);
      const heard = forks.heard();
      if (heard !== null && heard.tag !== tag) carrier.takeAnswer(heard.description);
      return taken === null ? null : { sdp: taken.sdp, media: taken.peer.media, isHeard: heard?.tag === tag };
    },
    calleeAnswered(tag, sdp) {
      // Where an UPDATE came in between, the 2xx can only repeat what is older (RFC 3311 §5.1).
      const said = sdp === '' || forks.isUpdated(tag) ? null : read(sdp);
      const description = said ?? forks.descriptionOf(tag);
      return description === null ? null : (carrier?.takeAnswer(description).media ?? null);
    },
    answerToDialer() {
      if (answer !== '' || dialer === null) return answer;
      const callee = carrier?.peer() ?? null;
      answer =
        offer === null
          ? dialer.offer(openOffer(null, callee, rules.dialer.codecs), BOTH_WAYS)
          : dialer.answer(offer, answerTo(offer, callee), BOTH_WAYS).sdp;
      return answer;
    },
    dialerUpdated(sdp) {
      const update = dialer?.readOffer(sdp);
      const other = carrier?.peer() ?? null;
      if (dialer === null || update?.ok !== true || !fits(update.value, other)) return null;
      const taken = dialer.answer(update.value, answerTo(update.value, other), BOTH_WAYS);
      return { sdp: taken.sdp, media: taken.peer.media };
    },
    dialerReplaced(description) {
      const callee = carrier?.peer() ?? null;
      if (dialerRtp === null || carrier === null || callee === null || carrier.fax() !== null) return null;
      if (description !== null && !fits(description, callee)) return null;
      const session = createLegSession(newSessionId(), dialerRtp, rules.dialer);
      const flow = carrier.wish();
      const sdp =
        description === null
          ? session.offer(openOffer(null, callee, rules.dialer.codecs), flow)
          : session.answer(description, answerTo(description, callee), flow).sdp;
      return {
        sdp,
        take() {
          dialer = session;
          dialerOffered = description !== null;
        },
      };
    },
    dialerMedia: () => dialer?.peer()?.media ?? null,
    dialerAnswered(sdp) {
      const said = dialer?.readAnswer(sdp);
      return said?.ok === true && dialer !== null ? dialer.takeAnswer(said.value).media : null;
    },
  };

  function read(sdp: string): PeerDescription | null {
    const description = carrier?.readAnswer(sdp);
    // Port 0 in a first answer refuses the only stream there is (RFC 3264 §6).
    return description?.ok === true && !description.value.removed ? description.value : null;
  }
}

function servedOf(offer: PeerDescription, served: readonly CodecName[]): PeerDescription {
  const codecs = offer.media.codecs.filter(({ name }) => served.includes(name));
  return { ...offer, media: { ...offer.media, codecs } };
}

/** Whether audio could pass between a leg that agreed to this and the other one as it is. */
export function fits(offer: PeerDescription, other: PeerDescription | null): boolean {
  return other === null || passes(namesOf(offer), namesOf(other));
}
