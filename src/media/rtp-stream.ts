/**
 * One outgoing RTP stream: one SSRC, and sequence numbers and timestamps without a seam, whatever is sent over it: our
 * own frames, the packets of a peer, another peer after that (RFC 3550 §5.1, §7.1: we are a source of our own).
 *
 * Two positions are counted without wrapping and cut to 16 and 32 bits on the wire: packets and samples since the start.
 * Where the source changes (a splice) the next packet takes the next sequence number, the timestamp that real time says
 * (never less than the end of what was sent), and the marker, so that a jitter buffer adapts there. Within a source its
 * own steps are kept: a lost packet stays a gap, the packets of a telephone-event share their timestamp (RFC 4733 §2.2).
 */
import { elapsedMs, type MonotonicMs } from '../base/clock.ts';
import { patchHeader, patchMarker, sequenceOf, ssrcOf, timestampOf } from './rtp-packet.ts';

/** Where a stream begins; all three are random, so that a stream cannot be guessed (RFC 3550 §5.1, §8). */
export type RtpStreamStart = { readonly ssrc: number; readonly sequence: number; readonly timestamp: number };

/** A sequence step forward of this or more is a new source, not a loss: MAX_DROPOUT of RFC 3550 §A.1. */
export const SEQUENCE_DROPOUT_MAX = 3000;

/** A sequence step back of this or more is a new source, not a late packet: MAX_MISORDER of RFC 3550 §A.1. */
export const SEQUENCE_MISORDER_MAX = 100;

/**
 * A timestamp further than this from what the arrival says is a restart of the source's clock (Asterisk changes both
 * clock and SSRC or only the clock when it bridges). Wide, so that a burst after a stalled network is not mistaken.
 */
export const TIMESTAMP_JUMP_MS_MAX = 10_000;

/** The state of one outgoing stream. Packets are patched in place. */
export class RtpStream {
  readonly ssrc: number;
  readonly #clockRateKhz: number;
  readonly #sequenceStart: number;
  readonly #timestampStart: number;
  #startedAt: MonotonicMs | null = null;

  /** The newest packet sent: its number and first sample since the start, and how many samples it holds. */
  #packet = -1;
  #sample = 0;
  #samples = 0;

  /** Whose packets are going out at the moment. */
  #source: 'none' | 'own' | 'relayed' = 'none';
  #sourceSsrc = 0;
  /** The source's newest sequence number, the one that `#packet` stands for. */
  #sourceSequence = 0;
  /** The source's newest timestamp, the one that `#sample` stands for, and when it was first seen. */
  #sourceTimestamp = 0;
  #sourceSeenAt = 0 as MonotonicMs;
  /** Where the source's part of the stream begins: nothing older may be sent. */
  #splicePacket = 0;
  #spliceSample = 0;

  constructor(start: RtpStreamStart, clockRateHz: number) {
    this.ssrc = start.ssrc;
    this.#clockRateKhz = clockRateHz / 1000;
    this.#sequenceStart = start.sequence;
    this.#timestampStart = start.timestamp;
  }

  /**
   * Makes `packet` the next frame of our own, of `samples` samples, due at `at`. `skipped` frames before it were left
   * out: the timestamp passes over them and the marker tells.
   */
  stampOwn(packet: Buffer, samples: number, at: MonotonicMs, skipped: number): void {
    if (this.#source !== 'own') {
      this.#splice(at);
      this.#source = 'own';
      patchMarker(packet, true);
    } else {
      this.#packet += 1;
      this.#sample += this.#samples + skipped * samples;
      patchMarker(packet, skipped > 0);
    }
    this.#samples = samples;
    this.#patch(packet, this.#packet, this.#sample);
  }

  /**
   * Makes a peer's packet, which arrived at `at`, one of this stream. `samples` is what it holds, 0 when that is not
   * known (telephone-event). False when it is too late to be sent: it belongs before a splice, or was sent already.
   */
  stampRelayed(packet: Buffer, samples: number, at: MonotonicMs): boolean {
    const sequence = sequenceOf(packet);
    const timestamp = timestampOf(packet);
    const ssrc = ssrcOf(packet);
    const packetStep = ((sequence - this.#sourceSequence) << 16) >> 16;
    const sampleStep = (timestamp - this.#sourceTimestamp) | 0;

    if (!this.#continues(ssrc, packetStep, sampleStep, at)) {
      this.#splice(at);
      this.#source = 'relayed';
      this.#sourceSsrc = ssrc;
      this.#splicePacket = this.#packet;
      this.#spliceSample = this.#sample;
      this.#sourceSeenAt = at;
      patchMarker(packet, true);
    } else if (packetStep <= 0) {
      return this.#stampLate(packet, packetStep, sampleStep);
    } else {
      this.#packet += packetStep;
      this.#sample += sampleStep;
      if (sampleStep !== 0) this.#sourceSeenAt = at;
    }
    this.#sourceSequence = sequence;
    this.#sourceTimestamp = timestamp;
    this.#samples = samples;
    this.#patch(packet, this.#packet, this.#sample);
    return true;
  }

  /** A packet that the network delivered after a newer one keeps its place, unless that is before the splice. */
  #stampLate(packet: Buffer, packetStep: number, sampleStep: number): boolean {
    const number = this.#packet + packetStep;
    const sample = this.#sample + sampleStep;
    const place = packetStep < 0 && sampleStep <= 0 && number >= this.#splicePacket && sample >= this.#spliceSample;
    if (place) this.#patch(packet, number, sample);
    return place;
  }

  #continues(ssrc: number, packetStep: number, sampleStep: number, at: MonotonicMs): boolean {
    if (this.#source !== 'relayed' || ssrc !== this.#sourceSsrc) return false;
    if (packetStep >= SEQUENCE_DROPOUT_MAX || packetStep <= -SEQUENCE_MISORDER_MAX) return false;
    // A long telephone-event stands still while time goes on.
    if (sampleStep === 0) return true;
    const jumpMs = sampleStep / this.#clockRateKhz - elapsedMs(this.#sourceSeenAt, at);
    return Math.abs(jumpMs) <= TIMESTAMP_JUMP_MS_MAX;
  }

  #splice(at: MonotonicMs): void {
    this.#packet += 1;
    this.#startedAt ??= at;
    const realTime = Math.round(elapsedMs(this.#startedAt, at) * this.#clockRateKhz);
    this.#sample = Math.max(this.#sample + this.#samples, realTime);
  }

  #patch(packet: Buffer, number: number, sample: number): void {
    patchHeader(packet, (this.#sequenceStart + number) & 0xffff, (this.#timestampStart + sample) >>> 0, this.ssrc);
  }
}
