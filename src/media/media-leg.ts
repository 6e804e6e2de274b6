/**
 * One peer of a call as the media plane knows it: what it said, where it is, our stream towards it, and RTCP about both
 * streams. RTP and RTCP of the peer pass here first and ours pass here last, so that SRTP is known to nothing else.
 */
import { CODECS, isLaw, type LawName } from '../audio/codec.ts';
import { addMs, type MonotonicMs } from '../base/clock.ts';
import type { RemoteMedia, RtpAddress } from '../call/remote-media.ts';
import type { StreamReport } from '../guard/media-port.ts';
import type { Reception } from './rtcp/reception.ts';
import { reportIntervalMs } from './rtcp/rtcp-interval.ts';
import type { RtcpSession } from './rtcp/rtcp-session.ts';
import { payloadTypeOf, sequenceOf, ssrcOf, timestampOf } from './rtp-packet.ts';
import { isNowhere, RtpSource } from './rtp-source.ts';
import type { RtpStream } from './rtp-stream.ts';
import { LegProtection } from './srtp/leg-protection.ts';
import type { SrtpDrops } from './srtp/srtp-receiver.ts';

/** Hands a datagram to the kernel; never throws. `done` is told the error, or null, on a later turn. */
export type SendRtp = (packet: Buffer, port: number, address: string, done?: (error: Error | null) => void) => void;

/** What a leg needs for RTCP. */
export type LegRtcp = {
  readonly session: RtcpSession;
  /** From the RTCP port. */
  readonly send: SendRtp;
  /** In [0, 1). */
  readonly uniform: () => number;
  /** The first packet came or went: `rtcpDueAt` is set. */
  readonly onStarted: () => void;
};

/** The media state of one leg. */
export class MediaLeg {
  readonly stream: RtpStream;
  packetsReceived = 0;
  packetsSent = 0;
  /** Of RTP of the peer's; null before it. */
  firstReceivedAt: MonotonicMs | null = null;
  lastReceivedAt: MonotonicMs | null = null;
  /** When the next report is due; null before the first packet and after the BYE. */
  rtcpDueAt: MonotonicMs | null = null;
  readonly #send: SendRtp;
  readonly #rtcp: LegRtcp | null;
  #rtcpState: 'waiting' | 'reporting' | 'ended' = 'waiting';
  #media: RemoteMedia | null = null;
  #source: RtpSource | null = null;
  #rtcpSource: RtpSource | null = null;
  #listens = false;
  /** Null: not protected. */
  #protection: LegProtection | null = null;
  /** By payload type as received: the clock of its timestamps; 0: unknown, or an event, whose timestamp stands. */
  readonly #clocks = new Uint16Array(128);

  constructor(stream: RtpStream, send: SendRtp, rtcp: LegRtcp | null = null) {
    this.stream = stream;
    this.#send = send;
    this.#rtcp = rtcp;
  }

  /** What the peer's SDP said last, or null. */
  get media(): RemoteMedia | null {
    return this.#media;
  }

  /** Whether anything may be sent to the peer. */
  get listens(): boolean {
    return this.#listens;
  }

  /** Whether packets of the peer are to be expected. */
  get speaks(): boolean {
    const media = this.#media;
    return (
      media !== null &&
      // A fax has pauses of its own.
      media.udptl !== true &&
      !isNowhere(media.rtp) &&
      (media.direction === 'sendrecv' || media.direction === 'sendonly')
    );
  }

  /** The law that the peer sends under a payload type; null for anything else. */
  lawOf(payloadType: number): LawName | null {
    const numbers = this.#media?.sendsAs ?? this.#media;
    const name = numbers?.codecs.find((codec) => codec.payloadType === payloadType)?.name;
    return name !== undefined && isLaw(name) ? name : null;
  }

