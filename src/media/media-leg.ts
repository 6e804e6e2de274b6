/** One peer of a call as the media plane knows it: what it said, where it is, and our stream towards it. */
import type { RemoteMedia } from '../call/remote-media.ts';
import { isNowhere, RtpSource } from './rtp-source.ts';
import type { RtpStream } from './rtp-stream.ts';

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
    if (this.#source === null) this.#source = new RtpSource(media.rtp, media.nat);
    else if (isOther) this.#source.replace(media.rtp, media.nat === true);
    else this.#source.signal(media.rtp, media.nat === true);
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
    this.packetsSent += 1;
    this.#send(packet, this.#source.port, this.#source.address, done);
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
