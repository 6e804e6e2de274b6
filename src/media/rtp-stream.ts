/**
 * One outgoing RTP stream: one SSRC, and sequence numbers and timestamps without a seam, whatever is sent over it: our
 * own frames, the packets of a peer, another peer after that (RFC 3550 §5.1, §7.1: we are a source of our own).
 *
 * Two positions are counted without wrapping and cut to 16 and 32 bits on the wire: packets and samples since the start.
 * Where the source changes (a splice) the next packet takes the next sequence number, the timestamp that real time says
 * (never less than the end of what was sent), and the marker, so that a jitter buffer adapts there. Within a source its
 * own steps are kept: a lost packet stays a gap, the packets of a telephone-event share their timestamp (RFC 4733 §2.2).
 * No sequence number is ever sent twice: with SRTP that would be one key stream for two packets.
 *
 * A change of the clock (Opus ticks at 48 kHz, all else at 8) is a new SSRC, as RFC 7160 §4.1 asks of who sends RTCP. Sequence
 * number and timestamp go on across it by the formula that section has for one SSRC, for receivers that look at nothing else.
 */
import { elapsedMs, type MonotonicMs } from '../base/clock.ts';
import { markerOf, patchHeader, patchMarker, payloadOffset, sequenceOf, ssrcOf, timestampOf } from './rtp-packet.ts';
import { SentNumbers } from './sent-numbers.ts';

/** Where a stream begins; all three are random, so that a stream cannot be guessed (RFC 3550 §5.1, §8). */
export type RtpStreamStart = { readonly ssrc: number; readonly sequence: number; readonly timestamp: number };

/** What a sender report says of the stream: the RTP time of a moment, and what was sent (RFC 3550 §6.4.1). */
export type SenderState = { readonly timestamp: number; readonly packets: number; readonly octets: number };

/** A sequence step forward of this or more is a new source, not a loss: MAX_DROPOUT of RFC 3550 §A.1. */
export const SEQUENCE_DROPOUT_MAX = 3000;

/** A sequence step back of this or more is a new source, not a late packet: MAX_MISORDER of RFC 3550 §A.1. */
export const SEQUENCE_MISORDER_MAX = 100;

/** Nobody sends more than a packet in 5 ms: more numbers than that and a burst of these were not lost, but begun anew. */
const PACKET_MS_MIN = 5;
const BURST_PACKETS_MAX = 100;

/**
 * A timestamp further than this from what the arrival says is a restart of the source's clock (Asterisk changes both
 * clock and SSRC or only the clock when it bridges). Wide, so that a burst after a stalled network is not mistaken.
 */
export const TIMESTAMP_JUMP_MS_MAX = 10_000;

/** A source that was replaced is heard again only when the one in its place has been silent for so long. */
export const REPLACED_SOURCE_MS = 100;

/** So long after its last packet what a source sends out of order is taken for a restart, not for late. */
export const LATE_MS_MAX = 1000;

/** The longest packet there is, as far as durations are guessed or packets foretold. */
const PACKET_MS_MAX = 120;

/** From one SSRC to the next: as far from it as from any other, and as little to be guessed as the first. */
const SSRC_STEP = 0x9e3779b9;

/** The state of one outgoing stream. Packets are patched in place. */
export class RtpStream {
  #ssrc: number;
  #clockRateKhz: number;
  #timestampStart: number;
  readonly #sequenceStart: number;
  #startedAt: MonotonicMs | null = null;

  /** The newest packet sent: its number and first sample since the start, and how many samples it holds. */
  #packet = -1;
  #sample = 0;
  #samples = 0;
  /** The newest audio's first sample, and the end of all that was sent: an event may stand behind either. */
  #audioSample = -1;
  #endSample = 0;
  /** When `#sample` was the sample of the moment. */
  #sampleAt = 0 as MonotonicMs;
  readonly #sent = new SentNumbers();
  #packetsSent = 0;
  #octetsSent = 0;

