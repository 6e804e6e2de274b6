/** Silence with a cause that a setting mends should cost nobody an afternoon: what an operator is told at a call's end. */
import type { MediaReport } from './media-port.ts';

/** Half a second of a stream. A few packets from elsewhere are no stream: a fork's, or one that came before its SDP. */
export const FOREIGN_PACKETS_MIN = 25;

/** What is known of a call besides its media. */
export type NatHintCall = {
  readonly answered: boolean;
  readonly bridged: boolean;
  /** The settings say so of its carrier, of its dialer. */
  readonly calleeBehindNat: boolean;
  readonly dialerBehindNat: boolean;
  /** Who called: a carrier, whose calls go to a target of `inbound`, or a dialer, which has a name or has none. */
  readonly caller: 'carrier' | 'named-dialer' | 'unnamed-dialer';
};

/** One sentence for each peer that was never heard while packets from addresses that no SDP named were dropped. */
export function natHints(report: MediaReport, call: NatHintCall): readonly string[] {
  if (!call.answered || report.drops.foreign < FOREIGN_PACKETS_MIN) return [];
  const hints: string[] = [];
  if (report.firstFromCalleeAt === null && !call.calleeBehindNat)
    hints.push(hint('callee', SETTINGS[call.caller].callee));
  if (report.firstFromDialerAt === null && call.bridged && !call.dialerBehindNat)
    hints.push(hint('dialer', SETTINGS[call.caller].dialer));
  return hints;
}

/** The settings of each leg's peer. */
const SETTINGS = {
  carrier: { callee: 'inbound[].nat', dialer: 'carriers[].nat' },
  'named-dialer': { callee: 'carriers[].nat', dialer: 'dialers.named[].nat' },
  'unnamed-dialer': { callee: 'carriers[].nat', dialer: 'dialers.nat' },
} as const;

function hint(peer: string, setting: string): string {
  return `no RTP from the ${peer}, and packets from addresses its SDP does not name were dropped: see ${setting}`;
}
