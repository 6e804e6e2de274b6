/** Our end of a protected stream: what leaves under our key (RFC 3711 §3.3, §3.4). */
import type { SrtpKey } from '../../call/srtp.ts';
import { payloadOffset, RTP_HEADER_OCTETS, sequenceOf, ssrcOf } from '../rtp-packet.ts';
import { SRTP_OCTETS_MAX } from './counter-mode.ts';
import { INDEX_END, packetIndex } from './packet-index.ts';
import { type PacketTransforms, packetTransforms } from './packet-transform.ts';
import { ReplayWindow } from './replay-window.ts';

/** The clear part of an RTCP packet: the first report's header and SSRC. */
export const RTCP_CLEAR_OCTETS = 8;

/** RFC 3711 §9.2: so many SRTCP packets under one key. */
const RTCP_INDEX_END = 2 ** 31;

/** A key with the counters that belong to it. What it gives is a view of one buffer, good until the next packet. */
export class SrtpSender {
  readonly key: SrtpKey;
  readonly #transforms: PacketTransforms;
  readonly #out = Buffer.alloc(SRTP_OCTETS_MAX);
  #ssrc = -1;
  /** No index is used twice under a key: it would tell the difference of two packets (RFC 3711 §9.1). */
  #sent = new ReplayWindow();
  #rtcpIndex = 0;

  constructor(key: SrtpKey) {
    this.key = key;
    this.#transforms = packetTransforms(key);
  }

  /** A valid RTP packet, protected; null when it may not be sent: too long, or its index was used. */
  rtp(packet: Buffer): Buffer | null {
    const { rtp } = this.#transforms;
    const octets = packet.length;
    if (octets + rtp.growth > SRTP_OCTETS_MAX || octets < RTP_HEADER_OCTETS) return null;
    const ssrc = ssrcOf(packet);
    if (ssrc !== this.#ssrc) {
      this.#ssrc = ssrc;
      this.#sent = new ReplayWindow();
    }
    const index = packetIndex(sequenceOf(packet), this.#sent.highest);
    if (!this.#sent.isNew(index) || index >= INDEX_END) return null;
    this.#sent.take(index);
    packet.copy(this.#out);
    return this.#out.subarray(0, rtp.seal(this.#out, octets, payloadOffset(packet), ssrc, index));
  }

  /** A compound RTCP packet, protected; null when it may not be sent. */
  rtcp(packet: Buffer): Buffer | null {
    const { rtcp } = this.#transforms;
    const octets = packet.length;
    if (octets + rtcp.growth > SRTP_OCTETS_MAX || octets < RTCP_CLEAR_OCTETS) return null;
    if (this.#rtcpIndex >= RTCP_INDEX_END) return null;
    const index = this.#rtcpIndex;
    this.#rtcpIndex += 1;
    packet.copy(this.#out);
    return this.#out.subarray(0, rtcp.seal(this.#out, octets, RTCP_CLEAR_OCTETS, packet.readUInt32BE(4), index));
  }
}
