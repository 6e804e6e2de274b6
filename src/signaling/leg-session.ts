/**
 * Offer and answer with one peer (RFC 3264): what it said last, what we said last, and what either wants of the stream. No
 * SIP here. An offer of ours changes nothing until its answer is taken, so that a refusal leaves all as it was (RFC 3261
 * §14.1).
 */
import { ok, type Result, refused } from '../base/result.ts';
import type { NegotiatedCodec, PayloadNumbers, RtpAddress } from '../call/remote-media.ts';
import { type CodecChoice, payloadNumbers } from './codec-choice.ts';
import { BOTH_WAYS, directionOf, type Flow, flowOf, mirrored, narrowed, wishAfterAnswer } from './direction.ts';
import { ALL_SERVED, type PeerDescription, readPeerDescription, type SdpRules } from './peer-description.ts';
import { writeSdp } from './sdp.ts';
import type { SdpProblem } from './sdp-problem.ts';

type Said = { readonly choice: CodecChoice; readonly flow: Flow };

/** The session with one peer. */
export type LegSession = {
  /** The peer's description in force: codecs and direction as agreed; null before the first. */
  peer(): PeerDescription | null;
  /** What the peer wants, seen from it. */
  wish(): Flow;
  /** What the peer knows that we want of it, seen from us. */
  told(): Flow;
  /** Writes an offer; `flow` is what we want, seen from us. */
  offer(choice: CodecChoice, flow: Flow): string;
  /** Reads an answer to our last offer, without effect; several may come, from forks. */
  readAnswer(sdp: string): Result<PeerDescription, SdpProblem>;
  /** The answer is in force. */
  takeAnswer(answer: PeerDescription): PeerDescription;
  /** Offers what is in force once more: a session refresh (RFC 4028 §7.4). '' before the first agreement. */
  offerAgain(): string;
  /** Takes the answer to a refresh: the peer may have moved, and has told nothing else. */
  takeRefresh(answer: PeerDescription): PeerDescription;
  /** Reads an offer of the peer's, without effect. */
  readOffer(sdp: string): Result<PeerDescription, SdpProblem>;
  /** What the peer would want if this offer were taken. */
  wishIn(offer: PeerDescription): Flow;
  /** Takes the offer and writes our answer; `flow` is what we want, of which the offer may allow less. */
  answer(
    offer: PeerDescription,
    choice: CodecChoice,
    flow: Flow,
  ): { readonly sdp: string; readonly peer: PeerDescription };
};

/**
 * A session in which nothing was said yet.
 *
 * @param sessionId of our `o=` lines: digits (RFC 8866 §5.2)
 * @param rtp where we take the peer's audio; never moves
 * @param rules what may be agreed
 */
