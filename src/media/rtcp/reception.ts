/**
 * What was received of one peer's stream, as a report block tells it (RFC 3550 §6.4.1, §A.1, §A.3, §A.8). A new SSRC begins
 * anew, and so does one whose numbers jump and go on from there.
 */
import { elapsedMs, type MonotonicMs } from '../../base/clock.ts';
import { sequenceOf, ssrcOf, timestampOf } from '../rtp-packet.ts';

/** A jump of the sequence number beyond these is a restart, as soon as a second packet confirms it (RFC 3550 §A.1). */
const DROPOUT_MAX = 3000;
const MISORDER_MAX = 100;

/** A report block, without the times of the peer's last sender report. */
export type ReceptionBlock = {
  readonly ssrc: number;
  /** Of 256, since the block before. */
  readonly fractionLost: number;
  /** Since the beginning, −2^23 … 2^23−1; negative when more came twice than was lost. */
  readonly cumulativeLost: number;
  /** The highest sequence number in the low 16 bits, the times it wrapped above. */
  readonly extendedHighest: number;
  /** Timestamp ticks. */
  readonly jitter: number;
};

/** The receiver's side of one stream. */
export class Reception {
  #ssrc = -1;
  #baseSequence = 0;
  #highest = 0;
  #cycles = 0;
  /** The number that would confirm a restart; -1: none. */
  #suspect = -1;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #jitter = 0;
  #timestamp = 0;
  #arrivedAt: MonotonicMs | null = null;
  #clockRateHz = 0;

  /**
   * A packet came.
   *
   * @param clockRateHz 0: of no use for the jitter (a telephone-event, whose timestamp stands)
   */
  take(ssrc: number, sequence: number, timestamp: number, clockRateHz: number, at: MonotonicMs): void {
    if (ssrc !== this.#ssrc) {
      this.#begin(ssrc, sequence);
    } else if (!this.#advance(sequence)) {
      return;
    }
    this.#received += 1;
    if (clockRateHz !== 0) this.#measure(timestamp, clockRateHz, at);
  }

  /** The jitter with the packet of this header, in ticks; -1 when that was not the newest, or is no measure at this clock. */
  jitterAt(header: Buffer, clockRateHz: number): number {
    const isNewest =
      ssrcOf(header) === this.#ssrc &&
      sequenceOf(header) === this.#highest &&
      timestampOf(header) === this.#timestamp &&
      this.#arrivedAt !== null;
    return isNewest && clockRateHz !== 0 && clockRateHz === this.#clockRateHz ? this.#jitter : -1;
  }

  /** So many packets came that are not told one by one, each `ticks` after the one before, the last at `at`. */
  takeUntold(packets: number, ticks: number, at: MonotonicMs, jitter: number): void {
    const highest = this.#highest + packets;
    this.#highest = highest & 0xffff;
    this.#cycles += highest - this.#highest;
    this.#received += packets;
    this.#timestamp = (this.#timestamp + packets * ticks) >>> 0;
    this.#arrivedAt = at;
    this.#jitter = jitter;
  }

  /** The block for a report that leaves now, null when nothing was ever received; counts the interval from here on. */
  block(): ReceptionBlock | null {
    if (this.#ssrc === -1) return null;
    const extendedHighest = this.#cycles + this.#highest;
    const expected = extendedHighest - this.#baseSequence + 1;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    return {
      ssrc: this.#ssrc,
      fractionLost: expectedNow <= 0 || lostNow <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow)),
      cumulativeLost: Math.max(-0x80_0000, Math.min(0x7f_ffff, expected - this.#received)),
      extendedHighest: extendedHighest >>> 0,
      jitter: Math.floor(this.#jitter),
    };
  }

  #begin(ssrc: number, sequence: number): void {
    this.#ssrc = ssrc;
    this.#baseSequence = sequence;
    this.#highest = sequence;
    this.#cycles = 0;
    this.#suspect = -1;
    this.#received = 0;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
    this.#jitter = 0;
    this.#arrivedAt = null;
  }

  /** False when the number is not this stream's, as far as is known. */
  #advance(sequence: number): boolean {
    const step = (sequence - this.#highest) & 0xffff;
    if (step < DROPOUT_MAX) {
      if (sequence < this.#highest) this.#cycles += 0x1_0000;
      this.#highest = sequence;
    } else if (step <= 0x1_0000 - MISORDER_MAX) {
      const isConfirmed = sequence === this.#suspect;
      this.#suspect = (sequence + 1) & 0xffff;
      if (!isConfirmed) return false;
      this.#begin(this.#ssrc, sequence);
    }
    return true;
  }

  /** RFC 3550 §A.8: J += (|D| − J) / 16, where D is by how much the distance of two packets changed on their way. */
  #measure(timestamp: number, clockRateHz: number, at: MonotonicMs): void {
    if (this.#arrivedAt !== null && clockRateHz === this.#clockRateHz) {
      const arrivedTicks = (elapsedMs(this.#arrivedAt, at) * clockRateHz) / 1000;
      const change = Math.abs(arrivedTicks - ((timestamp - this.#timestamp) | 0));
      this.#jitter += (change - this.#jitter) / 16;
    }
    this.#timestamp = timestamp;
    this.#arrivedAt = at;
    this.#clockRateHz = clockRateHz;
  }
}
