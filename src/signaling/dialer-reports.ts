/** What a dialer says of its agent, and of what answered, in requests inside its dialog. */
import type { Clock } from '../base/clock.ts';
import type { Agent } from '../call/call-facts.ts';
import type { CallSink } from '../guard/signaling-port.ts';
import { type HeaderNames, readAgent, readDisposition } from './brusio-headers.ts';
import type { DisplayUpdates } from './display-update.ts';
import type { SipRequest } from './drachtio-srf.ts';
import { agentInFrom } from './replaces.ts';

/** What the call around it gives. */
export type DialerReportParts = {
  readonly clock: Clock;
  readonly headerNames: HeaderNames;
  readonly display: DisplayUpdates;
  /** The number that the callee sees. */
  readonly callerId: string;
  readonly sink: () => CallSink | null;
};

/** The reports of one call. */
export type DialerReports = {
  /** The dialer has our 200: whom it shows from now on is on the line. */
  answered(): void;
  /** Reads an INFO, re-INVITE or UPDATE; false when it says nothing. */
  read(asked: SipRequest): boolean;
  /** Reads the INVITE of a dialog that has taken the place of the dialer's (RFC 3891). */
  replaced(invite: SipRequest): void;
};

/** Which request told. */
const SOURCES: Readonly<Record<string, 'sip-info' | 'sip-re-invite' | 'sip-update'>> = {
  INFO: 'sip-info',
  INVITE: 'sip-re-invite',
  UPDATE: 'sip-update',
};

/** None read yet. */
export function createDialerReports(parts: DialerReportParts): DialerReports {
  const { clock, headerNames, display } = parts;
  let isAnswered = false;

  return {
    answered() {
      isAnswered = true;
    },
    read(asked) {
      const source = SOURCES[asked.method] ?? 'sip-info';
      const report = readAgent(asked.get(headerNames.agent), source, 'connected');
      const shown = isAnswered ? display.agentIn(asked) : null;
      const isDisposed = disposition(asked, source);
      if (report !== null) tell(report);
      else if (shown !== null) tell({ agent: shown, state: 'connected' });
      return report !== null || shown !== null || isDisposed;
    },
    replaced(invite) {
      const report = readAgent(invite.get(headerNames.agent), 'sip-replaces', 'connected');
      disposition(invite, 'invite-header');
      tell(report ?? { agent: agentInFrom(invite, parts.callerId), state: 'connected' });
    },
  };

  function disposition(asked: SipRequest, source: Parameters<typeof readDisposition>[1]): boolean {
    const said = readDisposition(asked.get(headerNames.disposition), source);
    if (said !== null) parts.sink()?.event({ type: 'disposition-reported', at: clock.now(), disposition: said });
    return said !== null;
  }

  function tell({ agent, state }: { agent: Agent; state: 'connected' | 'reserved' | 'left' }): void {
    if (state === 'connected') parts.sink()?.event({ type: 'agent-bridged', at: clock.now(), agent });
    if (state === 'left') parts.sink()?.event({ type: 'agent-left', at: clock.now() });
  }
}