  /** Whose packets are going out at the moment; `held`: nobody's, the peer does not listen. */
  #source: 'none' | 'own' | 'relayed' | 'held' = 'none';
  #sourceSsrc = -1;
  /** The source's newest sequence number, the one that `#packet` stands for. */
  #sourceSequence = 0;
  /** The source's newest timestamp, the one that `#sample` stands for, and when its newest packet came. */
  #sourceTimestamp = 0;
  #sourceHeardAt = 0 as MonotonicMs;
  /** The source before this one; -1: none. */
  #replacedSsrc = -1;
  /** See `evenTicks`. */
  #evenTicks = 0;
  /** Where the source's part of the stream begins: nothing older may be sent. */
  #splicePacket = 0;
  #spliceSample = 0;

  constructor(start: RtpStreamStart, clockRateHz: number) {
    this.#ssrc = start.ssrc;
    this.#clockRateKhz = clockRateHz / 1000;
    this.#sequenceStart = start.sequence;
    this.#timestampStart = start.timestamp;
  }

  /** The SSRC of the next packet. */
  get ssrc(): number {
    return this.#ssrc;
  }

  /** The clock of its timestamps, ticks a millisecond. */
  get clockRateKhz(): number {
    return this.#clockRateKhz;
  }

  /** By how many ticks the packet relayed last followed the one before it; 0 when it was not audio, or not the next. */
  get evenTicks(): number {
    return this.#evenTicks;
  }

