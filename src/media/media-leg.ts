/** One peer of a call as the media plane knows it: what it said, where it is, and our stream towards it. */
import type { RemoteMedia } from '../call/remote-media.ts';
import { isNowhere, RtpSource } from './rtp-source.ts';
import type { RtpStream } from './rtp-stream.ts';
import { LegProtection } from './srtp/leg-protection.ts';
import type { SrtpDrops } from './srtp/srtp-receiver.ts';

/** Hands a datagram to the kernel; never throws. `done` is told the error, or null, on a later turn. */
export type SendRtp = (packet: Buffer, port: number, address: string, done?: (error: Error | null) => void) => void;

/** The media state of one leg. */
export class MediaLeg {
  readonly stream: RtpStream;
  packetsReceived = 0;
  packetsSent = 0;
  #send: SendRtp;
  #media: RemoteMedia | null = null;
  #source: RtpSource | null = null;
  #listens = false;
  /** Null: not protected. */
  #protection: LegProtection | null = null;

  constructor(stream: RtpStream, send: SendRtp) {
    this.stream = stream;
    this.#send = send;
  }

  /** What the peer's SDP said last, or null. */
  get media(): RemoteMedia | null {
    return this.#media;
  }

  /** Whether anything may be sent to the peer. */
  get listens(): boolean {
    return this.#listens;
  }

  /** The peer's new offer or answer. `isOther`: it may be another peer, a fork, than the one that was heard so far. */
  describe(media: RemoteMedia, isOther = false): void {
    this.#media = media;
    this.#listens = listens(media);
    if (!this.#listens) this.stream.hold();
    if (media.srtp === undefined) this.#protection = null;
    else if (this.#protection === null) this.#protection = new LegProtection(media.srtp);
    else this.#protection.agree(media.srtp);
    if (this.#source === null) this.#source = new RtpSource(media.rtp, media.nat);
    else if (isOther) this.#source.replace(media.rtp, media.nat === true);
    else this.#source.signal(media.rtp, media.nat === true);
  }

  /**
   * A datagram as plain RTP, before anything is believed of it; null when it is not the peer's by its protection, which
   * `srtpDrops` counts. From a source that could not be the peer's it comes back as it is, for `accept` to refuse.
   */
  opened(datagram: Buffer, address: string, port: number): Buffer | null {
    if (this.#protection === null || this.#source?.admits(address, port) !== true) return datagram;
    return this.#protection.unprotectRtp(datagram);
  }

  /** What was dropped for its protection; null on a leg without. */
  get srtpDrops(): Readonly<SrtpDrops> | null {
    return this.#protection?.drops ?? null;
  }

  /** Whether a valid RTP packet from this address is the peer's. */
  accept(address: string, port: number): boolean {
    if (this.#source === null || !this.#source.accept(address, port)) return false;
    this.packetsReceived += 1;
    return true;
  }

  /** Sends a stamped packet to where the peer is; only when it `listens`. */
  send(packet: Buffer, done?: (error: Error | null) => void): void {
    if (this.#source === null) return;
    const datagram = this.#protection === null ? packet : this.#protection.protectRtp(packet);
    // Only what was sent already, or is larger than any packet of ours.
    if (datagram === null) return;
    this.packetsSent += 1;
    this.#send(datagram, this.#source.port, this.#source.address, done);
  }
}

/**
 * Whether a peer wants packets: not when it only sends or is inactive, refused the stream with port 0 (RFC 3264 §6) or
 * put us on hold the old way with the address 0.0.0.0 (RFC 3264 §8.4).
 */
function listens(media: RemoteMedia): boolean {
  if (isNowhere(media.rtp)) return false;
  return media.direction === 'sendrecv' || media.direction === 'recvonly';
}
