/**
 * Offer and answer with one peer (RFC 3264): what it said last, what we said last, and what either wants of the stream. No
 * SIP here. An offer of ours changes nothing until its answer is taken, so that a refusal leaves all as it was (RFC 3261
 * §14.1).
 */
import { ok, type Result, refused } from '../base/result.ts';
import type { NegotiatedCodec, PayloadNumbers, RemoteMedia, RtpAddress } from '../call/remote-media.ts';
import { type CodecChoice, payloadNumbers } from './codec-choice.ts';
import { BOTH_WAYS, directionOf, type Flow, flowOf, mirrored, narrowed, wishAfterAnswer } from './direction.ts';
import {
  ALL_SERVED,
  isSecure,
  type PeerDescription,
  readPeerDescription,
  type SdpRules,
  type Stream,
} from './peer-description.ts';
import { agreedKeys, type CryptoAttribute, chosenCrypto, createOwnKeys, type SrtpMode } from './sdes.ts';
import { type DescriptionId, writeSdp } from './sdp.ts';
import type { SdpProblem } from './sdp-problem.ts';
import { type FaxDescription, readFax, type T38Parameters, writeFax } from './t38.ts';

type Said = {
  readonly choice: CodecChoice;
  readonly flow: Flow;
  /** Our keys; empty in clear. */
  readonly crypto: readonly CryptoAttribute[];
};

