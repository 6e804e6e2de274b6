import { addMs, type Clock } from '../base/clock.ts';
import type { Notice } from './transport/tls-notices.ts';

/** Why the engine itself refuses a request with 503. */
export type OverloadReason = 'no application is connected' | 'transactionsMax is reached' | 'dialogsMax is reached';

/** From one line about a reason to the next. */
const REPEAT_MS = 10_000;

/** Tells why requests are refused with 503: the first of a reason at once, how many followed it every ten seconds. */
export function createRefusalNotices(clock: Clock, notice: Notice): (reason: OverloadReason) => void {
  /** How many were not told of yet, for each reason with a timer. */
  const untold = new Map<OverloadReason, number>();

  const tellLater = (reason: OverloadReason) => {
    untold.set(reason, 0);
    clock.setTimer(addMs(clock.monotonicMs(), REPEAT_MS), () => {
      const more = untold.get(reason) ?? 0;
      untold.delete(reason);
      if (more === 0) return;
      notice('warn', `requests refused with 503: ${reason} (${more} more in ${REPEAT_MS / 1_000} s)`);
      tellLater(reason);
    });
  };

  return (reason) => {
    const more = untold.get(reason);
    if (more !== undefined) {
      untold.set(reason, more + 1);
      return;
    }
    notice('warn', `a request was refused with 503: ${reason}`);
    tellLater(reason);
  };
}