  /** Writes the header of the source's newest packet as it came, but for the payload type. */
  copySource(header: Buffer): void {
    patchHeader(header, this.#sourceSequence, this.#sourceTimestamp, this.#sourceSsrc);
  }

  /** The stream at a moment, or null before its first packet. */
  senderState(at: MonotonicMs): SenderState | null {
    if (this.#packetsSent === 0) return null;
    const sample = this.#sample + Math.round(elapsedMs(this.#sampleAt, at) * this.#clockRateKhz);
    return {
      timestamp: (this.#timestampStart + sample) >>> 0,
      packets: this.#packetsSent,
      octets: this.#octetsSent,
    };
  }

  /**
   * Makes `packet` the next frame of our own, of `samples` samples at `clockRateHz`, due at `at`. `skipped` frames before
   * it were left out: the timestamp passes over them and the marker tells.
   */
  stampOwn(
    packet: Buffer,
    samples: number,
    at: MonotonicMs,
    skipped: number,
    clockRateHz = this.#clockRateKhz * 1000,
  ): void {
    const isOtherClock = this.#keepClock(clockRateHz, at);
    if (this.#source !== 'own' || isOtherClock) {
      this.#splice(at);
      this.#source = 'own';
      patchMarker(packet, true);
    } else {
      this.#packet += 1;
      this.#sample += this.#samples + skipped * samples;
      patchMarker(packet, skipped > 0);
    }
    this.#samples = samples;
    this.#sampleAt = at;
    this.#audioSample = this.#sample;
    this.#send(packet, this.#packet, this.#sample);
  }

  /**
   * Makes a peer's packet, which arrived at `at`, one of this stream. `samples` is what it holds, 0 when its octets do not
   * tell; `clockRateHz` 0: that of the packets around it. False when it is not to be sent: it belongs before a splice, was
   * sent already, or its source was replaced.
   */
  stampRelayed(packet: Buffer, samples: number, at: MonotonicMs, clockRateHz = 0, isEvent = false): boolean {
    const sequence = sequenceOf(packet);
    const timestamp = timestampOf(packet);
    const ssrc = ssrcOf(packet);
    const packetStep = ((sequence - this.#sourceSequence) << 16) >> 16;
    const sampleStep = (timestamp - this.#sourceTimestamp) | 0;
    this.#evenTicks = 0;

    if (this.#isReplaced(ssrc, at) || this.#isLeftBehind(ssrc, packetStep, sampleStep, at, isEvent)) return false;
    if (clockRateHz !== 0 && this.#isLateOfOtherClock(ssrc, packetStep, clockRateHz)) return false;
    const isOtherClock = clockRateHz !== 0 && this.#keepClock(clockRateHz, at);
    if (isOtherClock || !this.#continues(ssrc, packetStep, sampleStep, at, isEvent, !isEvent || markerOf(packet))) {
      this.#splice(at);
      // Also when our own frames were between the two: what the older one sent may still be on its way.
      if (ssrc !== this.#sourceSsrc) this.#replacedSsrc = this.#sourceSsrc;
      this.#source = 'relayed';
      this.#sourceSsrc = ssrc;
      this.#splicePacket = this.#packet;
      this.#spliceSample = this.#sample;
      this.#sampleAt = at;
      patchMarker(packet, true);
    } else if (packetStep <= 0) {
      return this.#stampLate(packet, packetStep, sampleStep);
    } else {
      this.#packet += packetStep;
      this.#sample += sampleStep;
      if (sampleStep !== 0) this.#sampleAt = at;
      if (packetStep === 1 && !isEvent && sampleStep <= PACKET_MS_MAX * this.#clockRateKhz)
        this.#evenTicks = sampleStep;
    }
    this.#samples = isEvent ? 0 : samples || this.#guessed(sampleStep);
    this.#sourceSequence = sequence;
    this.#sourceTimestamp = timestamp;
    this.#sourceHeardAt = at;
    if (!isEvent) this.#audioSample = this.#sample;
    this.#send(packet, this.#packet, this.#sample);
    return true;
  }

  /** So many packets of the source were sent elsewhere, each `ticks` after the one before; the newest came at `at`. */
  relayedUntold(packets: number, ticks: number, payloadOctets: number, at: MonotonicMs): void {
    const before = this.#packet;
    this.#packet += packets;
    this.#sample += packets * ticks;
    this.#audioSample = this.#sample;
    this.#endSample = Math.max(this.#endSample, this.#sample + this.#samples);
    this.#sampleAt = at;
    this.#sourceSequence = (this.#sourceSequence + packets) & 0xffff;
    this.#sourceTimestamp = (this.#sourceTimestamp + packets * ticks) >>> 0;
    this.#sourceHeardAt = at;
    this.#packetsSent += packets;
    this.#octetsSent += packets * payloadOctets;
    this.#sent.addAll(before, this.#packet);
  }

  /** A peer's packet that is left out on purpose: no number is lost by it, so that nobody takes it for a loss. */
  leaveOut(packet: Buffer): void {
    if (this.#source !== 'relayed' || ssrcOf(packet) !== this.#sourceSsrc) return;
    const sequence = sequenceOf(packet);
    const packetStep = ((sequence - this.#sourceSequence) << 16) >> 16;
    if (packetStep <= 0 || packetStep >= SEQUENCE_DROPOUT_MAX) return;
    this.#packet += packetStep - 1;
    this.#sourceSequence = sequence;
    // Older packets would be numbered as if this one had been sent.
    this.#splicePacket = this.#packet + 1;
  }

  /** The peer does not listen: what comes when it does is a splice, however many packets went by. */
  hold(): void {
    if (this.#source !== 'none') this.#source = 'held';
  }

  /** A packet that the network delivered after a newer one keeps its place, unless that is before the splice. */
  #stampLate(packet: Buffer, packetStep: number, sampleStep: number): boolean {
    const number = this.#packet + packetStep;
    const sample = this.#sample + sampleStep;
    if (sampleStep > 0 || number < this.#splicePacket || sample < this.#spliceSample) return false;
    if (this.#sent.has(number)) return false;
    this.#send(packet, number, sample);
    return true;
  }

  #continues(
    ssrc: number,
    packetStep: number,
    sampleStep: number,
    at: MonotonicMs,
    isEvent: boolean,
    isNew: boolean,
  ): boolean {
    if (this.#source !== 'relayed' || ssrc !== this.#sourceSsrc) return false;
    if (packetStep >= SEQUENCE_DROPOUT_MAX || packetStep <= -SEQUENCE_MISORDER_MAX) return false;
    if (packetStep > BURST_PACKETS_MAX + elapsedMs(this.#sourceHeardAt, at) / PACKET_MS_MIN) return false;
    // A long telephone-event stands still while time goes on, and audio sent beside it does not; audio alone goes forward.
    if (sampleStep === 0 && isEvent) return true;
    // What begins, a marked event or a frame of audio, begins after what began before.
    if (
      isNew &&
      packetStep > 0 &&
      this.#sample + sampleStep <= Math.max(this.#audioSample, isEvent ? this.#sample : -1)
    )
      return false;
    const jumpMs = sampleStep / this.#clockRateKhz - elapsedMs(this.#sampleAt, at);
    return Math.abs(jumpMs) <= TIMESTAMP_JUMP_MS_MAX;
  }

  /** Two sources that send at once would double the stream's time: the newer one has it while it sends. */
  #isReplaced(ssrc: number, at: MonotonicMs): boolean {
    if (this.#source !== 'relayed' || ssrc !== this.#replacedSsrc) return false;
    return elapsedMs(this.#sourceHeardAt, at) < REPLACED_SOURCE_MS;
  }

  /**
   * After our own frames took the source's place, what it had sent before them is too late. The end of a telephone-event,
   * three times the same (RFC 4733 §2.5.1.4), would be a second event under a new timestamp.
   */
  #isLeftBehind(ssrc: number, packetStep: number, sampleStep: number, at: MonotonicMs, isEvent: boolean): boolean {
    if (this.#source !== 'own' || ssrc !== this.#sourceSsrc) return false;
    if (elapsedMs(this.#sourceHeardAt, at) > LATE_MS_MAX && !isEvent) return false;
    if (packetStep <= -SEQUENCE_MISORDER_MAX || packetStep > SEQUENCE_MISORDER_MAX) return false;
    return packetStep <= 0 ? sampleStep <= 0 : isEvent && sampleStep === 0;
  }

  /** It would take the clock back to what it was, for one packet. */
  #isLateOfOtherClock(ssrc: number, packetStep: number, clockRateHz: number): boolean {
    if (this.#source !== 'relayed' || ssrc !== this.#sourceSsrc || clockRateHz === this.#clockRateKhz * 1000)
      return false;
    return packetStep <= 0 && packetStep > -SEQUENCE_MISORDER_MAX;
  }

  /** What a packet whose octets do not tell holds: what the one before it held. */
  #guessed(sampleStep: number): number {
    return sampleStep > 0 && sampleStep <= PACKET_MS_MAX * this.#clockRateKhz ? sampleStep : this.#samples;
  }

  /**
   * True when the clock is another one from here on. RFC 7160 §4.1: timestamp = (capture_time - capture_start) · clock rate
   * + start_offset, where start_offset has grown by what the clock before counted.
   */
  #keepClock(clockRateHz: number, at: MonotonicMs): boolean {
    if (clockRateHz === this.#clockRateKhz * 1000) return false;
    if (this.#startedAt !== null) {
      const elapsed = Math.round(elapsedMs(this.#startedAt, at) * this.#clockRateKhz);
      this.#timestampStart = (this.#timestampStart + Math.max(this.#endSample, elapsed)) >>> 0;
      this.#startedAt = at;
      this.#ssrc = (this.#ssrc + SSRC_STEP) >>> 0;
      this.#packetsSent = 0;
      this.#octetsSent = 0;
    }
    this.#sample = 0;
    this.#samples = 0;
    this.#audioSample = -1;
    this.#endSample = 0;
    this.#clockRateKhz = clockRateHz / 1000;
    return true;
  }

  #splice(at: MonotonicMs): void {
    this.#packet += 1;
    this.#startedAt ??= at;
    const realTime = Math.round(elapsedMs(this.#startedAt, at) * this.#clockRateKhz);
    this.#sample = Math.max(this.#endSample, realTime);
  }

  #send(packet: Buffer, number: number, sample: number): void {
    this.#sent.add(number);
    this.#packetsSent += 1;
    this.#endSample = Math.max(this.#endSample, sample + this.#samples);
    this.#octetsSent += packet.length - payloadOffset(packet);
    patchHeader(packet, (this.#sequenceStart + number) & 0xffff, (this.#timestampStart + sample) >>> 0, this.#ssrc);
  }
}