/** The session with one peer. */
export type LegSession = {
  /** The peer's fax stream where that is in force in place of its audio (T.38); else null. */
  fax(): FaxDescription | null;
  /** Reads a fax stream that the peer offers or answers with, without effect; null when there is none, or none is served. */
  readFax(sdp: string): FaxDescription | null;
  /** Writes an offer of fax in place of the audio (RFC 3264 §8.3.3), with what the other terminal can do. */
  offerFax(parameters: T38Parameters): string;
  /** The answer with a fax stream is in force. */
  takeFax(answer: FaxDescription): RemoteMedia;
  /** Takes an offer of fax and writes our answer. */
  answerFax(offer: FaxDescription, parameters: T38Parameters): { readonly sdp: string; readonly media: RemoteMedia };
  /** The peer's description in force: codecs and direction as agreed; null before the first. */
  peer(): PeerDescription | null;
  /** What the peer wants, seen from it. */
  wish(): Flow;
  /** What the peer knows that we want of it, seen from us. */
  told(): Flow;
  /**
   * Writes an offer; `flow` is what we want, seen from us.
   *
   * @param srtp of the peer that is asked, where it may be another than before; until the first agreement several may be
   */
  offer(choice: CodecChoice, flow: Flow, srtp?: SrtpMode): string;
  /** Reads an answer to our last offer, without effect; several may come, from forks and from peers asked before. */
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
  /** Offers of ours that may be answered: the last one, and before any agreement those to other peers. */
  let offers: readonly Said[] = [];
  /** What we said in the exchange that is in force. */
  let inForce: Said | null = null;
  /** The last description we sent, whether it was accepted or not: the next different one has the next version. */
  let version = 0;
  /** What was demanded of the peer stays demanded. */
  let mode = rules.srtp;
  let sent = '';
  /** What the numbers of this session have meant so far, whoever gave them (RFC 3264 §8.3.2). */
  const meanings = new Map<number, string>();
  const ownKeys = createOwnKeys();
  let fax: FaxDescription | null = null;
  /** What we have said of it. */
  let faxSaid: T38Parameters = new Map();

  return {
    fax: () => fax,
    // T.38 has no protection of its own here: a stream that must be protected becomes none that is not.
    readFax: (sdp) => (peer === null || isSecure(peer.profile) ? null : readFax(sdp, rules.family)),
    offerFax(parameters) {
      faxSaid = parameters;
      return writeOurFax(peer?.streams ?? [], peer?.audio ?? 0);
    },
    takeFax: faxInForce,
    answerFax(offer, parameters) {
      faxSaid = parameters;
      return { sdp: writeOurFax(offer.streams, offer.image), media: faxInForce(offer) };
    },
    peer: () => peer,
    wish: () => wish,
    told: () => told,
    offer(choice, flow, srtp = rules.srtp) {
      const isProtected = peer === null ? srtp === 'require' : isSecure(peer.profile);
      const crypto = isProtected ? ownKeys.offer(peer?.media.srtp) : [];
      const offer = { choice: payloadNumbers(choice, meanings), flow, crypto };
      offers = inForce === null ? [...offers, offer] : [offer];
      return write(offer, peer);
    },
    readAnswer(sdp) {
      const answer = readPeerDescription(sdp, peer, { ...rules, srtp: answerMode() });
      if (!answer.ok || offers.length === 0) return answer;
      const offered = offerFor(answer.value);
      if (offered === undefined) return refused(NOT_OFFERED);
      const keys = agreedKeys(offered.crypto, answer.value.crypto);
      if (keys === null && offered.crypto.length > 0 && !answer.value.removed) return refused(NOT_OFFERED);
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
          ...(keys === null ? {} : { srtp: { send: keys.ofOffer, receive: keys.ofAnswer } }),
          direction: directionOf(flow),
        },
      });
    },
    takeAnswer(answer) {
      learn(answer);
      const offered = offerFor(answer) ?? null;
      const asked = offered?.flow ?? BOTH_WAYS;
      wish = wishAfterAnswer(wish, flowOf(answer.media.direction), asked);
      told = asked;
      if (inForce === null && answerMode() === 'require') mode = 'require';
      inForce = offered;
      fax = null;
      peer = answer;
      return answer;
    },
    offerAgain() {
      if (fax !== null) return writeOurFax(fax.streams, fax.image);
      if (inForce === null) return '';
      offers = [inForce];
      return write(inForce, peer);
    },
    takeRefresh(answer) {
      peer = answer;
      return answer;
    },
    readOffer: (sdp) => readPeerDescription(sdp, peer, { ...rules, srtp: mode }),
    wishIn,
    answer(offer, choice, flow) {
      const asked = flowOf(offer.media.direction);
      const ours = narrowed(flow, mirrored(asked));
      wish = wishIn(offer);
      fax = null;
      const theirs = chosenCrypto(offer.crypto);
      const own = theirs === null ? null : { tag: theirs.tag, key: ownKeys.of(theirs.key.suite) };
      const before = isSecure(offer.profile) ? (inForce?.crypto ?? []) : [];
      inForce = { choice, flow: ours, crypto: own === null ? before : [own] };
      const srtp = theirs === null || own === null ? peer?.media.srtp : { send: own.key, receive: theirs.key };
      told = wishAfterAnswer(told, ours, asked);
      learn(offer);
      const { codecs, telephoneEventPayloadType, telephoneEvent48kPayloadType } = choice;
      const agreed = { codecs, telephoneEventPayloadType, telephoneEvent48kPayloadType };
      peer = {
        ...offer,
        media: {
          ...offer.media,
          ...agreed,
          // A stream that is only taken away for a while (port 0) has its keys when it comes back.
          ...(srtp !== undefined && isSecure(offer.profile) ? { srtp } : {}),
          direction: directionOf(mirrored(ours)),
        },
      };
      return { sdp: write(inForce, offer, offer.removed), peer };
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

  /** The offer that an answer answers: the last one that is protected as it is. */
  function offerFor({ profile }: PeerDescription): Said | undefined {
    return offers.findLast(({ crypto }) => isSecure(profile) === crypto.length > 0);
  }

  /** Who was asked for a protected stream may not answer in clear. */
  function answerMode(): SrtpMode {
    return offers.length > 0 && offers.every(({ crypto }) => crypto.length > 0) ? 'require' : 'accept';
  }

  /** The audio's m-line is kept in mind: it comes back in its place. */
  function faxInForce(said: FaxDescription): RemoteMedia {
    const before = peer as PeerDescription;
    fax = said;
    const audio = said.streams.findIndex(({ type }) => type === 'audio');
    peer = { ...before, streams: said.streams, audio: audio === -1 ? said.image : audio };
    const { rtcp: _rtcp, rtcpMux: _rtcpMux, ...media } = before.media;
    return { ...media, rtp: said.udptl, direction: 'sendrecv', udptl: true };
  }

  function writeOurFax(streams: readonly Stream[], image: number): string {
    return versioned((id) => writeFax(rtp, faxSaid, id, { streams, image }));
  }

  function learn(said: PeerDescription): void {
    for (const [number, meaning] of said.meanings) if (!meanings.has(number)) meanings.set(number, meaning);
  }

  /** `removed`: the peer has taken the stream away, and its m-line comes back as it came, with port 0 (RFC 3264 §8.2). */
  function write({ choice, flow, crypto }: Said, frame: PeerDescription | null, removed = false): string {
    const local = {
      ...choice,
      rtp,
      removed,
      crypto,
      profile: frame?.profile ?? (crypto.length > 0 ? ('RTP/SAVP' as const) : ('RTP/AVP' as const)),
      direction: directionOf(flow),
      rtcpMux: frame?.media.rtcpMux === true,
    };
    return versioned((id) => writeSdp(local, id, frame));
  }

  function versioned(written: (id: DescriptionId) => string): string {
    if (sent !== '' && written({ sessionId, version }) === sent) return sent;
    version += 1;
    sent = written({ sessionId, version });
    return sent;
  }
}

/** An answer in clear to an offer that is not, the other way round, or with a key to nothing of ours (RFC 4568 §5.1.3). */
const NOT_OFFERED: SdpProblem = { kind: 'unsupported', warning: 302, problem: 'Not what was offered' };

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
