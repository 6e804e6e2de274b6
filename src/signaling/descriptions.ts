/**
 * Brusio's side of a call's two offer/answer exchanges (RFC 3264): what each peer said of its audio, and what we said
 * to each. No SIP here: descriptions go in and out as texts.
 */
import type { RemoteMedia } from '../call/remote-media.ts';
import type { CallMediaAddresses, DialerOffer } from '../guard/ports.ts';
import { carrierOffer, dialerAnswer, type LocalMedia, readRemoteMedia, writeAnswer, writeSdp } from './sdp.ts';

/** A new offer in a running call, taken: our answer, and what the peer said. */
export type TakenOffer = { readonly answer: string; readonly media: RemoteMedia };

/** The descriptions of one call. */
export type Descriptions = {
  /** Our offer to the carrier, with our own addresses. */
  offerToCarrier(addresses: CallMediaAddresses): string;
  /** Reads the carrier's answer (18x or 2xx); null when it has none that can be used. */
  readCallee(sdp: string): RemoteMedia | null;
  /** The 2xx's description is the callee's from here on. */
  calleeAnswered(callee: RemoteMedia | null): void;
  /** Our answer to the dialer for a callee's description: our own offer when the dialer made none. */
  answerToDialer(callee: RemoteMedia): string;
  /** Whether the dialer's INVITE carried an offer. */
  readonly dialerOffered: boolean;
  /** The ACK of a late offer: the dialer's media, or null when its answer cannot be used. */
  dialerAcknowledged(sdp: string): RemoteMedia | null;
  /** The peer's new offer when nothing but its address changed, else null: anything else concerns the other side too. */
  dialerReoffers(sdp: string): TakenOffer | null;
  carrierReoffers(sdp: string): TakenOffer | null;
  /** What we said last to each side. */
  current(): { readonly dialer: string; readonly carrier: string };
};

/** The descriptions of a call whose INVITE was just received. */
export function createDescriptions(offer: DialerOffer, offerSdp: string, newSessionId: () => string): Descriptions {
  const dialerOffer: RemoteMedia | null = offer.kind === 'sdp' ? offer.media : null;
  const toDialer = { sessionId: newSessionId(), version: 1, sdp: '' };
  const toCarrier = { sessionId: newSessionId(), version: 1, sdp: '' };
  let addresses: CallMediaAddresses | null = null;
  /** The latest description of each side: what a new offer is compared with. */
  let dialer = dialerOffer;
  let callee: RemoteMedia | null = null;

  return {
    dialerOffered: dialerOffer !== null,
    offerToCarrier(reserved) {
      addresses = reserved;
      toCarrier.sdp = writeSdp(carrierOffer(dialerOffer, reserved.carrier), toCarrier);
      return toCarrier.sdp;
    },
    readCallee: read,
    calleeAnswered(answered) {
      callee = answered;
    },
    answerToDialer(answering) {
      if (addresses === null) return '';
      const local = dialerAnswer(dialerOffer, answering, addresses.dialer);
      toDialer.sdp = dialerOffer === null ? writeSdp(local, toDialer) : writeAnswer(offerSdp, local, toDialer);
      return toDialer.sdp;
    },
    dialerAcknowledged(sdp) {
      dialer = read(sdp);
      return dialer;
    },
    dialerReoffers(sdp) {
      const media = read(sdp);
      if (media === null || dialer === null || callee === null || addresses === null) return null;
      if (!isOnlyMoved(dialer, media, callee.codecs[0]?.name)) return null;
      dialer = media;
      return { media, answer: answer(toDialer, sdp, dialerAnswer(media, callee, addresses.dialer)) };
    },
    carrierReoffers(sdp) {
      const media = read(sdp);
      if (media === null || callee === null || addresses === null) return null;
      if (!isOnlyMoved(callee, media, callee.codecs[0]?.name)) return null;
      const local = dialerAnswer(media, callee, addresses.carrier);
      // What the dialer never agreed to cannot be relayed to it: only the codecs of the first answer stay.
      callee = { ...media, codecs: local.codecs };
      return { media: callee, answer: answer(toCarrier, sdp, local) };
    },
    current: () => ({ dialer: toDialer.sdp, carrier: toCarrier.sdp }),
  };
}

function read(sdp: string): RemoteMedia | null {
  const media = readRemoteMedia(sdp);
  return media.ok ? media.value : null;
}

/** Each new description of ours has the next version (RFC 3264 §8). */
function answer(ours: { sessionId: string; version: number; sdp: string }, offer: string, local: LocalMedia): string {
  ours.version++;
  ours.sdp = writeAnswer(offer, local, ours);
  return ours.sdp;
}

/** Whether an offer changes nothing but where the peer listens: the codec in use and the direction stay. */
function isOnlyMoved(before: RemoteMedia, after: RemoteMedia, codecInUse: string | undefined): boolean {
  const number = before.codecs.find((codec) => codec.name === codecInUse)?.payloadType;
  return (
    before.direction === after.direction &&
    after.codecs.some((codec) => codec.name === codecInUse && codec.payloadType === number)
  );
}
