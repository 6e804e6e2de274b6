/** Silence with a cause that a setting mends should cost nobody an afternoon: what an operator is told at a call's end. */
import type { MediaReport } from './ports.ts';

/** Half a second of a stream. A few packets from elsewhere are no stream: a fork's, or one that came before its SDP. */
export const FOREIGN_PACKETS_MIN = 25;

/** What is known of a call besides its media. */
export type NatHintCall = {
  readonly answered: boolean;
  readonly bridged: boolean;
  /** The settings say so of its carrier, of its dialer. */
  readonly calleeBehindNat: boolean;
  readonly dialerBehindNat: boolean;
};

/** One sentence for each peer that was never heard while packets from addresses that no SDP named were dropped. */
export function natHints(report: MediaReport, call: NatHintCall): readonly string[] {
  if (!call.answered || report.drops.foreign < FOREIGN_PACKETS_MIN) return [];
  const hints: string[] = [];
  if (report.firstFromCalleeAt === null && !call.calleeBehindNat) hints.push(hint('callee', 'carriers[].nat'));
  if (report.firstFromDialerAt === null && call.bridged && !call.dialerBehindNat)
    hints.push(hint('dialer', 'dialers.named[].nat'));
  return hints;
}

function hint(peer: string, setting: string): string {
  return `no RTP from the ${peer}, and packets from addresses its SDP does not name were dropped: see ${setting}`;
}
