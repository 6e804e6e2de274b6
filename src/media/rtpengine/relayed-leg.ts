/** One leg of a call at rtpengine: what was said of it, and the two ports that rtpengine has for it. */
import { isIPv6 } from 'node:net';
import { CODEC_NAMES, CODECS } from '../../audio/codec.ts';
import { AppError } from '../../base/errors.ts';
import type { RemoteMedia, RtpAddress } from '../../call/remote-media.ts';
import type { BencodedDictionary } from './bencode.ts';
import { canSendTo } from './forwardable.ts';
import type { End } from './ng-requests.ts';
import { type NgAddresses, type NgMedia, readNgSdp, writeNgSdp } from './ng-sdp.ts';

/** Before the peer has spoken: every codec there is. The numbers matter to nobody, since Brusio is the one who offers. */
const ANY_FORMATS: Pick<NgMedia, 'codecs' | 'telephoneEventPayloadType' | 'rtcpMux'> = {
  codecs: CODEC_NAMES.map((name) => ({ name, payloadType: CODECS[name].payloadType })),
  telephoneEventPayloadType: null,
  rtcpMux: true,
};

/** One leg. */
export class RelayedLeg {
  readonly peerEnd: End;
  readonly ownEnd: End;
  /** Of both ends: the peer's is that of Brusio's own address here. */
  readonly family: 4 | 6;
  readonly #own: RtpAddress;
  #media: RemoteMedia | null = null;
  /** Where the peer was last reachable: a hold of the old kind names no place. */
  #place: Pick<RemoteMedia, 'rtp' | 'rtcp'> | null = null;
  #outside: RtpAddress | null = null;
  #inside: NgAddresses | null = null;
  /** What rtpengine was last told of the peer, and the formats among it; '' before. */
  #toldSdp = '';
  #toldFormats = '';

  /** @param own where Brusio sends and receives on this leg */
  constructor(peer: 'dialer' | 'callee', own: RtpAddress) {
    this.peerEnd = peer;
    this.ownEnd = `brusio-${peer}`;
    this.#own = own;
    this.family = isIPv6(own.address) ? 6 : 4;
  }

  /** What the peer said last, or null. */
  get media(): RemoteMedia | null {
    return this.#media;
  }

  get nat(): boolean {
    return this.#media?.nat === true;
  }

  /** The peer's new description. False when rtpengine need not be told: no place to send to, or nothing new. */
  describe(media: RemoteMedia): boolean {
    this.#media = media;
    if (!canSendTo(media)) return false;
    this.#place = media;
    return this.#told() !== this.#toldSdp;
  }

  /** The offer that reserves the ports. */
  firstSdp(): string {
    return writeNgSdp({ ...ANY_FORMATS, rtp: this.#own, rtcp: null });
  }

  /** Brusio's own end, with the formats of the peer's: rtpengine is never to see a difference that it would transcode. */
  ownSdp(): string {
    return writeNgSdp({ ...this.#described(), rtp: this.#own, rtcp: null });
  }

  /** The peer's end. */
  peerSdp(): string {
    return writeNgSdp(this.#described());
  }

  /** Whether an answer alone would leave Brusio's end with other formats than the peer's, or uncoupled. */
  needsOffer(isCoupledElsewhere: boolean): boolean {
    return isCoupledElsewhere || (this.#toldSdp !== '' && this.#formats() !== this.#toldFormats);
  }

  /** rtpengine's SDP for the peer: the port must be the one that the peer knows. */
  tookOutside(reply: BencodedDictionary): RtpAddress {
    const { rtp } = this.#read(reply);
    if (this.#outside !== null && !isSame(this.#outside, rtp)) {
      throw new AppError(
        'rtpengine.port-moved',
        `${this.peerEnd}'s port moved from ${this.#outside.port} to ${rtp.port}`,
      );
    }
    this.#outside = rtp;
    return rtp;
  }

  /** rtpengine's SDP for Brusio: the peer's description has arrived. */
  tookInside(reply: BencodedDictionary): void {
    this.#inside = this.#read(reply);
    this.#toldSdp = this.#told();
    this.#toldFormats = this.#formats();
  }

  /** The peer as the embedded plane is to know it: at rtpengine's address, and not listening where it named none. */
  seenFromInside(): RemoteMedia {
    const media = this.#said();
    if (this.#inside === null || media.rtp.port === 0) return media;
    const { rtp, rtcp } = this.#inside;
    const seen = { ...media, rtp, rtcp, nat: false };
    if (canSendTo(media)) return seen;
    const sends = media.direction === 'sendrecv' || media.direction === 'sendonly';
    return { ...seen, direction: sends ? 'sendonly' : 'inactive' };
  }

  #described(): NgMedia {
    const { codecs, telephoneEventPayloadType, rtcpMux = false } = this.#said();
    const { rtp, rtcp = null } = this.#place ?? this.#said();
    return { codecs, telephoneEventPayloadType, rtp, rtcp, rtcpMux };
  }

  #told(): string {
    return `${this.peerSdp()}nat=${this.nat}`;
  }

  /** What an offer of Brusio's and an answer of the peer's must have in common. */
  #formats(): string {
    const { codecs, telephoneEventPayloadType, rtcpMux } = this.#described();
    return JSON.stringify([codecs, telephoneEventPayloadType, rtcpMux]);
  }

  #said(): RemoteMedia {
    if (this.#media === null) throw new AppError('rtpengine.no-description', `the ${this.peerEnd} was never described`);
    return this.#media;
  }

  #read(reply: BencodedDictionary): NgAddresses {
    const addresses = typeof reply.sdp === 'string' ? readNgSdp(reply.sdp) : null;
    if (addresses === null) throw new AppError('rtpengine.no-address', 'the answer names no address');
    return addresses;
  }
}

function isSame(one: RtpAddress, other: RtpAddress): boolean {
  return one.address === other.address && one.port === other.port;
}
