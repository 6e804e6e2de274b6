import type { SipMessage } from '../message/sip-message.ts';
import type { Applications } from './application.ts';

/** Why a call ended, in drachtio-server's words. */
export type CdrStopReason =
  | 'call-rejected'
  | 'call-canceled'
  | 'normal-release'
  | 'session-expired'
  | 'system-initiated-termination'
  | 'system-error-initiated-termination';

/** Who caused it: a message of the network, or one of ours. */
export type CdrSource = 'network' | 'application';

/**
 * Call detail records, for whichever application routed them (`cdr:attempt`, `cdr:start`, `cdr:stop`): one attempt for every
 * INVITE that reached an application or left one, one start for every answer, one stop for the end of either.
 */
export type Cdr = {
  attempt(source: CdrSource, invite: SipMessage): void;
  start(source: CdrSource, role: 'uac' | 'uas', answer: SipMessage): void;
  stop(source: CdrSource, reason: CdrStopReason, message: SipMessage): void;
};

/** Makes the reporter; where nobody routed records it does nothing. */
export function createCdr(applications: Applications): Cdr {
  return {
    attempt: (source, invite) => applications.next('CDR:ATTEMPT')?.deliverCdr('attempt', source, null, invite),
    start: (source, role, answer) => applications.next('CDR:START')?.deliverCdr('start', source, role, answer),
    stop: (source, reason, message) => applications.next('CDR:STOP')?.deliverCdr('stop', source, reason, message),
  };
}

/** The reason of a BYE that the engine sends on its own account. */
export function cdrReasonOf(byeReason: string): CdrStopReason {
  if (byeReason === 'Session timer expired') return 'session-expired';
  return byeReason === 'application gone' ? 'system-initiated-termination' : 'system-error-initiated-termination';
}
