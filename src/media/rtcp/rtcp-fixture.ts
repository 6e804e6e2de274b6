/** RTCP for tests, written and read by rtp.js: a second opinion on every octet. */
import { CompoundPacket, ReceiverReportPacket, ReceptionReport, SenderReportPacket } from 'rtp.js/packets';

/** A report about one stream; with `ntp` a sender report. */
export type ReportFields = {
  readonly ssrc: number;
  readonly about: number;
  readonly lost: number;
  readonly jitter: number;
  readonly lastSr: number;
  readonly delay: number;
  readonly ntp?: { readonly seconds: number; readonly fraction: number };
};

/** A compound packet of one report. */
export function rtcpOctets(fields: ReportFields): Buffer {
  const block = new ReceptionReport();
  block.setSsrc(fields.about);
  block.setTotalLost(fields.lost);
  block.setJitter(fields.jitter);
  block.setLastSRTimestamp(fields.lastSr);
  block.setDelaySinceLastSR(fields.delay);
  const report = fields.ntp === undefined ? new ReceiverReportPacket() : new SenderReportPacket();
  report.setSsrc(fields.ssrc);
  report.setReports([block]);
  if (report instanceof SenderReportPacket && fields.ntp !== undefined) {
    report.setNtpSeconds(fields.ntp.seconds);
    report.setNtpFraction(fields.ntp.fraction);
  }
  const octets = Buffer.alloc(report.getByteLength());
  report.serialize(octets.buffer, octets.byteOffset);
  return octets;
}

/** A packet of a compound one, whatever it is. */
export type RtcpDump = { readonly packetType: number; readonly ssrc?: number; readonly [field: string]: unknown };

/** What is in a compound packet; an exception when it is none. */
export function rtcpDump(octets: Buffer | undefined): readonly RtcpDump[] {
  if (octets === undefined) throw new Error('no packet');
  const compound = new CompoundPacket(new DataView(octets.buffer, octets.byteOffset, octets.byteLength));
  return compound.dump().packets as unknown as readonly RtcpDump[];
}
