/**
 * Compound RTCP packets of our own (RFC 3550 §6.1): a report first, then the CNAME, then a BYE where a stream ends.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     |V=2|P|  count  |      type     |  length in words, less one    |
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * SR: SSRC, NTP time, RTP time, packets, octets, blocks. RR: SSRC, blocks. SDES: SSRC, items, a zero, padding. BYE: SSRCs.
 */
import type { SenderState } from '../rtp-stream.ts';
import type { ReceptionBlock } from './reception.ts';

export const SENDER_REPORT = 200;
export const RECEIVER_REPORT = 201;
export const SOURCE_DESCRIPTION = 202;
export const BYE = 203;

/** RFC 3550 §6.5.1. */
const CNAME = 1;

/** What a compound packet of ours says. */
export type Compound = {
  readonly ssrc: number;
  /** With it a sender report, without it a receiver report. */
  readonly sender: (SenderState & { readonly ntpSeconds: number; readonly ntpFraction: number }) | null;
  readonly block: (ReceptionBlock & { readonly lastSr: number; readonly delaySinceLastSr: number }) | null;
  /** At most 255 octets of ASCII. */
  readonly cname: string;
  /** The stream that ends with this packet, or null. */
  readonly byeSsrc: number | null;
};

/** The octets to send. */
export function writeCompound(compound: Compound): Buffer {
  const { ssrc, sender, block, cname, byeSsrc } = compound;
  const blockOctets = block === null ? 0 : 24;
  const reportOctets = (sender === null ? 8 : 28) + blockOctets;
  // Type, length, text and at least one zero, to a whole word (RFC 3550 §6.5).
  const sdesOctets = 8 + 4 * Math.ceil((2 + cname.length + 1) / 4);
  const octets = Buffer.alloc(reportOctets + sdesOctets + (byeSsrc === null ? 0 : 8));

  let at = header(octets, 0, block === null ? 0 : 1, sender === null ? RECEIVER_REPORT : SENDER_REPORT, reportOctets);
  at = octets.writeUInt32BE(ssrc, at);
  if (sender !== null) {
    at = octets.writeUInt32BE(sender.ntpSeconds, at);
    at = octets.writeUInt32BE(sender.ntpFraction, at);
    at = octets.writeUInt32BE(sender.timestamp, at);
    at = octets.writeUInt32BE(sender.packets >>> 0, at);
    at = octets.writeUInt32BE(sender.octets >>> 0, at);
  }
  if (block !== null) {
    at = octets.writeUInt32BE(block.ssrc, at);
    at = octets.writeUInt8(block.fractionLost, at);
    at = octets.writeIntBE(block.cumulativeLost, at, 3);
    at = octets.writeUInt32BE(block.extendedHighest, at);
    at = octets.writeUInt32BE(block.jitter >>> 0, at);
    at = octets.writeUInt32BE(block.lastSr, at);
    at = octets.writeUInt32BE(block.delaySinceLastSr, at);
  }
  at = header(octets, at, 1, SOURCE_DESCRIPTION, sdesOctets);
  at = octets.writeUInt32BE(ssrc, at);
  octets[at] = CNAME;
  octets[at + 1] = cname.length;
  octets.write(cname, at + 2, 'latin1');
  if (byeSsrc !== null) {
    at = header(octets, reportOctets + sdesOctets, 1, BYE, 8);
    octets.writeUInt32BE(byeSsrc, at);
  }
  return octets;
}

function header(octets: Buffer, at: number, count: number, type: number, length: number): number {
  octets[at] = 0x80 | count;
  octets[at + 1] = type;
  return octets.writeUInt16BE(length / 4 - 1, at + 2);
}
