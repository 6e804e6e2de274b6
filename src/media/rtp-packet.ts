/**
 * RTP packets as octets that are checked once and patched in place (RFC 3550 §5.1):
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |                           timestamp                           |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |           synchronization source (SSRC) identifier            |
 *     +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 *     |            contributing source (CSRC) identifiers             |
 *     |                             ....                              |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * rtp.js makes the packets we start from; nothing is constructed for a packet that only passes.
 */
import { RtpPacket } from 'rtp.js/packets';

/** Octets of the header without contributing sources and extension. */
export const RTP_HEADER_OCTETS = 12;

/** Octets of payload of a packet that was checked, or -1 when it is not RTP (RFC 3550 §A.1); never an exception. */
export function rtpPayloadOctets(packet: Buffer): number {
  const length = packet.length;
  if (length < RTP_HEADER_OCTETS) return -1;
  const first = octetAt(packet, 0);
  if (first >> 6 !== 2) return -1;
  // Types 192–223 are RTCP's own numbers on a shared port, which RTP leaves free (RFC 5761 §4).
  const second = octetAt(packet, 1);
  if (second >= 192 && second <= 223) return -1;
  let end = RTP_HEADER_OCTETS + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (end + 4 > length) return -1;
    end += 4 + 4 * ((octetAt(packet, end + 2) << 8) | octetAt(packet, end + 3));
  }
  if (end > length) return -1;
  if ((first & 0x20) === 0) return length - end;
  // The last octet counts the padding, itself included (RFC 3550 §5.1).
  const padding = octetAt(packet, length - 1);
  return padding === 0 || end + padding > length ? -1 : length - end - padding;
}

/** Where the payload of a packet that was checked begins, in octets. */
export function payloadOffset(packet: Buffer): number {
  const first = octetAt(packet, 0);
  const end = RTP_HEADER_OCTETS + 4 * (first & 0x0f);
  if ((first & 0x10) === 0) return end;
  return end + 4 + 4 * ((octetAt(packet, end + 2) << 8) | octetAt(packet, end + 3));
}

/** 0–127. */
export function payloadTypeOf(packet: Buffer): number {
  return octetAt(packet, 1) & 0x7f;
}

/** The M bit. */
export function markerOf(packet: Buffer): boolean {
  return (octetAt(packet, 1) & 0x80) !== 0;
}

/** 0–65535. */
export function sequenceOf(packet: Buffer): number {
  return (octetAt(packet, 2) << 8) | octetAt(packet, 3);
}

/** 0–2^32-1, in samples of the payload's clock. */
export function timestampOf(packet: Buffer): number {
  return wordAt(packet, 4);
}

/** 0–2^32-1. */
export function ssrcOf(packet: Buffer): number {
  return wordAt(packet, 8);
}

/** Replaces the payload type and leaves the marker as it is. */
export function patchPayloadType(packet: Buffer, payloadType: number): void {
  packet[1] = (octetAt(packet, 1) & 0x80) | payloadType;
}

/** Sets or clears the marker and leaves the payload type as it is. */
export function patchMarker(packet: Buffer, marker: boolean): void {
  packet[1] = (octetAt(packet, 1) & 0x7f) | (marker ? 0x80 : 0);
}

/** Replaces sequence number, timestamp and SSRC, each given modulo its size. */
export function patchHeader(packet: Buffer, sequence: number, timestamp: number, ssrc: number): void {
  packet[2] = sequence >>> 8;
  packet[3] = sequence;
  patchWord(packet, 4, timestamp);
  patchWord(packet, 8, ssrc);
}

/** A packet with room for `payloadOctets`, all zero but its version and payload type, to be patched for every use. */
export function packetTemplate(payloadType: number, payloadOctets: number): Buffer {
  const packet = new RtpPacket();
  packet.setPayloadType(payloadType);
  packet.setPayload(new DataView(new ArrayBuffer(payloadOctets)));
  const octets = Buffer.alloc(packet.getByteLength());
  packet.serialize(octets.buffer, octets.byteOffset);
  return octets;
}

function octetAt(packet: Buffer, offset: number): number {
  return packet[offset] as number;
}

function wordAt(packet: Buffer, offset: number): number {
  return (
    ((octetAt(packet, offset) << 24) |
      (octetAt(packet, offset + 1) << 16) |
      (octetAt(packet, offset + 2) << 8) |
      octetAt(packet, offset + 3)) >>>
    0
  );
}

function patchWord(packet: Buffer, offset: number, word: number): void {
  packet[offset] = word >>> 24;
  packet[offset + 1] = word >>> 16;
  packet[offset + 2] = word >>> 8;
  packet[offset + 3] = word;
}