export function createLegSession(sessionId: string, rtp: RtpAddress, rules: SdpRules = ALL_SERVED): LegSession {
  let peer: PeerDescription | null = null;
  let wish: Flow = BOTH_WAYS;
  let told: Flow = BOTH_WAYS;
  let offered: Said | null = null;
  /** What we said in the exchange that is in force. */
  let inForce: Said | null = null;
  /** The last description we sent, whether it was accepted or not: the next different one has the next version. */
  let version = 0;
  let sent = '';
  /** What the numbers of this session have meant so far, whoever gave them (RFC 3264 §8.3.2). */
  const meanings = new Map<number, string>();

  return {
    peer: () => peer,
    wish: () => wish,
    told: () => told,
    offer(choice, flow) {
      offered = { choice: payloadNumbers(choice, meanings), flow };
      return write(offered.choice, flow, peer);
    },
    readAnswer(sdp) {
      const answer = readPeerDescription(sdp, peer, rules);
      if (!answer.ok || offered === null) return answer;
      const { choice } = offered;
      const { media } = answer.value;
      // Some answer with more than was offered: nothing of it may be sent (RFC 3264 §6.1).
      const codecs = media.codecs.filter(({ name }) => choice.codecs.some((codec) => codec.name === name));
      if (codecs.length === 0)
        return refused({ kind: 'no-common-codec', offered: media.codecs.map(({ name }) => name) });
      const flow = narrowed(flowOf(media.direction), mirrored(offered.flow));
      const { rtcpMux, ...rest } = media;
      return ok({
        ...answer.value,
        media: {
          ...rest,
          // RFC 5761 §5.1.1: an answer that was not asked for it means nothing by it.
          ...(rtcpMux === true && isMultiplexed() ? { rtcpMux } : {}),
          codecs,
          ...eventsInBoth(media, choice),
          ...sendsAs(codecs, media, choice),
          direction: directionOf(flow),
        },
      });
    },
    takeAnswer(answer) {
      learn(answer);
      const asked = offered?.flow ?? BOTH_WAYS;
      wish = wishAfterAnswer(wish, flowOf(answer.media.direction), asked);
      told = asked;
      inForce = offered;
      peer = answer;
      return answer;
    },
    offerAgain() {
      if (inForce === null) return '';
      offered = inForce;
      return write(inForce.choice, inForce.flow, peer);
    },
    takeRefresh(answer) {
      peer = answer;
      return answer;
    },
    readOffer: (sdp) => readPeerDescription(sdp, peer, rules),
    wishIn,
    answer(offer, choice, flow) {
      const asked = flowOf(offer.media.direction);
      const ours = narrowed(flow, mirrored(asked));
      wish = wishIn(offer);
      inForce = { choice, flow: ours };
      told = wishAfterAnswer(told, ours, asked);
      learn(offer);
      const { codecs, telephoneEventPayloadType, telephoneEvent48kPayloadType } = choice;
      const agreed = { codecs, telephoneEventPayloadType, telephoneEvent48kPayloadType };
      peer = { ...offer, media: { ...offer.media, ...agreed, direction: directionOf(mirrored(ours)) } };
      return { sdp: write(choice, ours, offer, offer.removed), peer };
    },
  };

  /** A refresh repeats the direction that is in force, which may be our own doing: it tells nothing new. */
  function wishIn(offer: PeerDescription): Flow {
    return peer?.media.direction === offer.media.direction ? wish : flowOf(offer.media.direction);
  }

  /** RFC 5761 §5.1.1: not offered by us, since RTCP has a port of its own here; what runs over one port stays there. */
  function isMultiplexed(): boolean {
    return peer?.media.rtcpMux === true;
  }

  function learn(said: PeerDescription): void {
    for (const [number, meaning] of said.meanings) if (!meanings.has(number)) meanings.set(number, meaning);
  }

  /** `removed`: the peer has taken the stream away, and its m-line comes back as it came, with port 0 (RFC 3264 §8.2). */
  function write(choice: CodecChoice, flow: Flow, frame: PeerDescription | null, removed = false): string {
    const local = {
      ...choice,
      rtp,
      removed,
      profile: frame?.profile ?? 'RTP/AVP',
      direction: directionOf(flow),
      rtcpMux: frame?.media.rtcpMux === true,
    };
    const again = writeSdp(local, { sessionId, version }, frame);
    if (again === sent) return sent;
    version += 1;
    sent = writeSdp(local, { sessionId, version }, frame);
    return sent;
  }
}

/** Events pass where both descriptions have them (RFC 3264 §6.1). */
function eventsInBoth(
  answer: PayloadNumbers,
  offer: CodecChoice,
): Pick<PayloadNumbers, 'telephoneEventPayloadType' | 'telephoneEvent48kPayloadType'> {
  return {
    telephoneEventPayloadType: offer.telephoneEventPayloadType === null ? null : answer.telephoneEventPayloadType,
    telephoneEvent48kPayloadType:
      offer.telephoneEvent48kPayloadType === null ? null : (answer.telephoneEvent48kPayloadType ?? null),
  };
}

/** The numbers of our offer, where the answer has others for the same (RFC 3264 §6.1 only advises against it). */
function sendsAs(
  codecs: readonly NegotiatedCodec[],
  answer: PayloadNumbers,
  offer: CodecChoice,
): { readonly sendsAs?: PayloadNumbers } {
  const ours = offer.codecs.filter(({ name }) => codecs.some((codec) => codec.name === name));
  const { telephoneEventPayloadType, telephoneEvent48kPayloadType } = offer;
  const isSame =
    ours.every((one) => codecs.some(({ name, payloadType }) => name === one.name && payloadType === one.payloadType)) &&
    isEither(answer.telephoneEventPayloadType, null, telephoneEventPayloadType) &&
    isEither(answer.telephoneEvent48kPayloadType ?? null, null, telephoneEvent48kPayloadType);
  return isSame ? {} : { sendsAs: { codecs: ours, telephoneEventPayloadType, telephoneEvent48kPayloadType } };
}

function isEither(value: number | null, one: number | null, other: number | null): boolean {
  return value === one || value === other;
}
