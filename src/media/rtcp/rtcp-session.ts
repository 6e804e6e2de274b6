/**
 * RTCP with one peer (RFC 3550 §6): our reports on what we send and receive, and what the peer reports of our stream. Nothing
 * of a peer's RTCP goes to the other one: either stream of a call is a session of its own.
 */
import { addMs, elapsedMs, type MonotonicMs, type WallMs } from '../../base/clock.ts';
import type { StreamReport } from '../../guard/media-port.ts';
import type { RtpStream } from '../rtp-stream.ts';
import { compactDuration, compactMs, compactNtp, ntpFraction, ntpSeconds } from './ntp-time.ts';
import { Reception } from './reception.ts';
import { readRtcp } from './rtcp-read.ts';
import { writeCompound } from './rtcp-write.ts';

/** A longer round trip than this is no measurement. */
const ROUND_TRIP_MS_MAX = 60_000;

/** The state of one session. */
export class RtcpSession {
  readonly reception = new Reception();
  readonly #stream: RtpStream;
  readonly #cname: string;
  readonly #wallOffsetMs: number;
  #lastSr = 0;
  #lastSrAt = 0 as MonotonicMs;
  #peerReport: StreamReport | null = null;
  /** The SSRC that the peer was told of last, and what had been sent under it then and the time before: §6.4. */
  #toldSsrc = -1;
  #packetsTold = 0;
  #packetsToldBefore = 0;

  /**
   * @param cname random for every session (RFC 7022 §4.2)
   * @param wallOffsetMs from monotonic to wall-clock time: one for the session, so that its NTP times never step
   */
  constructor(stream: RtpStream, cname: string, wallOffsetMs: number) {
    this.#stream = stream;
    this.#cname = cname;
    this.#wallOffsetMs = wallOffsetMs;
  }

  /** What the peer said last of our stream, or null. */
  get peerReport(): StreamReport | null {
    return this.#peerReport;
  }

  /** The compound packet that is due at `at`; with a BYE when it is the last. */
  report(at: MonotonicMs, isLast: boolean): Buffer {
    const { ssrc } = this.#stream;
    const state = this.#stream.senderState(at);
    // Another clock gave our stream another SSRC: the one before has ended (RFC 7160 §4.1).
    const ended = this.#toldSsrc !== -1 && this.#toldSsrc !== ssrc ? this.#toldSsrc : null;
    if (ended !== null) this.#packetsToldBefore = this.#packetsTold = 0;
    // §6.4: who has sent nothing since the report before the last is no sender.
    const isSender = state !== null && state.packets > this.#packetsToldBefore;
    this.#packetsToldBefore = this.#packetsTold;
    this.#packetsTold = state?.packets ?? 0;
    this.#toldSsrc = ssrc;
    const wall = this.#wall(at);
    const block = this.reception.block();
    return writeCompound({
      ssrc,
      sender: isSender ? { ...state, ntpSeconds: ntpSeconds(wall), ntpFraction: ntpFraction(wall) } : null,
      block:
        block === null
          ? null
          : {
              ...block,
              lastSr: this.#lastSr,
              delaySinceLastSr: this.#lastSr === 0 ? 0 : compactDuration(elapsedMs(this.#lastSrAt, at)),
            },
      cname: this.#cname,
      byeSsrc: isLast ? ssrc : ended,
    });
  }

  /** A datagram of the peer's that arrived at `at`; false when it is not RTCP. */
  take(datagram: Buffer, at: MonotonicMs): boolean {
    return readRtcp(datagram, {
      onSenderReport: (_ssrc, ntp) => {
        this.#lastSr = ntp;
        this.#lastSrAt = at;
      },
      onReportBlock: (ssrc, lost, jitter, lastSr, delay) => {
        if (ssrc !== this.#stream.ssrc) return;
        const jitterMs = jitter / this.#stream.clockRateKhz;
        this.#peerReport = { lost, jitterMs, roundTripMs: this.#roundTripMs(lastSr, delay, at) };
      },
    });
  }

  /** RFC 3550 §6.4.1: arrival − LSR − DLSR; null when the peer has not had a sender report, or says what cannot be. */
  #roundTripMs(lastSr: number, delay: number, at: MonotonicMs): number | null {
    if (lastSr === 0) return this.#peerReport?.roundTripMs ?? null;
    const wall = this.#wall(at);
    const roundTripMs = compactMs(compactNtp(ntpSeconds(wall), ntpFraction(wall)) - lastSr - delay);
    // Both ends round to 2^-16 s.
    return roundTripMs < -1 || roundTripMs > ROUND_TRIP_MS_MAX ? null : Math.max(0, roundTripMs);
  }

  #wall(at: MonotonicMs): WallMs {
    return addMs(at, this.#wallOffsetMs) as number as WallMs;
  }
}
