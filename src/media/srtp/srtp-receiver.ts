/**
 * The peer's end of a protected stream (RFC 3711 §3.3, §3.4): what is not authentic, or comes again, is dropped. A source is
 * bound to a key by its first authentic packet (RFC 4568 §6.4.1), so that nobody without the key costs any memory.
 */
import type { SrtpKey } from '../../call/srtp.ts';
import { payloadOffset, RTP_HEADER_OCTETS, sequenceOf, ssrcOf } from '../rtp-packet.ts';
import { SRTP_OCTETS_MAX } from './counter-mode.ts';
import { INDEX_END, packetIndex } from './packet-index.ts';
import { type PacketTransforms, packetTransforms, rtcpIndexOf } from './packet-transform.ts';
import { ReplayWindow } from './replay-window.ts';
import { RTCP_CLEAR_OCTETS } from './srtp-sender.ts';

/** Sources whose counters are kept: a peer that makes a new one at every transfer has a few; the oldest is forgotten. */
export const SOURCES_MAX = 8;

/** Authentic packets under a new key after which the one before is forgotten: later ones of it are too late to be heard. */
export const FORMER_KEY_PACKETS = 100;

/** What was dropped, by reason. */
export type SrtpDrops = { unauthentic: number; replayed: number };

type Source = { readonly rtp: ReplayWindow; readonly rtcp: ReplayWindow };

/** One key and the sources under it. */
class KeyContext {
  readonly key: SrtpKey;
  packets = 0;
  readonly #transforms: PacketTransforms;
  readonly #sources = new Map<number, Source>();

  constructor(key: SrtpKey) {
    this.key = key;
    this.#transforms = packetTransforms(key);
  }

  source(ssrc: number): Source | undefined {
    return this.#sources.get(ssrc);
  }

  /**
   * Opens in place; the clear length, `REPLAYED` or `UNAUTHENTIC`.
   *
   * A source that is new here begins at 0, or where it stood under the key before (some go on under a new key), or has just
   * wrapped while its first packets were lost.
   *
   * @param former the index at which it stood under the key before, -1 for none
   */
  rtp(packet: Buffer, former: number): number {
    const ssrc = ssrcOf(packet);
    const sequence = sequenceOf(packet);
    const known = this.#sources.get(ssrc);
    const first = packetIndex(sequence, known?.rtp.highest ?? -1);
    const opened = this.#rtpAt(packet, ssrc, first, known);
    if (opened !== UNAUTHENTIC || known !== undefined) return opened;
    const second = former < 0 ? justWrapped(sequence) : packetIndex(sequence, former);
    return second < 0 || second === first ? opened : this.#rtpAt(packet, ssrc, second, known);
  }

  rtcp(packet: Buffer): number {
    const ssrc = packet.readUInt32BE(4);
    const index = rtcpIndexOf(packet, packet.length, this.key.suite);
    if (index < 0) return UNAUTHENTIC;
    const known = this.#sources.get(ssrc);
    if (known !== undefined && !known.rtcp.isNew(index)) return REPLAYED;
    const clear = this.#transforms.rtcp.open(packet, packet.length, RTCP_CLEAR_OCTETS, ssrc, index);
    if (clear < 0) return UNAUTHENTIC;
    (known ?? this.#bind(ssrc)).rtcp.take(index);
    return clear;
  }

  #rtpAt(packet: Buffer, ssrc: number, index: number, known: Source | undefined): number {
    if (index < 0 || index >= INDEX_END || known?.rtp.isNew(index) === false) return REPLAYED;
    const clear = this.#transforms.rtp.open(packet, packet.length, payloadOffset(packet), ssrc, index);
    if (clear < 0) return UNAUTHENTIC;
    (known ?? this.#bind(ssrc)).rtp.take(index);
    this.packets += 1;
    return clear;
  }

  #bind(ssrc: number): Source {
    const source = { rtp: new ReplayWindow(), rtcp: new ReplayWindow() };
    this.#sources.set(ssrc, source);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > SOURCES_MAX && oldest !== undefined) this.#sources.delete(oldest);
    return source;
  }
}

/** RFC 3711 §3.3.1 advises sources to begin in the lower half of the numbers, so that this is never needed; not all do. */
function justWrapped(sequence: number): number {
  return sequence < 0x8000 ? 0x1_0000 + sequence : -1;
}

const UNAUTHENTIC = -1;
const REPLAYED = -2;

/** What one peer sends. */
export class SrtpReceiver {
  readonly drops: SrtpDrops = { unauthentic: 0, replayed: 0 };
  #current: KeyContext;
  #former: KeyContext | null = null;

  constructor(key: SrtpKey) {
    this.#current = new KeyContext(key);
  }

  get key(): SrtpKey {
    return this.#current.key;
  }

  /** The peer sends under another key from now on; what is on its way under the old one is still heard. */
  rekey(key: SrtpKey): void {
    this.#former = this.#current;
    this.#current = new KeyContext(key);
  }

  /** The RTP packet within, a view of the same octets; null when it is not RTP, not authentic, or comes again. */
  rtp(packet: Buffer): Buffer | null {
    if (packet.length > SRTP_OCTETS_MAX || !hasRtpHeader(packet)) return this.#dropped(UNAUTHENTIC);
    const former = this.#former;
    const before = former === null ? -1 : (former.source(ssrcOf(packet))?.rtp.highest ?? -1);
    let clear = this.#current.rtp(packet, before);
    if (clear === UNAUTHENTIC && former !== null) clear = former.rtp(packet, -1);
    if (clear < 0) return this.#dropped(clear);
    if (former !== null && this.#current.packets > FORMER_KEY_PACKETS) this.#former = null;
    return packet.subarray(0, clear);
  }

  /** The RTCP packet within; null when it is not authentic, or comes again. */
  rtcp(packet: Buffer): Buffer | null {
    if (packet.length > SRTP_OCTETS_MAX || packet.length < RTCP_CLEAR_OCTETS) return this.#dropped(UNAUTHENTIC);
    let clear = this.#current.rtcp(packet);
    if (clear === UNAUTHENTIC && this.#former !== null) clear = this.#former.rtcp(packet);
    return clear < 0 ? this.#dropped(clear) : packet.subarray(0, clear);
  }

  #dropped(why: number): null {
    if (why === REPLAYED) this.drops.replayed += 1;
    else this.drops.unauthentic += 1;
    return null;
  }
}

/** Version 2, and a header that is all there (RFC 3550 §5.1): all that is in clear. */
function hasRtpHeader(packet: Buffer): boolean {
  if (packet.length < RTP_HEADER_OCTETS || (packet[0] as number) >> 6 !== 2) return false;
  const first = packet[0] as number;
  if ((first & 0x10) !== 0 && RTP_HEADER_OCTETS + 4 * (first & 0x0f) + 4 > packet.length) return false;
  return payloadOffset(packet) <= packet.length;
}
