import { addMs, type Clock, type Timer } from '../base/clock.ts';
import type { ServerTransaction } from '../sip/transaction/server-transaction.ts';
import { DEFAULT_SIP_TIMERS, timeoutMs } from '../sip/transaction/sip-timers.ts';

/**
 * Repeats a 2xx that was sent until its ACK is in (RFC 3261 §13.3.1.4): after T1, twice as long each time up to T2. The
 * returned timer is cancelled by the ACK; `onGivenUp` is called when none came in 64*T1.
 */
export function repeatAnswer(clock: Clock, transaction: ServerTransaction, onGivenUp: () => void): Timer {
  const { t1Ms, t2Ms } = DEFAULT_SIP_TIMERS;
  const endAtMs = addMs(clock.monotonicMs(), timeoutMs(DEFAULT_SIP_TIMERS));
  let intervalMs = t1Ms;
  let timer: Timer;
  const arm = () => {
    timer = clock.setTimer(addMs(clock.monotonicMs(), intervalMs), () => {
      if (clock.monotonicMs() >= endAtMs) {
        onGivenUp();
        return;
      }
      transaction.resend();
      intervalMs = Math.min(2 * intervalMs, t2Ms);
      arm();
    });
  };
  arm();
  return { cancel: () => timer.cancel() };
}
