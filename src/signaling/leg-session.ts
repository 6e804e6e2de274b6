/**
 * Offer and answer with one peer (RFC 3264): what it said last, what we said last, and what either wants of the stream. No
 * SIP here. An offer of ours changes nothing until its answer is taken, so that a refusal leaves all as it was (RFC 3261
 * §14.1).
 */
import { ok, type Result, refused } from '../base/result.ts';
import type { RtpAddress } from '../call/remote-media.ts';
import type { CodecChoice } from './codec-choice.ts';
import { BOTH_WAYS, directionOf, type Flow, flowOf, mirrored, narrowed, wishAfterAnswer } from './direction.ts';
import { type PeerDescription, readPeerDescription, type SdpProblem } from './peer-description.ts';
import { type Frame, writeSdp } from './sdp.ts';

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
 */
export function createLegSession(sessionId: string, rtp: RtpAddress): LegSession {
  let peer: PeerDescription | null = null;
  let wish: Flow = BOTH_WAYS;
  let told: Flow = BOTH_WAYS;
  let offered: Said | null = null;
  /** What we said in the exchange that is in force. */
  let inForce: Said | null = null;
  /** The last description we sent, whether it was accepted or not: the next different one has the next version. */
  let version = 0;
  let sent = '';

  return {
    peer: () => peer,
    wish: () => wish,
    told: () => told,
    offer(choice, flow) {
      offered = { choice, flow };
      return write(choice, flow, peer, rtp.port);
    },
    readAnswer(sdp) {
      const answer = readPeerDescription(sdp, peer);
      if (!answer.ok || offered === null) return answer;
      const { codecs } = offered.choice;
      const { media } = answer.value;
      // Some answer with more than was offered: nothing of it may be sent (RFC 3264 §6.1).
      const common = media.codecs.filter(({ name }) => codecs.some((codec) => codec.name === name));
      if (common.length === 0)
        return refused({ kind: 'no-common-codec', offered: media.codecs.map(({ name }) => name) });
      const flow = narrowed(flowOf(media.direction), mirrored(offered.flow));
      return ok({ ...answer.value, media: { ...media, codecs: common, direction: directionOf(flow) } });
    },
    takeAnswer(answer) {
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
      return write(inForce.choice, inForce.flow, peer, rtp.port);
    },
    takeRefresh(answer) {
      peer = answer;
      return answer;
    },
    readOffer: (sdp) => readPeerDescription(sdp, peer),
    wishIn,
    answer(offer, choice, flow) {
      const asked = flowOf(offer.media.direction);
      const ours = narrowed(flow, mirrored(asked));
      wish = wishIn(offer);
      inForce = { choice, flow: ours };
      told = wishAfterAnswer(told, ours, asked);
      const { codecs, telephoneEventPayloadType } = choice;
      peer = {
        ...offer,
        media: { ...offer.media, codecs, telephoneEventPayloadType, direction: directionOf(mirrored(ours)) },
      };
      return { sdp: write(choice, ours, offer, offer.removed ? 0 : rtp.port), peer };
    },
  };

  /** A refresh repeats the direction that is in force, which may be our own doing: it tells nothing new. */
  function wishIn(offer: PeerDescription): Flow {
    return peer?.media.direction === offer.media.direction ? wish : flowOf(offer.media.direction);
  }

  function write(choice: CodecChoice, flow: Flow, frame: Frame | null, port: number): string {
    const local = { ...choice, rtp: { address: rtp.address, port }, direction: directionOf(flow) };
    const again = writeSdp(local, { sessionId, version }, frame);
    if (again === sent) return sent;
    version += 1;
    sent = writeSdp(local, { sessionId, version }, frame);
    return sent;
  }
}
