/**
 * A peer's RTCP, read without trust: a compound packet is checked whole before a word of it is believed (RFC 3550 §A.2), and
 * no malformed one is worth an exception.
 */
import { RECEIVER_REPORT, SENDER_REPORT } from './rtcp-write.ts';

/** What a compound packet is asked for. */
export type RtcpSink = {
  /** A sender report of `ssrc`, with the middle 32 bits of its NTP time. */
  readonly onSenderReport: (ssrc: number, compactNtp: number) => void;
  /** A report block about `ssrc`. `lost` is signed; `jitter` in ticks; the last two in 2^-16 s, 0 when the peer knows none. */
  readonly onReportBlock: (
    ssrc: number,
    lost: number,
    jitter: number,
    lastSr: number,
    delaySinceLastSr: number,
  ) => void;
};

/** A datagram on a port that both use is RTCP when its second octet is one of its types (RFC 5761 §4). */
export function isRtcp(datagram: Buffer): boolean {
  const second = datagram.length < 2 ? 0 : (datagram[1] as number);
  return second >= 192 && second <= 223;
}

/** Tells the sink what a compound packet says; false, and the sink hears nothing, when it is not one. */
export function readRtcp(datagram: Buffer, sink: RtcpSink): boolean {
  if (!isCompound(datagram)) return false;
  for (let at = 0; at < datagram.length; at += octetsOf(datagram, at)) {
    const type = datagram[at + 1];
    if (type !== SENDER_REPORT && type !== RECEIVER_REPORT) continue;
    const end = at + octetsOf(datagram, at);
    let block = at + (type === SENDER_REPORT ? 28 : 8);
    if (type === SENDER_REPORT) sink.onSenderReport(datagram.readUInt32BE(at + 4), datagram.readUInt32BE(at + 10));
    for (let n = (datagram[at] as number) & 0x1f; n > 0 && block + 24 <= end; n -= 1) {
      sink.onReportBlock(
        datagram.readUInt32BE(block),
        datagram.readIntBE(block + 5, 3),
        datagram.readUInt32BE(block + 12),
        datagram.readUInt32BE(block + 16),
        datagram.readUInt32BE(block + 20),
      );
      block += 24;
    }
  }
  return true;
}

/** RFC 3550 §A.2: a report first, without padding; version 2 throughout; the lengths add up to the datagram's. */
function isCompound(datagram: Buffer): boolean {
  const { length } = datagram;
  if (length < 8 || length % 4 !== 0) return false;
  const [first, type] = [datagram[0] as number, datagram[1] as number];
  if ((first & 0x20) !== 0 || (type !== SENDER_REPORT && type !== RECEIVER_REPORT)) return false;
  let at = 0;
  while (at < length) {
    if (length - at < 4 || (datagram[at] as number) >> 6 !== 2) return false;
    const isPadded = ((datagram[at] as number) & 0x20) !== 0;
    const octets = octetsOf(datagram, at);
    if (datagram[at + 1] === SENDER_REPORT && octets < 28) return false;
    if (datagram[at + 1] === RECEIVER_REPORT && octets < 8) return false;
    at += octets;
    if (isPadded && at !== length) return false;
  }
  return at === length;
}

function octetsOf(datagram: Buffer, at: number): number {
  return 4 * (datagram.readUInt16BE(at + 2) + 1);
}
