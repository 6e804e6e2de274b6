/** Packets for tests, written and read by rtp.js: a second opinion on every octet. */
import { RtpPacket } from 'rtp.js/packets';

/** What tests say of a packet. */
export type RtpFields = {
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
  /** 160 octets of this value. */
  readonly fill: number;
};

/** A packet as it comes from the network; what is not given is zero, PCMA and unmarked. */
export function rtpOctets(fields: Partial<RtpFields & { readonly payload: Uint8Array }> = {}): Buffer {
  const packet = new RtpPacket();
  packet.setPayloadType(fields.payloadType ?? 8);
  packet.setSequenceNumber(fields.sequence ?? 0);
  packet.setTimestamp(fields.timestamp ?? 0);
  packet.setSsrc(fields.ssrc ?? 0);
  packet.setMarker(fields.marker ?? false);
  const payload = Buffer.from(fields.payload ?? Buffer.alloc(160, fields.fill ?? 0));
  packet.setPayload(new DataView(payload.buffer, payload.byteOffset, payload.length));
  const octets = Buffer.alloc(packet.getByteLength());
  packet.serialize(octets.buffer, octets.byteOffset);
  return octets;
}

/** What is in a packet; `fill` is its payload's first octet. */
export function rtpFields(octets: Buffer): RtpFields & { readonly payload: Uint8Array } {
  const packet = new RtpPacket(new DataView(octets.buffer, octets.byteOffset, octets.byteLength));
  const payload = packet.getPayload();
  return {
    payloadType: packet.getPayloadType(),
    sequence: packet.getSequenceNumber(),
    timestamp: packet.getTimestamp(),
    ssrc: packet.getSsrc(),
    marker: packet.getMarker(),
    fill: payload.byteLength === 0 ? 0 : payload.getUint8(0),
    payload: Uint8Array.from({ length: payload.byteLength }, (_, i) => payload.getUint8(i)),
  };
}

/** Where sequence and timestamp arithmetic goes wrong first. */
export const SEQUENCE_STARTS = [0, 1, 127, 128, 129, 32767, 32768, 32769, 65534, 65535] as const;

/** The same for 32 bits. */
export const TIMESTAMP_STARTS = [0, 1, 2 ** 31 - 161, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 161, 2 ** 32 - 1] as const;