  /** The peer's new offer or answer. `isOther`: it may be another peer, a fork, than the one that was heard so far. */
  describe(media: RemoteMedia, isOther = false): void {
    this.#media = media;
    this.#listens = listens(media);
    if (!this.#listens) this.stream.hold();
    if (media.srtp === undefined) this.#protection = null;
    else if (this.#protection === null) this.#protection = new LegProtection(media.srtp);
    else this.#protection.agree(media.srtp);
    this.#source = located(this.#source, media.rtp, media.nat === true, isOther);
    this.#rtcpSource = located(this.#rtcpSource, rtcpAddressOf(media), false, isOther);
    this.#clocks.fill(0);
    for (const { codecs } of media.sendsAs === undefined ? [media] : [media, media.sendsAs]) {
      for (const { name, payloadType } of codecs) this.#clocks[payloadType] = CODECS[name].clockRateHz;
    }
  }

  /**
   * A datagram as plain RTP, before anything is believed of it; null when it is not the peer's by its protection, which
   * `srtpDrops` counts. From a source that could not be the peer's it comes back as it is, for `accept` to refuse.
   */
  opened(datagram: Buffer, address: string, port: number): Buffer | null {
    if (this.#protection === null || this.#source?.admits(address, port) !== true) return datagram;
    return this.#protection.unprotectRtp(datagram);
  }

  /** Whether its packets are SRTP. */
  get isProtected(): boolean {
    return this.#protection !== null;
  }

  /** What was received of the peer's stream; null: it is not counted. */
  get reception(): Reception | null {
    return this.#rtcp?.session.reception ?? null;
  }

  /** The clock of the timestamps of a payload type as received, Hz; 0: unknown, or that of an event. */
  clockOf(payloadType: number): number {
    return this.#clocks[payloadType] as number;
  }

  /** Whether this is where the peer is. */
  isAt(address: string, port: number): boolean {
    return this.#source !== null && port === this.#source.port && address === this.#source.address;
  }

  /** So many packets of the peer's came without being told, each `ticks` after the one before, the last at `at`. */
  receivedUntold(packets: number, ticks: number, at: MonotonicMs, jitter: number): void {
    this.packetsReceived += packets;
    this.lastReceivedAt = at;
    this.reception?.takeUntold(packets, ticks, at, jitter);
  }

  /** So many packets left towards the peer that were not sent here. */
  sentUntold(packets: number, ticks: number, payloadOctets: number, at: MonotonicMs): void {
    this.packetsSent += packets;
    this.stream.relayedUntold(packets, ticks, payloadOctets, at);
  }

  /** What was dropped for its protection; null on a leg without. */
  get srtpDrops(): Readonly<SrtpDrops> | null {
    return this.#protection?.drops ?? null;
  }

  /** Whether the peer's stream is fax (T.38), of which nothing is looked into. */
  get isFax(): boolean {
    return this.#media?.udptl === true;
  }

  /** Whether a datagram of UDPTL from this address, which arrived at `at`, is the peer's. */
  acceptFax(address: string, port: number, at: MonotonicMs): boolean {
    if (this.#source?.accept(address, port) !== true) return false;
    this.packetsReceived += 1;
    this.firstReceivedAt ??= at;
    this.lastReceivedAt = at;
    return true;
  }

  /** Passes a datagram of UDPTL on as it is. */
  sendFax(datagram: Buffer): void {
    if (this.#source === null) return;
    this.packetsSent += 1;
    this.#send(datagram, this.#source.port, this.#source.address);
  }

  /** Whether a valid RTP packet from this address, which arrived at `at`, is the peer's. */
  accept(packet: Buffer, address: string, port: number, at: MonotonicMs): boolean {
    if (this.#source === null || !this.#source.accept(address, port)) return false;
    this.packetsReceived += 1;
    this.firstReceivedAt ??= at;
    this.lastReceivedAt = at;
    if (this.#rtcp !== null) {
      const clockRateHz = this.#clocks[payloadTypeOf(packet)] as number;
      const { reception } = this.#rtcp.session;
      reception.take(ssrcOf(packet), sequenceOf(packet), timestampOf(packet), clockRateHz, at);
      if (this.#rtcpState === 'waiting') this.#startRtcp(at);
    }
    return true;
  }

  /** Sends a packet that was stamped at `at` to where the peer is; only when it `listens`. */
  send(packet: Buffer, at: MonotonicMs, done?: (error: Error | null) => void): void {
    if (this.#source === null) return;
    const datagram = this.#protection === null ? packet : this.#protection.protectRtp(packet);
    // Only what was sent already, or is larger than any packet of ours.
    if (datagram === null) return;
    this.packetsSent += 1;
    this.#send(datagram, this.#source.port, this.#source.address, done);
    // The first sender report goes with the first packet, also to a peer that was only listened to so far.
    if (this.#rtcpState === 'waiting' || this.packetsSent === 1) this.#startRtcp(at);
  }

  /** What the peer says of our stream by RTCP; null before it does. */
  get peerReport(): StreamReport | null {
    return this.#rtcp?.session.peerReport ?? null;
  }

  /** Whether a datagram of RTCP from this address may be the peer's: from where its RTP comes, or where it said. */
  acceptRtcp(address: string, port: number): boolean {
    if (this.#source === null || this.#rtcpSource === null) return false;
    if (this.#media?.rtcpMux === true) return address === this.#source.address && port === this.#source.port;
    // A peer behind a NAT names an address that nobody can reach: its RTP says where it is.
    if (this.#rtcpSource.accept(address, port)) return true;
    return address === this.#source.address && address !== this.#rtcpSource.address;
  }

  /** Takes a datagram that was accepted; false when it is not RTCP. */
  takeRtcp(datagram: Buffer, at: MonotonicMs): boolean {
    const plain = this.#protection === null ? datagram : this.#protection.unprotectRtcp(datagram);
    // What its protection does not let through is counted there.
    return plain === null || this.#rtcp?.session.take(plain, at) === true;
  }

  /** Sends the report that is due, and says when the next one is. */
  report(now: MonotonicMs): void {
    if (this.#rtcp === null || this.rtcpDueAt === null || this.rtcpDueAt > now) return;
    this.rtcpDueAt = addMs(now, reportIntervalMs(this.#rtcp.uniform()));
    this.#sendRtcp(this.#rtcp.session.report(now, false));
  }

  /** The last report, with a BYE (RFC 3550 §6.6), where there was any. */
  endRtcp(now: MonotonicMs): void {
    if (this.#rtcpState !== 'reporting') return;
    this.#rtcpState = 'ended';
    this.rtcpDueAt = null;
    if (this.#rtcp !== null) this.#sendRtcp(this.#rtcp.session.report(now, true));
  }

  /** The peer is a member again: reports begin with the next packet. */
  resumeRtcp(): void {
    if (this.#rtcpState === 'ended') this.#rtcpState = 'waiting';
  }

  /** RFC 3550 §6.2: the first report of a unicast session may leave at once. */
  #startRtcp(at: MonotonicMs): void {
    if (this.#rtcp === null || this.#rtcpState === 'ended') return;
    this.#rtcpState = 'reporting';
    this.rtcpDueAt = at;
    this.#rtcp.onStarted();
  }

  /** A held peer gets RTCP too (RFC 3264 §5.1), unless it names no address; a fax has none. */
  #sendRtcp(plain: Buffer): void {
    if (this.#rtcp === null || this.#source === null || this.#rtcpSource === null) return;
    if (this.#media === null || isNowhere(this.#media.rtp) || this.isFax) return;
    const packet = this.#protection === null ? plain : this.#protection.protectRtcp(plain);
    if (packet === null) return;
    if (this.#media.rtcpMux === true) {
      this.#send(packet, this.#source.port, this.#source.address, ignoreError);
      return;
    }
    const { address, port } = rtcpAddressOf(this.#media);
    const isMoved = this.#source.address !== this.#media.rtp.address && this.#rtcpSource.address === address;
    // Where the RTP comes from another address than was named, the port above it is the best that is known.
    const to = isMoved ? { address: this.#source.address, port: this.#source.port + 1 } : this.#rtcpSource;
    if (to.port > 0 && to.port <= 65_535 && port !== 0) this.#rtcp.send(packet, to.port, to.address, ignoreError);
  }
}

/** A report that is lost is followed by another. */
function ignoreError(): void {}

function located(source: RtpSource | null, signalled: RtpAddress, nat: boolean, isOther: boolean): RtpSource {
  if (source === null) return new RtpSource(signalled, nat);
  if (isOther) source.replace(signalled, nat);
  else source.signal(signalled, nat);
  return source;
}

/** RFC 3550 §11: the port above RTP's, unless `a=rtcp` says another. */
function rtcpAddressOf(media: RemoteMedia): RtpAddress {
  return media.rtcp ?? { address: media.rtp.address, port: media.rtp.port === 0 ? 0 : media.rtp.port + 1 };
}

/**
 * Whether a peer wants packets: not when it only sends or is inactive, refused the stream with port 0 (RFC 3264 §6) or
 * put us on hold the old way with the address 0.0.0.0 (RFC 3264 §8.4).
 */
function listens(media: RemoteMedia): boolean {
  if (isNowhere(media.rtp) || media.udptl === true) return false;
  return media.direction === 'sendrecv' || media.direction === 'recvonly';
}
