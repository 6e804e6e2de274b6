/** What the media of a call came to, told once at its end. */
import type { MediaDrops, MediaReport } from '../guard/media-port.ts';
import type { MediaLeg } from './media-leg.ts';
import type { Relay } from './relay.ts';

/** What is reported on. */
export type CallReportParts = {
  readonly callee: MediaLeg;
  readonly dialer: MediaLeg;
  readonly toCallee: Relay;
  readonly toDialer: Relay;
  readonly ambience: MediaReport['ambience'];
  readonly foreign: number;
  readonly malformed: number;
  readonly sendErrors: number;
};

/** The report. */
export function mediaReport(parts: CallReportParts): MediaReport {
  const { callee, dialer, ambience, foreign, malformed } = parts;
  return {
    ambience,
    packetsToCallee: callee.packetsSent,
    packetsFromCallee: callee.packetsReceived,
    packetsToDialer: dialer.packetsSent,
    packetsFromDialer: dialer.packetsReceived,
    packetsRejected: foreign + malformed,
    drops: dropsOf(parts),
    firstFromCalleeAt: callee.firstReceivedAt,
    firstFromDialerAt: dialer.firstReceivedAt,
    calleeReport: callee.peerReport,
  };
}

function dropsOf({ callee, dialer, toCallee, toDialer, foreign, malformed, sendErrors }: CallReportParts): MediaDrops {
  const srtp = [callee.srtpDrops, dialer.srtpDrops];
  return {
    unauthentic: srtp.reduce((sum, drops) => sum + (drops?.unauthentic ?? 0), 0),
    replayed: srtp.reduce((sum, drops) => sum + (drops?.replayed ?? 0), 0),
    foreign,
    malformed,
    unroutable: toCallee.packetsUnroutable + toDialer.packetsUnroutable,
    late: toCallee.packetsLate + toDialer.packetsLate,
    sendErrors,
  };
}
