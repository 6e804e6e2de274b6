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
  readonly announcement: MediaReport['announcement'];
  readonly listening: MediaReport['listening'];
  readonly arrivals: { readonly foreign: number; readonly malformed: number };
  readonly firstToCalleeAt: MediaReport['firstToCalleeAt'];
  readonly sendErrors: number;
};

/** The report. */
export function mediaReport(parts: CallReportParts): MediaReport {
  const { callee, dialer, ambience, announcement, listening, firstToCalleeAt, arrivals } = parts;
  return {
    ...{ ambience, announcement, listening },
    packetsToCallee: callee.packetsSent,
    packetsFromCallee: callee.packetsReceived,
    packetsToDialer: dialer.packetsSent,
    packetsFromDialer: dialer.packetsReceived,
    packetsRejected: arrivals.foreign + arrivals.malformed,
    drops: dropsOf(parts),
    firstFromCalleeAt: callee.firstReceivedAt,
    firstFromDialerAt: dialer.firstReceivedAt,
    firstToCalleeAt,
    calleeReport: callee.peerReport,
  };
}

function dropsOf({ callee, dialer, toCallee, toDialer, arrivals, sendErrors }: CallReportParts): MediaDrops {
  const srtp = [callee.srtpDrops, dialer.srtpDrops];
  return {
    unauthentic: srtp.reduce((sum, drops) => sum + (drops?.unauthentic ?? 0), 0),
    replayed: srtp.reduce((sum, drops) => sum + (drops?.replayed ?? 0), 0),
    foreign: arrivals.foreign,
    malformed: arrivals.malformed,
    unroutable: toCallee.packetsUnroutable + toDialer.packetsUnroutable,
    late: toCallee.packetsLate + toDialer.packetsLate,
    sendErrors,
  };
}
