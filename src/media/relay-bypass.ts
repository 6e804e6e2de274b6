/**
 * One direction's packets that are not even looked at. Once a peer's stream runs evenly, every next header is foretold by the
 * last, as it comes and as it is to leave: the sockets compare, replace and send (`Bypass`), and what is in any way otherwise
 * comes to `Relay` as ever. Nothing is decided there: whoever needs the state of the streams has it brought up to date first,
 * from the number of packets that passed and the moment of the last.
 */
import type { MonotonicMs } from '../base/clock.ts';
import type { MediaLeg } from './media-leg.ts';
import type { Bypass, EvenStream, Passed } from './media-worker-udp.ts';
import { markerOf, RTP_HEADER_OCTETS } from './rtp-packet.ts';

/** Version 2; no padding, extension or contributing sources. */
const PLAIN_FIRST_OCTET = 0x80;

/** The bypass of one direction. */
export class RelayBypass {
  readonly #way: Bypass;
  readonly #from: MediaLeg;
  readonly #to: MediaLeg;
  readonly #onPassed: (at: MonotonicMs) => void;
  readonly #stream: EvenStream = {
    headers: Buffer.alloc(2 * RTP_HEADER_OCTETS, PLAIN_FIRST_OCTET),
    ...{ octets: 0, ticks: 0, clockRateHz: 0, at: 0 as MonotonicMs, jitter: 0 },
  };
  #isOpen = false;

  /** `onPassed` is told of the last packet of some that passed. */
  constructor(way: Bypass, from: MediaLeg, to: MediaLeg, onPassed: (at: MonotonicMs) => void) {
    this.#way = way;
    this.#from = from;
    this.#to = to;
    this.#onPassed = onPassed;
  }

  /** The packet that came at `at` as of `payloadType` was just sent as it is now: those that follow it evenly may pass. */
  open(packet: Buffer, payloadType: number, payloadOctets: number, at: MonotonicMs): void {
    const stream = this.#stream;
    const before = stream.octets;
    stream.octets = packet.length;
    const ticks = this.#to.stream.evenTicks;
    if (ticks <= 0 || packet.length !== before || packet.length !== RTP_HEADER_OCTETS + payloadOctets) return;
    if (packet[0] !== PLAIN_FIRST_OCTET || markerOf(packet)) return;
    if (this.#from.isProtected || this.#to.isProtected) return;
    stream.headers[1] = payloadType;
    this.#to.stream.copySource(stream.headers);
    packet.copy(stream.headers, RTP_HEADER_OCTETS, 0, RTP_HEADER_OCTETS);
    stream.clockRateHz = this.#from.clockOf(payloadType);
    const jitter = this.#from.reception?.jitterAt(stream.headers, stream.clockRateHz) ?? -1;
    if (jitter < 0) return;
    stream.ticks = ticks;
    stream.at = at;
    stream.jitter = jitter;
    this.#isOpen = this.#way.open(stream);
  }

  /** Brings both legs up to date. */
  settle(): void {
    if (this.#isOpen) this.#take(this.#way.read(false));
  }

  /** Brings both legs up to date; every packet comes to the relay from here on. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#take(this.#way.read(true));
  }

  #take({ packets, at, jitter }: Passed): void {
    if (packets === 0) return;
    const { ticks, octets } = this.#stream;
    this.#from.receivedUntold(packets, ticks, at, jitter);
    this.#to.sentUntold(packets, ticks, octets - RTP_HEADER_OCTETS, at);
    this.#onPassed(at);
  }
}
